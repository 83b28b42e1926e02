"""Simulated EEG: planted waves come back at their latencies; MNE and scikit-learn compute the same."""

import numpy as np
import pytest
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import StratifiedKFold, cross_val_score

from kit import faces
from kit.behavior import observers
from kit.brain import eeg, time_resolved, viewing
from kit.faces.stimuli import identities

SAMPLE = 1000 / eeg.RATE  # ms


@pytest.fixture(scope="module")
def shown():
    return viewing.people_who_change(faces.load(), rng=0)


@pytest.fixture(scope="module")
def epochs(shown):
    _, person, structure = shown
    return eeg.simulate(person, structure, rng=0)


@pytest.fixture(scope="module")
def ms(epochs):
    return 1000 * epochs.times


@pytest.fixture(scope="module")
def who(epochs, shown):
    return time_resolved.generalise(epochs.data, shown[1])


@pytest.fixture(scope="module")
def structure_map(epochs, shown):
    return time_resolved.information(epochs.data, shown[2])


# ---- the simulation


def test_the_simulation_says_that_it_is_one(epochs):
    assert "SIMULATED" in repr(epochs) and epochs.origin == "SIMULATED"


def test_the_stimuli_part_who_from_how_broad(shown):
    faces_shown, person, structure = shown
    assert np.bincount(person).tolist() == [150] * 4
    assert max(abs(np.corrcoef(person == k, structure)[0, 1]) for k in range(4)) < 0.1
    assert np.allclose(faces_shown.shape[:, viewing.STRUCTURE], structure, atol=1e-6)
    rest = np.delete(faces_shown.shape, viewing.STRUCTURE, axis=1)
    assert all(np.ptp(rest[person == k], axis=0).max() == 0 for k in range(4))


def test_the_mean_wave_is_the_planted_one(epochs, ms):
    mean = epochs.data.mean(axis=0)
    negative = epochs.sensors[mean[:, ms == 170].argmin()]
    assert negative == "P8" and abs(ms[epochs.at("P8").mean(axis=0).argmin()] - 170) <= SAMPLE
    assert abs(ms[epochs.at("Oz").mean(axis=0).argmax()] - 100) <= SAMPLE
    assert np.abs(mean[:, ms < 0]).max() < 1.5  # microvolts; the waves are 5 and 6


def test_noise_has_the_spectrum_of_a_head(shown):
    _, person, structure = shown
    quiet = eeg.simulate(person[:200], structure[:200], noise=1.0, rng=1)
    power = np.abs(np.fft.rfft(quiet.data[..., :20], axis=-1)[..., 1:]) ** 2  # before the face
    frequency = np.fft.rfftfreq(20, 1 / eeg.RATE)[1:]
    slope = np.polyfit(np.log(frequency), np.log(power.mean(axis=(0, 1))), 1)[0]
    assert -1.6 < slope < -0.6
    before = quiet.data[..., :20].transpose(1, 0, 2).reshape(32, -1)
    near, far = (np.corrcoef(before[list(eeg.SENSORS).index("Oz")], before[list(eeg.SENSORS).index(s)])[0, 1]
                 for s in ("O1", "Fz"))  # fmt: skip
    assert near > 0.4 > far


def test_unequal_lists_are_refused(epochs):
    with pytest.raises(ValueError, match="give one of each a trial"):
        eeg.simulate(np.zeros(3, int), np.zeros(4))
    with pytest.raises(ValueError, match="there is no sensor 'P9'; there are Fp1"):
        epochs.at("P9")


def test_sensors_lie_where_mne_puts_them():
    mne = pytest.importorskip("mne", reason="mne is not installed: pip install 'shared-features[brain]'")
    theirs = mne.channels.make_standard_montage("biosemi32").get_positions()["ch_pos"]
    for name, ours in zip(eeg.SENSORS, eeg.positions()):
        unit = theirs[name] / np.linalg.norm(theirs[name])
        assert ours @ unit > np.cos(np.radians(2)), name


# ---- what comes back, and when


def test_identity_is_told_at_its_latency_and_not_before(who, ms):
    accuracy = np.diagonal(who)
    first = ms < 380  # the first of two identity waves
    assert abs(ms[first][accuracy[first].argmax()] - 280) <= SAMPLE
    assert accuracy.max() > 0.5 and abs(accuracy[ms < 0].mean() - 0.25) < 0.02
    assert accuracy[ms <= 180].max() < 0.33  # the N170-like wave tells nothing of who it is


def test_the_code_of_identity_changes(who, ms):
    early, late = (int(np.flatnonzero(ms.round() == t)[0]) for t in (280, 460))
    assert min(who[early, early], who[late, late]) > 0.4
    assert max(who[early, late], who[late, early]) < 0.36
    assert who[late, late + 2] > 0.4  # within a wave the code lasts


