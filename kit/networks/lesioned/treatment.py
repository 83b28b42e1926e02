"""Treat a lesioned network: let what is left of it practise, while what is lost stays lost. All *simulated*."""

from __future__ import annotations

from copy import deepcopy

import torch
from torch import Tensor, nn

from ..basics import live
from ..basics.convnet import ConvNet
from .disorders import Patient
from .two_tasks import CHANNELS, Pictures

TREATMENTS = {
    "none": "nothing happens",
    "sham": "everything left practises as long, but with pictures of the other task",
    "gains": "only the loudness of the filters of the damaged layer is learned, one number each",
    "read-out": "only the weights from the damaged layer to the names are learned",
    "retraining": "everything left is learned",
}
EPOCHS, RATE = 8, 1e-3


class _Gained(nn.Module):
    """A network as it is, but for one gain for each filter of its last layer."""

    def __init__(self, network: ConvNet) -> None:
        super().__init__()
        self.network, self.gains = network.requires_grad_(False), nn.Parameter(torch.ones(CHANNELS[-1]))

    def forward(self, images: Tensor) -> Tensor:
        maps = self.network.stages(images)
        return self.network.readout((maps * self.gains[:, None, None]).flatten(1))

    def folded(self) -> ConvNet:
        """The network with the gains put into the weights that read them."""
        weight = self.network.readout.weight
        places = weight.shape[1] // len(self.gains)
        with torch.no_grad():
            weight *= self.gains.repeat_interleave(places)
        return self.network.requires_grad_(True)


def treat(
    patient: Patient, network: ConvNet, practice: Pictures, how: str, epochs: int = EPOCHS, seed: int = 0
) -> ConvNet:
    """A copy of the network after a treatment, during which the patient's lesion stays in place.

    Parameters
    ----------
    patient : Patient
    network : ConvNet
        As it was before the lesion; its weights are not touched.
    practice : Pictures
        Of both tasks. Faces are practised, or in the sham treatment as many pictures of things.
    how : str
        One of `TREATMENTS`.
    epochs : int
        Passes through the practice.
    seed : int
        Order of the pictures.

    Returns
    -------
    ConvNet
        Test it inside `patient.lesion(...)`: the treatment did not heal the lesion.
    """
    if how not in TREATMENTS:
        raise ValueError(f"no treatment {how!r}; there are {', '.join(TREATMENTS)}")
    treated = deepcopy(network)
    if how == "none":
        return treated
    chosen = practice[practice.is_face != (how == "sham")]
    learner = _Gained(treated) if how == "gains" else treated
    treated.stages.requires_grad_(how in ("sham", "retraining"))
    with patient.lesion(treated):
        live.fit(learner, chosen.images, chosen.labels, epochs, RATE if how != "gains" else 10 * RATE, seed)
    return learner.folded() if how == "gains" else treated.requires_grad_(True)
