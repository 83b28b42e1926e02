"""Two tasks in one network, its double dissociation, named lesions, diagnosis and treatment."""

import numpy as np
import pandas as pd
import pytest
import torch

from kit.analysis.dissociation import dissociation
from kit.networks.basics.convnet import ConvNet
from kit.networks.lesioned import disorders, lesions, two_tasks
from kit.networks.lesioned.disorders import DISORDERS, TESTS, Patient
from kit.networks.lesioned.treatment import TREATMENTS, treat
from kit.networks.lesioned.two_tasks import CHANNELS, LAYERS, Exam

UNITS = CHANNELS[-1]


@pytest.fixture(scope="module")
def shown():
    """Pictures to learn from, to rank with, and to test with."""
    return [two_tasks.pictures(each, seed) for seed, each in enumerate((60, 30, 30))]


@pytest.fixture(scope="module")
def trained(shown):
    return two_tasks.train(shown[0], seed=0)


@pytest.fixture(scope="module")
def ranked(trained, shown):
    return two_tasks.ranking(Exam(trained, shown[1]))


def divided(shown) -> ConvNet:
    """A network whose first 24 top filters alone serve people, the others things: the planted truth."""
    network = two_tasks.train(shown[0], seed=1, epochs=8)
    with torch.no_grad():
        weight = network.readout.weight.view(12, UNITS, -1)
        weight[:6, 24:], weight[6:, :24] = 0, 0
    return network


# ---- the pictures and the network


def test_pictures_hold_both_tasks_and_new_ones_of_the_same_people(shown):
    first, second, _ = shown
    assert len(first) == 12 * 60 and first.images.shape[1:] == (32, 32, 3) and len(first.names) == 12
    assert np.all(np.bincount(first.labels) == 60) and first.is_face.sum() == 360
    assert not any((first.images[k] == second.images).all(axis=(1, 2, 3)).any() for k in range(0, 720, 60))
    again = two_tasks.pictures(2, seed=9)
    assert np.array_equal(again.images, two_tasks.pictures(2, seed=9).images)


def test_one_network_learns_both_tasks(trained, shown):
    assert np.all(Exam(trained, shown[2]).accuracy() > 0.75)  # chance is 1/6


def test_an_exam_from_the_middle_is_the_whole_network(trained, shown):
    for layer in LAYERS:
        exam = Exam(trained, shown[2], layer)
        with torch.inference_mode():
            whole = trained(two_tasks.live.centred(shown[2].images)).numpy()
        assert np.allclose(exam.logits(), whole, atol=1e-4)
        with lesions.ablate(trained, layer, [0, 1]):
            lesioned = trained(two_tasks.live.centred(shown[2].images)).detach().numpy()
            assert np.allclose(exam.logits(), lesioned, atol=1e-4) and not np.allclose(lesioned, whole, atol=1e-2)
    with pytest.raises(ValueError, match=r"no layer 'stages.2' to begin at; there are stages.1, stages.4"):
        Exam(trained, shown[2], "stages.2")


# ---- double dissociation


def test_a_planted_division_is_found_and_dissociates_beyond_random_lesions(shown):
    network = divided(shown)
    order = two_tasks.ranking(Exam(network, shown[1]))
    assert np.mean(order[0, :10] < 24) >= 0.8 and np.mean(order[1, :10] >= 24) >= 0.8
    exam = Exam(network, shown[2])
    random = two_tasks.lesioned(exam, two_tasks.random_groups(UNITS, 10, 99))
    found = dissociation(two_tasks.lesioned(exam, order[:, :10]), random)
    assert np.all(np.diag(found.damage) > 0.1) and np.all(np.abs(found.damage[[0, 1], [1, 0]]) < 0.06)
    assert found.p_double <= 0.03 and found.interaction > 0.2


def test_lesions_by_lot_do_not_dissociate(trained, shown):
    """The same test must stay silent where nothing was chosen: p is small in about one case in twenty."""
    exam, rng = Exam(trained, shown[2]), np.random.default_rng(0)
    random = two_tasks.lesioned(exam, two_tasks.random_groups(UNITS, 10, 199))
    fakes = [two_tasks.lesioned(exam, [rng.choice(UNITS, 10, False) for _ in range(2)]) for _ in range(60)]
    p = np.array([dissociation(fake, random).p for fake in fakes])
    assert 0.01 <= np.mean(p <= 0.1) <= 0.2 and np.mean(p.max(1) <= 0.1) <= 0.06


def test_both_lesions_have_to_stand_out():
    random = np.random.default_rng(0).normal(0.1, 0.03, (999, 2))
    one = dissociation([[0.4, 0.1], [0.12, 0.1]], random)
    assert one.p[0] == 0.001 and one.p[1] > 0.3 and one.p_double == one.p[1]
    both = dissociation([[0.4, 0.1], [0.1, 0.4]], random)
    assert (
        both.p_double == 0.001
        and np.isclose(both.interaction, 0.6)
        and "costs 40 points in task 1 and 10 in task 2" in str(both)
    )
    assert dissociation([[0.1, 0.4], [0.4, 0.1]], random).p_double == 1  # the wrong way round
    with pytest.raises(ValueError, match="must be"):
        dissociation(np.ones((2, 3)), random)


