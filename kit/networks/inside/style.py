"""Style transfer: the content of one picture in the style of another, both as a network sees them.

*Content* is what the maps of one layer show, place by place. *Style* is the Gram matrix of several layers: how strongly
every two maps are active together, over all places; where anything is, is lost. Starting from the content, pixels
change until the style fits, too, and the content still does.

Departures from the paper: each loss is divided by the size of its target, so that layers count alike and a weight
means the same for every network; the style is read from the picture shifted a little at each step, which it should
not notice, so that no pattern of single pixels is found that only the network's own grid can see; edges of the maps,
which know that the picture ends there, are left out; the optimiser is Adam.

References
----------
Gatys, Ecker & Bethge (2016), Image style transfer using convolutional neural networks, CVPR,
doi:10.1109/CVPR.2016.265.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm.auto import tqdm

from ..activations import Network, watched
from ..basics.live import one_thread
from ..pixels import to_images, to_tensor

CONTENT_LAYER = "encoder.block3"
STYLE_LAYERS = ("encoder.norm", "encoder.block1", "encoder.block2", "encoder.block3")
SHIFT = 16  # pixels, at most: one step of block3's grid
EDGE = 8  # one part in so many of a map's side is left out at each edge


@dataclass(frozen=True, eq=False)
class Transfer:
    """What `transfer` made.

    Attributes
    ----------
    image : uint8 array of shape (h, w, 3)
    content, style : arrays of shape (steps,)
        The two losses: squared distance from what is asked for, divided by that one's own square.
    """

    image: np.ndarray
    content: np.ndarray
    style: np.ndarray


def gram(maps: Tensor) -> Tensor:
    """Mean over places of the products of all pairs of maps (their Gram matrix): (n, c, h, w) -> (n, c, c)."""
    flat = maps.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]


def transfer(
    network: Network,
    content: np.ndarray,
    style: np.ndarray,
    style_weight: float = 10.0,
    smoothness: float = 20.0,
    steps: int = 150,
    rate: float = 0.03,
    content_layer: str = CONTENT_LAYER,
    style_layers: Sequence[str] = STYLE_LAYERS,
    rng: int = 0,
) -> Transfer:
    """Paint one picture in the style of another.

    Parameters
    ----------
    network : Network
        Whatever size of picture it takes; those of the zoo take 64 pixels, and their convolutions, as
        `networks.wrap(networks.load("classmulti").module)`, any size.
    content, style : uint8 arrays of shape (h, w, 3)
        Of equal size for a network that demands one.
    style_weight, smoothness : float
        What a misfit of style, and total variation (mean squared difference of neighbouring pixels, which are from
        0 to 1), cost; a misfit of content costs 1.
    steps : int
    rate : float
        Of Adam at the start; it falls along a cosine.
    content_layer, style_layers : str, sequence of str
        Names as in `network.layers`; layers with maps.
    rng : seed

    Raises
    ------
    ValueError
        If a layer does not exist or has no maps, or a picture is not one.

    References
    ----------
    Gatys, Ecker & Bethge (2016), CVPR, equations 1 to 7.
    """
    names = [*style_layers, content_layer]
    start, generator = to_tensor(content[None]).contiguous(), torch.Generator().manual_seed(rng)
    with torch.no_grad():
        wanted = [gram(_inner(maps)) for maps in layers(network, to_tensor(style[None]), style_layers)]
        (kept,) = layers(network, start, [content_layer])
    pixels = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([pixels], rate)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    path = []
    with one_thread():  # more are slower for pictures this small
        for _ in tqdm(range(steps), desc="painting", delay=1, leave=False):
            *maps, shown = layers(network, torch.cat([pixels, _shifted(pixels, generator)]), names)
            losses = _apart(shown[:1], kept), style_loss([m[1:] for m in maps], wanted)
            loss = losses[0] + style_weight * losses[1] + smoothness * _variation(pixels)
            (pixels.grad,) = torch.autograd.grad(loss, pixels)
            optimiser.step()
            slower.step()
            pixels.data.clamp_(0, 1)
            path.append([part.item() for part in losses])
    return Transfer(to_images(pixels)[0], *np.array(path).T)


def style_loss(maps: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Mean over layers of the squared distance of Gram matrices, divided by the square of the wanted one.

    Maps are (n, c, h, w) and wanted Gram matrices (n, c, c), one of each a layer.
    """
    return torch.stack([_apart(gram(_inner(m)), w) for m, w in zip(maps, wanted)]).mean()


def layers(network: Network, pictures: Tensor, names: Sequence[str]) -> list[Tensor]:
    """The maps (n, c, h, w) of several layers in one forward pass, for a tensor (n, 3, h, w) from 0 to 1."""
    seen: dict[str, Tensor] = {}
    network.refuse_training()
    with ExitStack() as watching:
        for name in names:
            part = network.at(name).module.get_submodule(name)
            watching.enter_context(watched(part, partial(seen.__setitem__, name)))
        network.module(network.prepared(pictures))
    flat = [name for name in names if name not in seen or seen[name].ndim != 4]
    if flat:
        raise ValueError(f"layer {flat[0]!r} has no maps (channels, height, width); take a convolution or a block")
    return [seen[name] for name in names]


def _apart(found: Tensor, wanted: Tensor) -> Tensor:
    return ((found - wanted) ** 2).sum() / (wanted**2).sum()


def _inner(maps: Tensor) -> Tensor:
    edge = maps.shape[-1] // EDGE
    return maps[..., edge : maps.shape[-2] - edge, edge : maps.shape[-1] - edge]


def _shifted(picture: Tensor, generator: torch.Generator) -> Tensor:
    height, width = picture.shape[2:]
    y, x = torch.randint(0, 2 * SHIFT + 1, (2,), generator=generator).tolist()
    return F.pad(picture, [SHIFT] * 4, mode="reflect")[..., y : y + height, x : x + width]


def _variation(picture: Tensor) -> Tensor:
    return picture.diff(dim=2).square().mean() + picture.diff(dim=3).square().mean()