def test_structure_is_told_at_170_ms_on_the_right(structure_map, epochs, ms):
    bits = structure_map.observed
    sensor, moment = np.unravel_index(bits.argmax(), bits.shape)
    assert epochs.sensors[sensor] == "P8" and abs(ms[moment] - 170) <= SAMPLE
    assert bits.max() > 3 * structure_map.threshold()


def test_before_the_face_there_is_no_information(structure_map, ms):
    before = structure_map.observed[:, ms < 0]
    assert not structure_map.significant()[:, ms < 0].any()
    assert abs(before.mean()) < 0.002
    inside = structure_map.significant().any(axis=0)
    assert set(ms[inside]) <= set(range(100, 250, 10))


def test_information_equals_its_formula(epochs, shown):
    from kit.analysis.information import gcmi

    found = time_resolved.information(epochs.data[:, :2, 30:40], shown[2], shuffles=20)
    assert found.observed.shape == (2, 10)
    assert found.observed[1, 7] == pytest.approx(gcmi(epochs.data[:, 1, 37], shown[2]))


def test_redundancy_follows_the_task(epochs, shown, ms):
    """The same signal shares with shape what it tells about breadth at 170 ms, about likeness when identity comes."""
    faces_shown, person, structure = shown
    ada = identities(faces.load())["Ada"].with_design("female", 35, "caucasian")
    shape = faces_shown.shape.copy()
    shape[:, viewing.STRUCTURE] = 0
    likeness = observers.special(ada.model)["shape user"].felt(faces_shown.with_shape(shape), ada)
    first, second = np.arange(600) < 300, np.arange(600) >= 300  # one half to choose the sensor, the other to test
    sensor = epochs.sensors[time_resolved.information(epochs.data[first], likeness[first], 20).observed.max(1).argmax()]
    noise = 0.5 * np.random.default_rng(0).normal(size=600)  # of simulated answers
    for where, feature, least, most in (("P8", structure, 150, 190), (sensor, likeness, 230, 560)):
        parts = time_resolved.redundancy(epochs.at(where)[second], feature[second], (feature + noise)[second])
        assert parts.redundancy.shape == ms.shape
        assert least <= ms[parts.redundancy.argmax()] <= most
        assert parts.redundancy.max() > 1.5 * parts.redundancy[ms < 0].max()


# ---- decoders


def test_the_decoder_is_scikit_learns(epochs, shown):
    person, moment = shown[1], 48
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=time_resolved.SHRINKAGE)
    theirs = cross_val_score(lda, epochs.data[:, :, moment], person, cv=folds)
    ours = time_resolved.decode(epochs.data[:, :, moment : moment + 1], person)
    assert ours[0] == pytest.approx(theirs.mean(), abs=1e-9)


def test_generalisation_is_scikit_learns_too(epochs, shown):
    person = shown[1]
    right = np.zeros(600, bool)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(person, person):
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=time_resolved.SHRINKAGE)
        lda.fit(epochs.data[train, :, 48], person[train])
        right[test] = lda.predict(epochs.data[test, :, 51]) == person[test]
    ours = time_resolved.generalise(epochs.data[:, :, [48, 51]], person)
    assert ours[0, 1] == pytest.approx(right.mean())


def test_shuffled_labels_are_not_decoded(epochs, shown):
    shuffled = np.random.default_rng(0).permutation(shown[1])
    assert abs(time_resolved.decode(epochs.data, shuffled).mean() - 0.25) < 0.02


def test_too_few_trials_of_a_class_are_refused(epochs):
    labels = np.zeros(600, int)
    labels[:3] = 1
    with pytest.raises(ValueError, match="at least 5 trials each"):
        time_resolved.decode(epochs.data, labels)
    with pytest.raises(ValueError, match="one row per trial"):
        time_resolved.decode(epochs.data, labels[:50])


# ---- exchange with MNE


def test_epochs_go_to_mne_and_come_back(epochs, shown):
    mne = pytest.importorskip("mne", reason="mne is not installed: pip install 'shared-features[brain]'")
    names = {"Ada": 0, "Mei": 1, "Leo": 2, "Kofi": 3}
    theirs = eeg.to_epochs(epochs, shown[1], names)
    assert isinstance(theirs, mne.BaseEpochs) and theirs.get_montage() is not None
    assert len(theirs["Ada"]) == 150 and theirs.info["sfreq"] == pytest.approx(eeg.RATE)
    peak = theirs["Ada"].average().get_peak(tmin=0.13, tmax=0.21, mode="neg")
    assert peak[0] == "P8" and abs(1000 * peak[1] - 170) <= SAMPLE
    back, labels = eeg.from_epochs(theirs)
    assert np.allclose(back.data, epochs.data, atol=1e-9) and np.allclose(back.times, epochs.times)
    assert back.sensors == epochs.sensors and back.origin == "SIMULATED" and np.array_equal(labels, shown[1])


