"""The recipes of docs/your-own.md, run as they stand there."""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from kit import study
from kit.behavior import observers, ratings
from kit.faces import load
from kit.study import controversial, panels
from kit.study.design import Design

PAGE = (Path(__file__).parents[1] / "docs" / "your-own.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```", PAGE, re.MULTILINE | re.DOTALL))
TINY = Design(("Mei",), observers=1, controls=(), trials=90, pixels=4, pixels_long=0, folds=3, shifts=2)
NETWORK = """
from torch import nn

class MyNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 6, 32, 32), nn.ReLU(), nn.Flatten())
        self.head = nn.Linear(6 * 49, 5)

    def forward(self, x):
        return self.head(self.features(x))
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(study, "QUICK", TINY)
    yield tmp_path
    sys.modules.pop("my_network", None)


def run(name, here):
    code = RECIPES[name]
    exec(compile(code, f"docs/your-own.md, {name}", "exec"), {"__name__": "recipe"})


def scores(folder):
    return study.Results.load(folder).main_scores().groupby("space")["mi"].mean()


def test_recipes_are_short():
    assert {"A torch module", "An ONNX file", "A table of ratings"} <= set(RECIPES)
    assert {name: len(code.splitlines()) for name, code in RECIPES.items() if len(code.splitlines()) > 15} == {}


def test_a_torch_module(here):
    (here / "my_network.py").write_text(NETWORK)
    torch.manual_seed(0)
    features = nn.Sequential(nn.Conv2d(3, 6, 32, 32), nn.ReLU(), nn.Flatten())
    weights = {f"features.{k}": v for k, v in features.state_dict().items()}
    save_file(weights | {"head.weight": torch.zeros(5, 294), "head.bias": torch.zeros(5)}, here / "mine.safetensors")
    run("A torch module", here)
    assert np.isfinite(scores("results/mine")["mine"])
    page = (here / "results/mine/report.html").read_text()
    assert "mine" in page and "224 x 224 pixels" in page


def test_an_onnx_file(here):
    reason = "pip install -c constraints.txt -e '.[test,pretrained]'"
    onnx = pytest.importorskip("onnx", reason=reason)
    pytest.importorskip("onnxruntime", reason=reason)
    from onnx import TensorProto, helper, numpy_helper

    kernel = np.random.default_rng(0).normal(size=(4, 3, 32, 32)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["m"], strides=[32, 32]), helper.make_node("Flatten", ["m"], ["y"])]
    shape = ["n", 3, "h", "w"]
    graph = helper.make_graph(
        nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", None])], [numpy_helper.from_array(kernel, "w")],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), here / "mine.onnx")
    run("An ONNX file", here)
    assert np.isfinite(scores("results/onnx")["mine"])


def test_a_table_of_ratings(here, capsys):
    table = panels.simulate(TINY).assign(rt_choice_ms=np.nan, rt_rating_ms=np.nan)
    ratings.write(table, here / "my.csv")
    run("A table of ratings", here)
    said, long = capsys.readouterr().out, pd.read_csv(here / "results/ratings/long.csv")
    assert "tells most about the ratings" in said and "encoder" in said
    assert {"space", "kind", "score", "value"} <= set(long) and set(long["space"]) >= {"shape", "viae"}


def test_panels_that_decide(here, capsys):
    run("Panels that decide", here)
    few, many = map(float, re.search(r"([\d.]+) bits a trial, ([\d.]+) in random", capsys.readouterr().out).groups())
    assert few > 1.5 * many
    shown = controversial.Chosen.read(here / "panels.csv").trials()
    assert len(shown) == 12
    observers.special(load())["shape user"].rate(shown, 0)
