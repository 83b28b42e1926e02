"""RDMs that know their stimuli: another order is put right by name, other stimuli are refused, tables come back."""

import numpy as np
import pandas as pd
import pytest
from rsatoolbox.data import Dataset
from rsatoolbox.rdm import calc_rdm

from kit.analysis import rsa

STIMULI = ["Ada", "Mei", "Leo", "Kofi", "Ida", "Max"]
RNG = np.random.default_rng(0)
PATTERNS = {"first": RNG.normal(size=(6, 20)), "second": RNG.normal(size=(6, 9))}
RDMS = rsa.named_rdms(PATTERNS, STIMULI)
ORDER = [4, 0, 5, 2, 1, 3]
SHUFFLED = rsa.named_rdms({k: v[ORDER] for k, v in PATTERNS.items()}, [STIMULI[k] for k in ORDER])


@pytest.mark.parametrize("method", ["pearson", "spearman", "tau-a", "cosine", "whitened"])
def test_another_order_of_stimuli_changes_nothing(method):
    scores = rsa.compare(RDMS, SHUFFLED, method)
    np.testing.assert_allclose(scores, rsa.compare(RDMS.values, RDMS.values, method), atol=1e-12)
    np.testing.assert_allclose(np.diag(scores), 1)
    assert not np.allclose(rsa.compare(RDMS.values, SHUFFLED.values, method), scores), "arrays know no order"


def test_ceiling_bootstrap_and_categories_take_named_rdms_too():
    draws, sex = rsa.draw_stimuli(6, 5), np.array(list("ffmmfm"))
    many = [rsa.compare_within(RDMS, side, sex).within for side in (SHUFFLED, RDMS)]
    np.testing.assert_allclose(many[0], many[1], atol=1e-12)
    resampled = [rsa.bootstrap(RDMS, side, draws, "cosine").scores for side in (SHUFFLED, RDMS)]
    np.testing.assert_allclose(resampled[0], resampled[1], atol=1e-12)
    np.testing.assert_allclose(rsa.noise_ceiling(RDMS), rsa.noise_ceiling(RDMS.values))


def test_other_stimuli_are_refused_by_name():
    some = RDMS.of(STIMULI[:-1])
    with pytest.raises(ValueError, match=r"other stimuli \('Max' only among models\): choose those that both have"):
        rsa.compare(RDMS, some)
    renamed = rsa.RDMs(some.values, ["Ada", "Mei", "Leo", "Kofi", "Eve"])
    with pytest.raises(ValueError, match="'Ida' only among models; 'Eve' only among subjects"):
        rsa.compare(some, renamed)
    with pytest.raises(ValueError, match="subjects know their stimuli and models do not"):
        rsa.compare(RDMS.values, RDMS)
    assert rsa.compare(RDMS.of(some.stimuli)["first"], some)[0, 0] == pytest.approx(1)
    with pytest.raises(ValueError, match=r"RDMs\(first, second: 6 stimuli\) has no stimulus 'Eve'"):
        RDMS.of(["Ada", "Eve", "Mei"])


def test_names_and_numbers_must_go_together():
    with pytest.raises(ValueError, match="the stimulus 'Ada' is there 2 times"):
        rsa.RDMs(RDMS.values, ["Ada", *STIMULI[:-1]])
    with pytest.raises(ValueError, match="2 RDMs of 6 stimuli; there are 2 names of RDMs and 5 of stimuli"):
        rsa.RDMs(RDMS.values, STIMULI[1:])
    with pytest.raises(ValueError, match="there are 1 names of RDMs and 6 of stimuli"):
        rsa.RDMs(RDMS.values, STIMULI, ["one"])
    with pytest.raises(ValueError, match="'late' has patterns of 5 stimuli, and 6 names were given"):
        rsa.named_rdms({"late": PATTERNS["first"][:5]}, STIMULI)
    with pytest.raises(KeyError, match="no RDM 'third'; there are first, second"):
        RDMS["third"]


def test_a_table_comes_back_from_rows_in_any_order():
    table = RDMS.to_frame()
    assert list(table.columns) == ["rdm", "one", "other", "dissimilarity"] and len(table) == 2 * 15
    row = table.query("rdm == 'second' and one == 'Mei' and other == 'Ida'")["dissimilarity"].item()
    assert row == RDMS.square()[1, 1, 4]
    back = rsa.RDMs.from_frame(table.sample(frac=1, random_state=1))
    np.testing.assert_allclose(np.diag(rsa.compare(RDMS, back)[:, [back.names.index(n) for n in RDMS.names]]), 1)
    np.testing.assert_array_equal(back["first"].of(STIMULI).values, RDMS["first"].values)
    with pytest.raises(ValueError, match="'second' is there 0 times, it must be there 1"):
        rsa.RDMs.from_frame(table[:-1])
    with pytest.raises(ValueError, match="the pair 'Ada', 'Mei' of the RDM 'first' is there 2 times"):
        rsa.RDMs.from_frame(pd.concat([table, table[:1].rename(columns={"one": "other", "other": "one"})]))


def test_names_travel_to_rsatoolbox_and_back():
    theirs = rsa.to_rsatoolbox(RDMS, stimuli={"sex": list("ffmmfm")})
    assert theirs.pattern_descriptors["stimulus"] == STIMULI and theirs.rdm_descriptors["name"] == ["first", "second"]
    assert theirs.pattern_descriptors["sex"] == list("ffmmfm") and theirs.dissimilarity_measure == "correlation"
    back = rsa.named_from_rsatoolbox(theirs)
    assert (back.stimuli, back.names, back.metric) == (RDMS.stimuli, RDMS.names, "correlation")
    np.testing.assert_array_equal(back.values, RDMS.values)


def test_rsatoolboxs_own_order_of_patterns_does_no_harm():
    data = Dataset(PATTERNS["first"], obs_descriptors={"face": STIMULI})
    theirs = rsa.named_from_rsatoolbox(calc_rdm(data, method="correlation", descriptor="face"), stimulus="face")
    assert theirs.stimuli != RDMS.stimuli, "rsatoolbox sorts"
    assert rsa.compare(RDMS["first"], theirs)[0, 0] == pytest.approx(1)
    with pytest.raises(ValueError, match="no pattern descriptor 'stimulus'; there are .*face.*stimulus="):
        rsa.named_from_rsatoolbox(calc_rdm(data, method="correlation", descriptor="face"))
