"""Data of published studies, brought by whoever has them: small files of the same form, written here, are read."""

import numpy as np
import pandas as pd
import pytest
from scipy.io import savemat

from kit.analysis import encoding, rsa
from kit.behavior import human
from kit.study import daube, impressions, matlab, pairs, triplets

h5py = pytest.importorskip("h5py", reason="pip install -c constraints.txt -e '.[adapters]'")
PANELS, PEOPLE, K, M = 40, 3, 5, 2
RNG = np.random.default_rng(0)


def save_v73(path, values):
    """As MATLAB's save -v7.3: axes reversed, texts as numbers, cells as references, a head of 512 bytes."""
    with h5py.File(path, "w", userblock_size=512) as file:

        def put(group, name, value):
            if isinstance(value, str):
                item = group.create_dataset(name, data=np.array([[ord(c)] for c in value], np.uint16))
                item.attrs["MATLAB_class"] = np.bytes_("char")
            elif value.dtype == object:
                cells = file.require_group("#refs#")
                refs = np.empty(value.T.shape, h5py.ref_dtype)
                for place, content in np.ndenumerate(value.T):
                    refs[place] = put(cells, f"c{len(cells)}", content).ref
                item = group.create_dataset(name, data=refs, dtype=h5py.ref_dtype)
                item.attrs["MATLAB_class"] = np.bytes_("cell")
            else:
                item = group.create_dataset(name, data=value.T)
                item.attrs["MATLAB_class"] = np.bytes_("double")
            return item

        for name, value in values.items():
            put(file, name, value)
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file".ljust(512, b" "))
    return path


def save_old(path, values):
    savemat(path, values)
    return path


FORMS = pytest.mark.parametrize("save", [save_old, save_v73])


# ---- Daube et al. (2021)


def behaviour():
    """Three participants; rows and columns of the chosen face, and ratings of people and of one system."""
    files = np.stack([[RNG.permutation(PANELS) + 1 for _ in range(PEOPLE)] for _ in range(4)]).transpose(2, 0, 1)
    rows, columns = (RNG.integers(1, n + 1, (PANELS, 4, PEOPLE, 2)) for n in (2, 3))
    return {"fileNames": files.astype(float), "chosenRow": rows.astype(float), "chosenCol": columns.astype(float),
            "systemsRatings": RNG.integers(1, 7, (PANELS, 4, PEOPLE, 2)).astype(float)}  # fmt: skip


def coefficients():
    return {"vcoeffpure": RNG.normal(size=(K, PANELS, 3, 2, 2)), "tcoeffpure": RNG.normal(size=(K, M, PANELS, 3, 2, 2))}


@FORMS
def test_ratings_and_faces_of_the_study_come_together(save, tmp_path):
    said, known = behaviour(), coefficients()
    table = daube.read_ratings(save(tmp_path / "extractedBehaviouralData.mat", said))
    assert list(table.columns) == daube.COLUMNS and len(table) == PANELS * 4 * PEOPLE
    row = table.query("observer == '2' and identity == 'John' and trial == 7").iloc[0]
    at = (7, 2, 1)
    assert row["panel"] == said["fileNames"][at] - 1 and row["rating"] == said["systemsRatings"][*at, 0]
    assert row["choice"] == 3 * (said["chosenRow"][*at, 0] - 1) + said["chosenCol"][*at, 0] - 1
    faces = daube.read_coefficients(save(tmp_path / "IDcoeff_149_604.mat", known))
    assert faces["shape"].shape == (2, PANELS, 6, K) and faces["texture"].shape == (2, PANELS, 6, K * M)
    own = table.query("observer == '2' and identity == 'Peter'")
    trial = own.iloc[11]
    column, line = trial["choice"] % 3, trial["choice"] // 3
    shape, texture = (daube.chosen(own, faces[kind][1])[11] for kind in ("shape", "texture"))
    np.testing.assert_allclose(shape, known["vcoeffpure"][:, trial["panel"], column, line, 1], rtol=1e-6)
    wanted = known["tcoeffpure"][:, :, trial["panel"], column, line, 1].ravel(order="F")
    np.testing.assert_allclose(texture, wanted, rtol=1e-6)


