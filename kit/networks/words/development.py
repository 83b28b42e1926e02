"""Growing up: what a network saw first, and until when.

Newborns see a blurred world that becomes sharp. Vogelsang et al. (2018), PNAS 115:11333, doi
10.1073/pnas.1800901115: blur first and sharp later makes a network that copes with both. Achille, Rovere & Soatto
(2019), ICLR, arXiv 1711.08856: a blur that is removed too late leaves a lasting mark, as a cataract does in a critical
period.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm.auto import tqdm

from kit import faces
from kit.faces.snapshots import snapshots

from ..basics.convnet import ConvNet
from ..basics.live import centred, one_thread
from ..richer.synapse_race import close_up

BATCH, SETTLE = 50, 4
PEOPLE = 12
BLUR = 3.0  # pixels, the standard deviation of the infant's blur, in pictures of 32


def portraits(n: int, rng: int) -> tuple[Tensor, Tensor]:
    """Close-ups of twelve women from changing sides under changing lamps, and who is on them.

    Returns
    -------
    images, who : float32 tensor of shape (n, 3, 32, 32) from -1 to 1, and int64 tensor of shape (n,)
    """
    women = faces.load().sample(PEOPLE, sex="female", age=35, ancestry="caucasian", rng=1)
    taken = snapshots(women, n, size=48, rng=rng)
    return centred(close_up(taken.images)), torch.as_tensor(taken.identity)


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Pictures (n, c, h, w) through a Gaussian of `sigma` pixels, borders repeated; 0 leaves them as they are."""
    if sigma == 0:
        return images
    if sigma < 0:
        raise ValueError(f"sigma is a standard deviation in pixels, 0 or more; got {sigma}")
    reach = min(round(3 * sigma), min(images.shape[2:]) - 1)
    bell = torch.exp(-((torch.arange(-reach, reach + 1) / sigma) ** 2) / 2)
    bell = (bell / bell.sum()).repeat(images.shape[1], 1)
    padded = F.pad(images, (reach, reach, reach, reach), mode="replicate")
    across = F.conv2d(padded, bell[:, None, None], groups=len(bell))
    return F.conv2d(across, bell[:, None, :, None], groups=len(bell))


def grow(
    images: Tensor, who: Tensor, schedule: Sequence[float], rate: float = 4e-3, ageing: float = 1.0, seed: int = 0
) -> nn.Module:
    """A small convolutional network that learns who is on pictures, blurred by another amount in each epoch.

    Parameters
    ----------
    images : tensor of shape (n, 3, h, w)
        From -1 to 1.
    who : int64 tensor of shape (n,)
    schedule : sequence of float
        Blur of each epoch, standard deviation in pixels.
    rate : float
        Of AdamW, in the first epoch; it falls to 0 over the last `SETTLE` epochs, so that the end is no accident.
    ageing : float
        What an epoch leaves of the rate: 1 for a plasticity that stays, 0.85 for one that falls by 15 % an epoch.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = ConvNet(int(who.max()) + 1, images.shape[-1])
    seen = {sigma: blurred(images, sigma) for sigma in set(schedule)}
    optimizer = torch.optim.AdamW(network.parameters(), rate)
    dice = torch.Generator().manual_seed(seed)
    with one_thread():
        for epoch, sigma in enumerate(tqdm(schedule, "growing up", unit="epoch", leave=False)):
            settling = min(1, (len(schedule) - epoch) / (SETTLE + 1))
            optimizer.param_groups[0]["lr"] = rate * ageing**epoch * settling
            for rows in torch.randperm(len(who), generator=dice).split(BATCH):
                optimizer.zero_grad()
                F.cross_entropy(network(seen[sigma][rows]), who[rows]).backward()
                optimizer.step()
    return network


@torch.inference_mode()
def accuracy(network: nn.Module, images: Tensor, who: Tensor, sigma: float = 0.0) -> float:
    """Share of pictures (n, 3, h, w) named rightly, by who (n,) is on them, seen through a blur."""
    with one_thread():
        return float((network(blurred(images, sigma)).argmax(1) == who).float().mean())


def childhoods(epochs: int, blur: float = BLUR) -> dict[str, list[float]]:
    """Schedules of equal length: sharp only, blurred only, from blurred to sharp, and from sharp to blurred."""
    half = epochs // 2
    return {
        "sharp only": [0.0] * epochs,
        "blur, then sharp": [blur] * half + [0.0] * (epochs - half),
        "sharp, then blur": [0.0] * (epochs - half) + [blur] * half,
        "blur only": [blur] * epochs,
    }


def removed_at(epoch: int, after: int, blur: float = BLUR) -> list[float]:
    """A blur that is removed after some epochs, and then always as many sharp epochs as `after` says."""
    return [blur] * epoch + [0.0] * after
