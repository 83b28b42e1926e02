"""`python -m kit`: what a person at the command line sees."""

import numpy as np
import pytest
from PIL import Image

from kit.__main__ import main


def test_faces_draws_a_sheet(tmp_path, capsys):
    out = tmp_path / "new" / "faces.png"
    assert main(["faces", "--n", "5", "--columns", "3", "--size", "64", "--out", str(out)]) == 0
    assert "5 faces" in capsys.readouterr().out
    sheet = np.asarray(Image.open(out))
    assert sheet.shape == (128, 192, 3)
    cells = [sheet[y : y + 64, x : x + 64] for y in (0, 64) for x in (0, 64, 128)]
    assert all(c.std() > 20 for c in cells[:5]) and cells[5].std() == 0, "five faces and an empty place"


def test_the_seed_chooses_the_faces(tmp_path):
    drawn = []
    for seed in ("1", "1", "2"):
        main(["faces", "--n", "1", "--size", "48", "--seed", seed, "--out", str(tmp_path / "f.png")])
        drawn.append(np.asarray(Image.open(tmp_path / "f.png")))
    assert np.array_equal(drawn[0], drawn[1]) and not np.array_equal(drawn[0], drawn[2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--n", "0"], "at least 1"), (["--age", "7"], "age must be from 18"), (["--size", "0"], "size")],
)
def test_bad_arguments_end_with_a_sentence(tmp_path, capsys, arguments, message):
    assert main(["faces", "--out", str(tmp_path / "f.png"), *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and message in error and not (tmp_path / "f.png").exists()


def test_train_names_the_networks_it_knows(tmp_path, capsys):
    assert main(["train", "vgg", "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ") and "viae" in error and not list(tmp_path.iterdir())