def test_a_recording_from_elsewhere_counts_as_measured():
    mne = pytest.importorskip("mne", reason="mne is not installed: pip install 'shared-features[brain]'")
    info = mne.create_info(["Cz", "EOG", "Pz"], 200, ["eeg", "eog", "eeg"])
    events = np.array([[0, 0, 7], [1, 0, 9]])
    data = np.random.default_rng(0).normal(size=(2, 3, 50))
    recorded = mne.EpochsArray(1e-6 * data, info, events, tmin=-0.1, verbose="error")
    ours, labels = eeg.from_epochs(recorded)
    assert ours.origin == "measured" and "measured EEG" in repr(ours)
    assert ours.sensors == ("Cz", "Pz") and labels.tolist() == [7, 9]
    assert np.allclose(ours.at("Pz"), data[:, 2])


def test_without_mne_the_remedy_is_named(monkeypatch, epochs, shown):
    monkeypatch.setitem(__import__("sys").modules, "mne", None)
    with pytest.raises(ImportError, match="pip install 'shared-features"):
        eeg.to_epochs(epochs, shown[1])


# ---- recordings as MNE gives them


@pytest.fixture
def on_disk(tmp_path):
    """Epochs that MNE has not loaded, of which it will drop one."""
    mne = pytest.importorskip("mne", reason="mne is not installed: pip install 'shared-features[brain]'")
    data = np.random.default_rng(0).normal(size=(4, 1000))
    data[:, 500:520] += 100  # the third trial
    info = mne.create_info(["Cz", "Oz", "Pz", "EOG"], 100, ["eeg", "eeg", "eeg", "eog"])
    raw = mne.io.RawArray(1e-6 * data, info, verbose="error")
    raw.save(tmp_path / "x_raw.fif", verbose="error")
    raw = mne.io.read_raw_fif(tmp_path / "x_raw.fif", verbose="error")
    events = np.array([[100 * k + 5, 0, k] for k in range(1, 9)])
    epochs = mne.Epochs(raw, events, tmin=0, tmax=0.3, baseline=None, reject={"eeg": 50e-6}, verbose="error")
    return data, raw, epochs


def test_epochs_that_are_not_loaded_are_loaded_and_labels_follow_the_drops(on_disk):
    data, _, epochs = on_disk
    assert not epochs.preload
    ours, labels = eeg.from_epochs(epochs)
    assert labels.tolist() == [1, 2, 3, 4, 6, 7, 8] and ours.sensors == ("Cz", "Oz", "Pz")
    np.testing.assert_allclose(ours.data[4], data[:3, 605:636], atol=1e-4)
    assert not epochs.preload, "the recording itself is not touched"


def test_channels_marked_bad_are_left_out_and_named(on_disk):
    _, raw, epochs = on_disk
    epochs.info["bads"] = ["Oz", "EOG"]
    with pytest.warns(UserWarning, match="left out 1 channels that are marked bad: Oz"):
        ours, _ = eeg.from_epochs(epochs)
    assert ours.sensors == ("Cz", "Pz") and ours.data.shape[1] == 2
    kept, _ = eeg.from_epochs(epochs, keep_bads=True)
    assert kept.sensors == ("Cz", "Oz", "Pz")
    np.testing.assert_array_equal(kept.data[:, [0, 2]], ours.data)
    epochs.info["bads"] = ["Cz", "Oz", "Pz"]
    with pytest.raises(ValueError, match="all 3 EEG channels are marked bad"):
        eeg.from_epochs(epochs)


def test_a_channel_may_be_called_like_a_kind_of_channels():
    mne = pytest.importorskip("mne")
    info = mne.create_info(["eeg", "eog", "mag"], 100, ["eeg", "eog", "eeg"])
    made = mne.EpochsArray(np.ones((2, 3, 9)) * [[1e-6], [2e-6], [3e-6]], info, verbose="error")
    found, _ = eeg.from_epochs(made)
    assert found.sensors == ("eeg", "mag")
    np.testing.assert_allclose(found.data[0, :, 0], [1, 3])


def test_what_is_no_eeg_in_trials_is_told(on_disk, tmp_path):
    mne = pytest.importorskip("mne")
    _, raw, epochs = on_disk
    with pytest.raises(ValueError, match="continuous recording .*mne.Epochs"):
        eeg.from_epochs(raw)
    with pytest.raises(ValueError, match="average.*single trials are gone"):
        eeg.from_epochs(epochs.average())
    with pytest.raises(ValueError, match="this is ndarray.*mne.read_epochs"):
        eeg.from_epochs(np.zeros((3, 4, 5)))
    info = mne.create_info(["M1", "M2", "S1"], 100, ["mag", "grad", "stim"])
    with pytest.raises(ValueError, match="no EEG, only 1 mag, 1 grad, 1 stim"):
        eeg.from_epochs(mne.EpochsArray(np.zeros((2, 3, 9)), info, verbose="error"))
    epochs.drop_bad(reject={"eeg": 1e-9}, verbose="error")
    with pytest.raises(ValueError, match="dropped all trials"):
        eeg.from_epochs(epochs)
