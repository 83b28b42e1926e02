"""Draw how the error of the shipped networks fell while they were trained: `python docs/training.py`.

Everything comes from the model cards. Writes `docs/pictures/training.svg`, the table of `docs/training.md` and that of
gates in `data/README.md`.
"""

import re
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from kit import networks, plots
from kit.networks import shipped
from kit.study.figures import label
from kit.study.svg import svg

ROOT = Path(__file__).resolve().parents[1]
PICTURE, PAGE = ROOT / "docs/pictures/training.svg", ROOT / "docs/training.md"


def curves() -> dict[str, dict]:
    """What the cards tell of every network and seed that has a curve, by its name."""
    out = {}
    for name in shipped.names():
        for seed in shipped.seeds(name):
            training = networks.load(name, seed=seed).card["training"]
            if "curve" in training:
                out[shipped.entry(name, seed)] = training
    return out


def figure(known: dict[str, dict]) -> go.Figure:
    """Validation loss against images seen, each relative to its last."""
    drawn = go.Figure()
    for place, (name, training) in enumerate(known.items()):
        curve = training["curve"]
        loss, seen = np.array(curve["validation_loss"]), np.cumsum(curve["images"]) / 1000
        look = dict(color=plots.PALETTE[place % len(plots.PALETTE)], width=2)
        drawn.add_trace(go.Scatter(x=seen, y=loss / loss[-1], mode="lines", name=label(name), line=look))
    drawn.update_xaxes(title="images seen, thousands")
    return drawn.update_yaxes(title="validation loss, relative to the last", range=[0.9, 2.2])


def table(known: dict[str, dict]) -> str:
    rows = [
        "| network | images | images a second | validation loss, last | one epoch before |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, t in known.items():
        loss = t["curve"]["validation_loss"]
        rows.append(
            f"| {name} | {t['images']:,} | {t['images'] / t['seconds']:.0f} | {loss[-1]:.4f} | {loss[-2]:.4f} |"
        )
    return "\n".join(rows)


def gates() -> str:
    """The table of gates of `data/README.md`."""
    rows = ["| network | seed | gate | value | limit | | nats |", "|---|---:|---|---:|---:|---|---:|"]
    for row in shipped.gate_table().itertuples():
        nats = "" if row.nats is None or np.isnan(row.nats) else f"{row.nats:.1f}"
        rows.append(
            f"| {row.network} | {row.seed} | {row.gate} | {row.value:.4f} | {row.limit:.4f} | {row.passed} | {nats} |"
        )
    return "\n".join(rows)


def within(page: Path, heading: str, table: str) -> None:
    """Put a table in the place of the one below a heading of a page."""
    before, rest = page.read_text(encoding="utf-8").split(heading, 1)
    start = rest.index("\n|") + 1
    end = start + re.search(r"(\|.*\n)+", rest[start:]).end()
    page.write_text(f"{before}{heading}{rest[:start]}{table}\n{rest[end:]}", encoding="utf-8")


if __name__ == "__main__":
    found = curves()
    text = "Validation loss of each network against the images it has seen, relative to where it ended."
    PICTURE.write_text(svg(figure(found), "How far the networks were trained", text), encoding="utf-8")
    within(PAGE, "## How far", table(found))
    within(ROOT / "data/README.md", "### Gates", gates())