def test_a_planted_rating_is_predicted_from_the_brought_coefficients(tmp_path):
    """The whole way: files -> chosen faces -> nested ridge."""
    said, known = behaviour(), coefficients()
    for person in range(PEOPLE):
        for identity in range(2):
            at = (slice(None), identity, person)
            panel = said["fileNames"][at].astype(int) - 1
            row, column = (said[n][*at, 0].astype(int) - 1 for n in ("chosenRow", "chosenCol"))
            drive = known["vcoeffpure"][0, panel, column, row, identity]
            said["systemsRatings"][*at, 0] = 1 + np.digitize(drive, [-1.2, -0.5, 0, 0.5, 1.2])
    table = daube.read_ratings(save_old(tmp_path / "b.mat", said))
    faces = daube.read_coefficients(save_old(tmp_path / "c.mat", known))
    own = table[table["identity"] == "Mary"]
    model = encoding.nested_ridge(daube.chosen(own, faces["shape"][0]), own["rating"].to_numpy(), 4)
    assert np.corrcoef(model.predictions[:, 0], own["rating"])[0, 1] > 0.9


def session():
    cells = np.empty((12, 9), object)
    for trial in range(12):
        cells[trial] = ["x"] * 9
        cells[trial, 5:9] = ["Mary", f"img{trial + 3:04d}.png", str(trial % 6 + 1), str(6 - trial % 6)]
        if trial % 2:
            cells[trial, 5] = "Stephany"
    return {"data_007": cells}


@FORMS
def test_a_participants_own_file_is_read(save, tmp_path):
    table = daube.read_session(save(tmp_path / "data_sub7.mat", session()))
    assert set(table["observer"]) == {"7"} and set(table["identity"]) == {"Mary", "Stephany"}
    second = table[table["identity"] == "Stephany"].iloc[1]
    assert second[["trial", "panel", "choice", "rating"]].tolist() == [1, 5, 3, 3]


@FORMS
@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda d: d | {"systemsRatings": d["systemsRatings"] + 6}, "rating .* is not a whole number from 1 to 6"),
        (lambda d: d | {"chosenCol": d["chosenCol"] * 3}, "choice .* is not a whole number from 0 to 5"),
        (lambda d: d | {"fileNames": d["fileNames"][..., 0]}, r"fileNames has 2 axes .*expected 3"),
        (lambda d: {"other": d["fileNames"]}, "has no variable 'fileNames', but other 40 x 4 x 3"),
    ],
)
def test_another_layout_is_told_with_what_the_file_holds(save, change, told, tmp_path):
    with pytest.raises(ValueError, match=told):
        daube.read_ratings(save(tmp_path / "b.mat", change(behaviour())))


@FORMS
def test_trials_without_their_ninth_column_are_told(save, tmp_path):
    with pytest.raises(ValueError, match=r"data_007 has .12, 8. cells; trials have nine columns or more"):
        daube.read_session(save(tmp_path / "data_sub7.mat", {n: cells[:, :8] for n, cells in session().items()}))


def test_what_is_no_matlab_file_is_told(tmp_path):
    (tmp_path / "b.mat").write_text("<html>not found</html>")
    with pytest.raises(ValueError, match="b.mat is no MATLAB file .*download it again"):
        daube.read_ratings(tmp_path / "b.mat")
    with pytest.raises(ValueError, match="there is no file .*see docs/data-you-may-bring.md"):
        matlab.variables(tmp_path / "c.mat")
    swapped = coefficients() | {"vcoeffpure": RNG.normal(size=(K, PANELS, 2, 3, 2))}
    with pytest.raises(ValueError, match=r"expected \(k, panels, 3, 2, identities\)"):
        daube.read_coefficients(save_old(tmp_path / "c.mat", swapped))
    table = pd.DataFrame({"panel": [50], "choice": [0]})
    with pytest.raises(ValueError, match="panel 50 was rated, and there are coefficients of 40 panels"):
        daube.chosen(table, np.zeros((40, 6, 3)))


# ---- pairs


def jozwik(folder, n_pairs=16, people=("ann", "bob", "cat", "dan")):
    """Coefficients of pairs, and sessions in which participants put them by their distance, with noise."""
    p = RNG.normal(size=(n_pairs, 398, 2)) * RNG.uniform(0.2, 1, (n_pairs, 1, 1))
    savemat(folder / "facepair_info_set_A.mat", {"p": p})
    truth = np.linalg.norm(p[..., 0] - p[..., 1], axis=1)
    truth = (truth - truth.min()) / np.ptp(truth)
    (folder / "main").mkdir()
    for who in people:
        for number in (1, 2):
            trials = np.zeros((1, 2), [("facePositions", object), ("PairOrderAndID", object)])
            for trial, own in enumerate(np.array_split(RNG.permutation(n_pairs), 2)):
                height = 1 - truth[own] + 0.05 * RNG.normal(size=len(own))
                both = np.column_stack([RNG.uniform(size=len(own) + 1), np.r_[0.5, height]])
                trials[0, trial] = (both, own + 1)
            savemat(folder / "main" / f"{who}_session{number}.mat", {"resultsStruct": trials})
    return truth


