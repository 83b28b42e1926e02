"""The attention explorer: choose a picture and who asks, and see which patches it listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kit.plots.looks import PALETTE

from .canvas import Canvas, diverging
from .live_picture import Choice, Group, Slider, Switch, Values
from .wide_picture import WidePicture

if TYPE_CHECKING:
    from kit.networks.basics.transformer import VisionTransformer

SIDE, GAP, TOP = 288, 24, 34
ROLLOUT = "rollout through all blocks"


class AttentionMap:
    """Attention of a transformer on some pictures.

    Parameters
    ----------
    network : VisionTransformer
    images : uint8 array of shape (n, h, w, 3)
    """

    def __init__(self, network: VisionTransformer, images: np.ndarray):
        from kit.networks.basics.live import centred
        from kit.networks.basics.transformer import rollout

        self.images, attention = images, network.attention(centred(images))
        self.side = round(np.sqrt(attention.shape[-1] - 1))  # patches along a side
        depth, heads = attention.shape[1:3]
        self.maps = {ROLLOUT: rollout(attention)}
        for block in range(depth):
            self.maps[f"block {block + 1}, all heads"] = attention[:, block].mean(axis=1)
            self.maps |= {f"block {block + 1}, head {h + 1}": attention[:, block, h] for h in range(heads)}

    def asking(self, values: Values) -> int:
        """Which token asks: 0 is the summary token, then the patches row by row."""
        return 0 if values["summary"] else 1 + int(values["row"] * self.side + values["column"])

    def compute(self, values: Values) -> np.ndarray:
        """Share of attention on each patch: (side, side). What goes to the summary token is not in it."""
        shares = self.maps[values["what"]][int(values["picture"]) - 1, self.asking(values), 1:]
        return shares.reshape(self.side, self.side)

    def drawing(self, values: Values) -> Canvas:
        """The face, with a frame round the patch that asks, and attention in orange over the face."""
        face = self.images[int(values["picture"]) - 1]
        shares = self.compute(values)
        colours = np.kron(diverging(shares), np.ones((len(face) // self.side,) * 2 + (1,)))
        lit = (0.4 * face.mean(axis=2, keepdims=True) + 0.6 * colours).astype(np.uint8)
        canvas, scale = Canvas(2 * SIDE + GAP, SIDE + TOP + 4), SIDE / self.side
        for k, (title, picture) in enumerate((("who asks", face), ("who is listened to", lit))):
            canvas.text(k * (SIDE + GAP) + SIDE / 2, 16, title, 17)
            canvas.pixels(picture, k * (SIDE + GAP), TOP, SIDE)
        if not values["summary"]:
            x, y = values["column"] * scale, TOP + values["row"] * scale
            canvas.frame((x, y, x + scale - 1, y + scale - 1), PALETTE[1])
        return canvas

    def describe(self, values: Values) -> str:
        """What the picture shows, in one sentence."""
        shares = self.compute(values)
        row, column = np.unravel_index(shares.argmax(), shares.shape)
        who = (
            "the summary token" if values["summary"] else f"the patch in row {values['row']}, column {values['column']}"
        )
        even = 1 / (self.side**2 + 1)
        return (
            f"Picture {values['picture']}, {values['what']}: {who} listens most to the patch in row {row}, column "
            f"{column}, with {shares.max():.0%} of its attention (an even share is {even:.1%}). "
            "Darker orange: more."
        )

    def show(self) -> None:
        last = self.side - 1
        asks = (
            Switch("summary", "summary token asks", True),
            Slider("row", "or patch: row", 0, last, 1, last // 2),
            Slider("column", "column", 0, last, 1, last // 2),
        )
        shown = (
            Slider("picture", "picture", 1, len(self.images), 1, 1),
            Choice("what", "attention", tuple(self.maps), ROLLOUT),
        )
        groups = [Group("What is shown", shown), Group("Who asks", asks)]
        WidePicture(groups, lambda values: (self.drawing(values), self.describe(values))).show("attention-explorer")


def explore_attention(network: VisionTransformer, images: np.ndarray) -> None:
    """See where a vision transformer's tokens attend.

    Parameters
    ----------
    network : VisionTransformer
    images : uint8 array of shape (n, h, w, 3)
    """
    AttentionMap(network, images).show()
