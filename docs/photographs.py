"""Draw the layers of the recogniser that was trained on photographs: python docs/photographs.py -> docs/pictures."""

from pathlib import Path

from kit import study
from kit.faces.views import VIEWS
from kit.study.svg import svg

PICTURES = Path(__file__).parent / "pictures"

if __name__ == "__main__":
    for view in VIEWS:
        found = study.shipped_layers(view)
        title = f"A recogniser trained on photographs, layer by layer: simulated observers, {view} faces"
        text = f"{title}. {study.describe_layers(found)} Bars: 95 % intervals of the information."
        drawn = svg(study.layer_figure(found), title, text)
        (PICTURES / f"photographs_{view}.svg").write_text(drawn, encoding="utf-8")