def test_judged_pairs_are_predicted_by_what_they_were_judged_by(tmp_path):
    truth = jozwik(tmp_path)
    faces = pairs.read_pair_coefficients(tmp_path / "facepair_info_set_A.mat")
    assert faces["shape"].shape == faces["texture"].shape == (16, 2, 199)
    table = pairs.read_pair_judgements(tmp_path / "main")
    assert set(table["observer"]) == {"ann", "bob", "cat", "dan"} and set(table["session"]) == {0, 1}
    both = np.concatenate([faces["shape"], faces["texture"]], axis=2)
    distances = {"both": pairs.pair_distances(both), "noise": RNG.normal(size=16)}
    kinds = np.where(truth > np.median(truth), "far", "near")
    scores, ceiling = pairs.pair_scores(distances, pairs.judged(table), kinds)
    means = scores.groupby(["space", "category"])["r"].mean()
    assert means["both", "all"] > 0.9 > 0.6 > abs(means["noise", "all"])
    assert ceiling.lower.mean() > 0.9 and set(scores["category"]) == {"all", "far", "near"}
    assert means["both", "near"] < means["both", "all"], "within a kind less is left to be told"


def test_pairs_that_do_not_fit_are_told(tmp_path):
    jozwik(tmp_path)
    subjects = pairs.judged(pairs.read_pair_judgements(tmp_path / "main"))
    with pytest.raises(ValueError, match=r"'x' has distances of shape \(3,\), and 16 pairs were judged"):
        pairs.pair_scores({"x": np.zeros(3)}, subjects)
    holey = subjects.copy()
    holey.iloc[1, 2] = np.nan
    with pytest.raises(ValueError, match="bob did not judge pair 2"):
        pairs.pair_scores({}, holey)
    savemat(tmp_path / "main" / "eve.mat", {"other": 1})
    with pytest.raises(ValueError, match="eve.mat is no session .* but other"):
        pairs.read_pair_judgements(tmp_path / "main")
    savemat(tmp_path / "p.mat", {"p": np.zeros((3, 4, 2))})
    with pytest.raises(ValueError, match=r"p has shape \(3, 4, 2\); expected \(pairs, 398, 2\)"):
        pairs.read_pair_coefficients(tmp_path / "p.mat")
    with pytest.raises(ValueError, match="no .mat files"):
        pairs.read_pair_judgements(tmp_path / "nothing")


# ---- triplets


