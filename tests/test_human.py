"""Human similarity of faces: read whole, pair by pair, or refused; the network is never asked in tests."""

import hashlib
import itertools

import numpy as np
import pooch
import pytest
from scipy.spatial.distance import pdist, squareform

from kit.behavior import human

pytestmark = pytest.mark.filterwarnings("ignore:.*not the authors' file")  # these are planted ones


def planted(seed: int = 0) -> np.ndarray:
    """Similarities (100, 100) with a common part for faces of one sex, in steps of 1/98."""
    rng = np.random.default_rng(seed)
    place = rng.normal(size=(100, 3)) + np.where(np.arange(100) < 50, 2.0, -2.0)[:, None]
    far = squareform(pdist(place))
    return np.round(98 * (1 - far / far.max())) / 98


def lines(similarity: np.ndarray) -> list[str]:
    """The file in the form of the authors: an unnamed column of pairs, similarity, response_time."""
    pairs = itertools.combinations(range(100), 2)
    return [",similarity,response_time"] + [
        f'"({i}, {j})",{similarity[i, j]},{3 + i / 100 + j / 1000}' for i, j in pairs
    ]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "2D_similarity-rt.csv"
    path.write_text("\n".join(lines(planted())) + "\n")
    return path


def pin(monkeypatch, kind: str, path):
    """Take a file for the authors' own."""
    monkeypatch.setitem(human.SHA256, kind, hashlib.sha256(path.read_bytes()).hexdigest())


def test_pairs_are_in_the_order_of_scipy(file):
    found = human.face_similarity("2D", file)
    assert found.rdm.shape == found.response_time.shape == (4950,) and found.female.sum() == 50
    square = squareform(found.rdm)
    assert square[3, 71] == pytest.approx(1 - planted()[3, 71]) and square[99, 98] == pytest.approx(
        1 - planted()[99, 98]
    )
    assert squareform(found.response_time)[2, 9] == pytest.approx(3.029)
    assert found.female[49] and not found.female[50]


def test_rows_and_numbers_of_a_pair_may_come_in_any_order(file, tmp_path):
    head, *rows = lines(planted())
    mixed = np.random.default_rng(0).permutation(rows).tolist()
    swapped = [row.replace('"(3, 71)"', '"(71, 3)"') for row in mixed]
    other = tmp_path / "mixed.csv"
    other.write_text("\n".join([head, *swapped]))
    assert np.array_equal(human.face_similarity("2D", other).rdm, human.face_similarity("2D", file).rdm)


def test_within_one_sex_the_confound_is_gone(file):
    found = human.face_similarity("3D", file)
    assert found.same_sex.sum() == 2 * 50 * 49 / 2
    assert np.corrcoef(found.same_sex, found.rdm)[0, 1] < -0.5, "sex alone explains much of all pairs"
    men = found.within("male")
    assert men.rdm.shape == (1225,) and not men.female.any() and men.same_sex.all()
    assert np.allclose(squareform(men.rdm), squareform(found.rdm)[50:, 50:])
    assert np.allclose(squareform(found.within("female").response_time), squareform(found.response_time)[:50, :50])
    with pytest.raises(ValueError, match="'female' or 'male'"):
        found.within("men")


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda rows: rows[:-1], "4950 pairs of 100 faces once each; it has 4949 rows"),
        (lambda rows: [*rows[:-1], rows[-2]], "4949 different pairs"),
        (lambda rows: [*rows[:-1], rows[-1].replace("(98, 99)", "(98, 100)")], "4950 pairs"),
        (lambda rows: [*rows[:-1], rows[-1].replace("(98, 99)", "(98, 98)")], "4950 pairs"),
        (lambda rows: [rows[0], rows[1].replace('"(0, 1)"', "0-1"), *rows[2:]], "line 2: '0-1' is no pair"),
        (lambda rows: [*rows[:7], '"(0, 7)",1.2,3', *rows[8:]], "line 8: similarity must be 0 to 1"),
        (lambda rows: [*rows[:7], '"(0, 7)",,3', *rows[8:]], "line 8: similarity"),
        (lambda rows: [*rows[:7], '"(0, 7)",.5,-1', *rows[8:]], "line 8: .*response_time >= 0"),
        (lambda rows: [*rows[:7], '"(0, 7)",.5,inf', *rows[8:]], "line 8: .*response_time"),
        (lambda rows: [rows[0].replace("similarity", "sim"), *rows[1:]], "column 'similarity' is missing"),
        (lambda rows: [*rows[:7], '"(0, 7)",half,3', *rows[8:]], "line 8: 'half' is not a number"),
        (lambda rows: [], "no CSV table"),
        (lambda rows: ["<!DOCTYPE html>", "<p>404: Not Found</p>"], "no CSV table .*: delete it and load it again"),
        (lambda rows: rows[:1], "has 0 rows"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path, broken, words):
    path = tmp_path / "bad.csv"
    path.write_text("\n".join(broken(lines(planted()))))
    with pytest.raises(ValueError, match=words):
        human.face_similarity("2D", path)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / name)
    return tmp_path / "shared-features" / "facesim3d"