# ---- disorders


@pytest.mark.parametrize("name", DISORDERS)
def test_a_disorder_says_what_it_is_and_is_not_and_ends(name, trained, shown, ranked):
    disorder, exam = DISORDERS[name], disorders.battery(trained, shown[2])
    assert disorder.done and disorder.like and disorder.unlike
    whole = exam.logits()
    patient = disorders.admit(name, ranked, 3)
    with patient.lesion(trained):
        assert np.array_equal(exam.logits(), whole) == (name == "no lesion")
    assert np.array_equal(exam.logits(), whole)
    scores = disorders.examine(patient, exam, 0, trials=20)
    assert list(scores) == list(TESTS) and all(0 <= value <= 1 for value in scores.values())
    assert (scores["same twice"] < 1) == (name == "noisy gain")
    with pytest.raises(ValueError, match="500 pictures of each task are asked for; there are 180 and 180"):
        disorders.examine(patient, exam, 0, trials=500)


def test_severity_and_filters_differ_between_patients(ranked):
    patients = [disorders.admit("prosopagnosia-like", ranked, seed) for seed in range(20)]
    assert len({len(p.units) for p in patients}) > 3 and set(np.concatenate([p.units for p in patients])) <= set(
        ranked[0, : disorders.POOL]
    )
    with pytest.raises(ValueError, match="no disorder 'prosopagnosia'"):
        disorders.admit("prosopagnosia", ranked, 0)


def clinic(rng, each=25):
    """Patients whose scores give each disorder away."""
    names = np.tile(np.repeat(list(DISORDERS), each), 2)
    centres = np.random.default_rng(1).uniform(0.2, 0.9, (len(DISORDERS), len(TESTS)))
    scores = np.repeat(np.concatenate([centres, centres]), each, axis=0) + 0.03 * rng.normal(
        size=(len(names), len(TESTS))
    )
    network = np.repeat([0, 1], each * len(DISORDERS))
    return pd.DataFrame(scores, columns=list(TESTS)).assign(network=network, disorder=names)


def test_a_diagnosis_finds_what_the_scores_give_away_and_guesses_where_they_give_nothing():
    rng = np.random.default_rng(0)
    told = clinic(rng)
    table = disorders.confusion(told, disorders.diagnose(told))
    assert np.all(np.diag(table) > 0.9) and np.allclose(table.sum(axis=1), 1)
    silent = told.assign(**{test: rng.normal(size=len(told)) for test in TESTS})
    right = np.mean(disorders.diagnose(silent) == silent["disorder"])
    assert abs(right - 1 / len(DISORDERS)) < 0.1
    with pytest.raises(ValueError, match="a network left out"):
        disorders.diagnose(told[told["network"] == 0])


def test_a_clinic_examines_everybody(trained, shown, ranked):
    patients = disorders.clinic([disorders.battery(trained, shown[2])] * 2, [ranked] * 2, each=2)
    assert len(patients) == 2 * 2 * len(DISORDERS) and patients[list(TESTS)].notna().all(axis=None)


# ---- treatment


@pytest.fixture(scope="module")
def treated(trained, shown, ranked):
    """Accuracy in both tasks, with the lesion, after each treatment; and the patient."""
    patient = Patient("prosopagnosia-like", ranked[0, :14])
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    out = {}
    for how in TREATMENTS:
        after = treat(patient, trained, shown[1], how)
        exam = Exam(after, shown[2])
        with patient.lesion(after):
            out[how] = exam.accuracy()
    assert all(torch.equal(before[name], value) for name, value in trained.state_dict().items())
    return out


def test_treatment_helps_new_pictures_more_than_none_and_than_sham(treated):
    for how in ("read-out", "retraining"):
        assert treated[how][0] > max(treated["none"][0], treated["sham"][0]) + 0.05, treated
    assert treated["gains"][0] > treated["none"][0] - 0.05


def test_the_sham_does_something_but_not_for_faces(treated):
    assert treated["sham"][0] < treated["retraining"][0] - 0.05
    assert treated["sham"][1] > treated["none"][1]


def test_silenced_filters_stay_silent_through_the_treatment(trained, shown, ranked):
    patient = Patient("prosopagnosia-like", ranked[0, :14])
    after = treat(patient, trained, shown[1], "retraining")
    with patient.lesion(after):
        assert np.all(Exam(after, shown[2]).activity()[:, patient.units] == 0)
    assert all(p.requires_grad for p in after.parameters())
    with pytest.raises(ValueError, match="no treatment 'rest'"):
        treat(patient, trained, shown[1], "rest")