def answers(n=9, repeats=6, seed=0):
    """Triplets of heads in a plane; the one farthest from the others is the odd one, with some noise."""
    rng = np.random.default_rng(seed)
    places = np.column_stack([np.repeat([-3, 3], [n // 2, n - n // 2]), np.zeros(n)]) + rng.normal(size=(n, 2))
    rows = []
    for person in range(repeats):
        for a in range(n):
            for b in range(a + 1, n):
                for c in range(b + 1, n):
                    three = rng.permutation([a, b, c])
                    apart = np.linalg.norm(places[three][:, None] - places[three], axis=2).sum(axis=1)
                    odd = three[(apart + 0.3 * rng.normal(size=3)).argmax()]
                    rows.append([f"p{person}", *(three + 1), odd + 1, 0])
    rows += [["p0", 1, 2, 3, 0, 0], ["p0", 1, 1, 3, 3, 1]]  # a time-out and a catch trial
    return places, pd.DataFrame(rows, columns=triplets.COLUMNS)


def test_odd_ones_out_give_back_who_is_near_whom(tmp_path):
    places, table = answers()
    table.to_csv(tmp_path / "trials.csv", index=False)
    read = triplets.read_triplets(tmp_path / "trials.csv")
    assert len(read) == len(table) - 2
    found = triplets.dissimilarity(read)
    order = [f"Head{k + 1}" for k in np.random.default_rng(3).permutation(9)]
    truth = rsa.named_rdms({"places": places}, [f"Head{k + 1}" for k in range(9)], "euclidean").of(order)
    assert rsa.compare(truth, found, "spearman")[0, 0] > 0.7
    both = triplets.halves(read)
    assert rsa.compare(both["half 1"], both["half 2"])[0, 0] > 0.8
    sex = pd.Series(np.repeat(["female", "male"], [4, 5]), index=[f"Head{k + 1}" for k in range(9)])
    told = rsa.compare_within(truth.of(found.stimuli), found, sex[list(found.stimuli)].to_numpy())
    assert told.categories_alone[0] > 0.7, "who is of the same sex tells most"


def test_names_that_look_like_nothing_stay_names(tmp_path):
    _, table = answers(n=5, repeats=1)
    who = np.resize(["NA", "null", "001", ""], len(table))
    table.assign(ppid=who).to_csv(tmp_path / "trials.csv", index=False)
    assert set(triplets.read_triplets(tmp_path / "trials.csv")["ppid"]) == {"NA", "null", "001", ""}
    pd.DataFrame({"stimulus": ["NA", "007"], "gender": [1, 2]}).to_csv(tmp_path / "means.csv", index=False)
    assert list(impressions.read_impressions(tmp_path / "means.csv").index) == ["NA", "007"]


def test_a_pair_that_never_met_and_impossible_answers_are_told(tmp_path):
    _, table = answers(n=5, repeats=1)
    few = table[~((table[triplets.HEADS] == 1).any(axis=1) & (table[triplets.HEADS] == 2).any(axis=1))]
    with pytest.raises(ValueError, match="heads 1 and 2 were judged together 0 times"):
        triplets.dissimilarity(few[few["head_odd"] > 0])
    both = few[~((few[triplets.HEADS] == 4).any(axis=1) & (few[triplets.HEADS] == 5).any(axis=1))]
    with pytest.raises(ValueError, match=r"heads 1 and 2 were judged together 0 times \(2 such pairs\)"):
        triplets.dissimilarity(both[both["head_odd"] > 0])
    for row in (0, 2, 5):
        wrong = table["head_odd"].where(np.arange(len(table)) < row, 9)
        table.assign(head_odd=wrong, catch_head=0).to_csv(tmp_path / "a.csv", index=False)
        with pytest.raises(ValueError, match=f"line {row + 2}: the odd one is none of the three heads"):
            triplets.read_triplets(tmp_path / "a.csv")
    table.drop(columns="head_odd").to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ValueError, match="has no column 'head_odd'"):
        triplets.read_triplets(tmp_path / "b.csv")


def test_the_authors_table_of_pairs_and_list_of_heads(tmp_path):
    people = human.FaceSimilarity(np.array([0.75, 0.5, 0.25]), np.ones(3), np.array([True, True, False]))
    found = triplets.named(people, "2D").of(["Head3", "Head1", "Head2"])
    np.testing.assert_allclose(found.values, [[0.5, 0.25, 0.75]])
    (tmp_path / "headnmap.csv").write_text(
        "CFD-WF-001-003-N.jpg,1,y,Head1\nCFD-WF-009-1-N.jpg,2,x,_\nCFD-BM-002-004-N.jpg,3,y,Head2\n"
    )
    assert triplets.read_heads(tmp_path / "headnmap.csv").to_dict() == {"Head1": "female", "Head2": "male"}
    (tmp_path / "bad.csv").write_text("CFD-WF-001-003-N.jpg,1,y,Head1\nmine.jpg,2,y,Head2\n")
    with pytest.raises(ValueError, match=r"'mine.jpg' \(Head2\) is no name of the Chicago Face Database"):
        triplets.read_heads(tmp_path / "bad.csv")


# ---- impressions


def test_impressions_become_named_targets(tmp_path):
    table = pd.DataFrame({"stimulus": [1, 10, 2, 3], "trustworthy": [10, 20, 60, 90.5], "gender": [80, 20, 90, 10]})
    table.to_csv(tmp_path / "means.csv", index=False)
    read = impressions.read_impressions(tmp_path / "means.csv")
    assert list(read.index) == ["1", "10", "2", "3"] and impressions.perceived_sex(read)["10"] == "female"
    found = impressions.impression_rdms(read, ["trustworthy"])
    assert found["trustworthy"].of(["3", "1", "2"]).values[0, 0] == 80.5
    with pytest.raises(ValueError, match="no attribute 'honest'; there are trustworthy, gender"):
        impressions.impression_rdms(read, ["honest"])
    table.assign(gender=[1, 2, 300, 4]).to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(ValueError, match="gender of picture 2 is 300; means are from 0 to 100"):
        impressions.read_impressions(tmp_path / "bad.csv")