def test_without_a_network_the_remedy_is_told(cache, monkeypatch):
    def offline(address, **_):
        raise ConnectionResetError("no network")

    monkeypatch.setattr(pooch, "retrieve", offline)
    with pytest.raises(ConnectionError) as caught:
        human.face_similarity("3D")
    told = str(caught.value)
    assert "could not be downloaded" in told and f"/{human.COMMIT}/results/main/rt/3D_similarity-rt.csv" in told
    assert f"save it as {cache / '3D_similarity-rt.csv'}" in told
    with pytest.raises(ValueError, match="'2D' or '3D'"):
        human.face_similarity("4D")


def test_it_is_downloaded_once_and_a_changed_file_is_refused(cache, file, monkeypatch):
    asked = []
    pin(monkeypatch, "2D", file)

    def fetch(address, known_hash, fname, path):
        asked.append(address)
        path.mkdir(parents=True, exist_ok=True)
        (path / fname).write_bytes(file.read_bytes())
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", fetch)
    first, second = human.face_similarity("2D"), human.face_similarity("2D")
    assert len(asked) == 1 and asked[0].startswith("https://") and np.array_equal(first.rdm, second.rdm)
    kept = cache / "2D_similarity-rt.csv"
    kept.write_text("\n".join(lines(planted(seed=1))))
    with pytest.raises(ValueError, match="not the file of commit 31df20da .its sha256 differs.: delete it"):
        human.face_similarity("2D")
    kept.unlink()
    assert np.array_equal(human.face_similarity("2D").rdm, first.rdm) and len(asked) == 2


def test_the_first_download_is_not_trusted_either(cache, file, monkeypatch):
    def fetch(address, known_hash, fname, path):
        path.mkdir(parents=True, exist_ok=True)
        (path / fname).write_bytes(file.read_bytes())
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", fetch)
    with pytest.raises(ValueError, match="its sha256 differs"):
        human.face_similarity("2D")


def test_a_file_of_the_other_kind_is_refused_and_one_of_ones_own_is_told(file, monkeypatch):
    pin(monkeypatch, "3D", file)
    with pytest.raises(ValueError, match=r"is the 3D file: ask for face_similarity\('3D', path\)"):
        human.face_similarity("2D", file)
    found = human.face_similarity("3D", file)
    file.write_text("\n".join(lines(planted(seed=1))))
    with pytest.warns(UserWarning, match="not the authors' file of commit 31df20da: taken as 3D"):
        assert not np.array_equal(human.face_similarity("3D", file).rdm, found.rdm)


def test_the_pinned_sums_are_those_of_the_commit():
    assert [len(human.SHA256[kind]) for kind in human.KINDS] == [64, 64]
    assert human.SHA256["2D"].startswith("9e74d878b35d") and human.SHA256["3D"].startswith("a047bc7fac43")


def test_a_download_that_is_no_such_file_is_told_and_not_trusted(cache, monkeypatch):
    def page(address, known_hash, fname, path):
        path.mkdir(parents=True)
        (path / fname).write_text("<html>blocked</html>")
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", page)
    with pytest.raises(ValueError, match="no CSV table.*load it again"):
        human.face_similarity("2D")
