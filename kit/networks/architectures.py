"""Which network each objective trains, described by a few plain values that a model card can hold."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from .autoencoder import Autoencoder, Decoder, GaussianEncoder, VariationalAutoencoder
from .objectives import BETAS
from .resnet import Classifier, Embedder, ResNet10

EMBEDDING = 128
KINDS = {"triplet": "embedder", "classid": "classifier", "classmulti": "classifier", "ae": "autoencoder",
         "viae": "autoencoder", **dict.fromkeys(BETAS, "variational")}  # fmt: skip
EMBEDDING_LAYERS = {
    "embedder": "",
    "classifier": "encoder",
    "autoencoder": "encoder",
    "variational": "mean",
    "gaussian": "mean",
    "encoder": "",
}


def architecture(name: str, classes: Mapping[str, int], size: int = 64, width: int = 16) -> dict:
    """Description of the network that the objective `name` trains.

    Parameters
    ----------
    name : of `objectives.OBJECTIVES`
    classes : mapping of str to int
        Number of classes of each label, as `FaceImages.classes`.
    size : int
        Pixels on a side.
    width : int
        Channels of the stem.
    """
    heads = {"classid": {"identity": classes["identity"]}, "classmulti": dict(classes)}.get(name, {})
    return {"kind": KINDS[name], "width": width, "embedding": EMBEDDING, "size": size, "heads": heads}


def build(shape: Mapping, seed: int = 0) -> nn.Module:
    """The network of a description, with random weights; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        width, embedding, kind = shape["width"], shape["embedding"], shape["kind"]
        encoder = ResNet10(width, embedding, shape["size"])
        if kind == "encoder":
            return encoder
        if kind == "gaussian":
            return GaussianEncoder(encoder, embedding, latent=embedding)
        if kind == "embedder":
            return Embedder(encoder, embedding)
        if kind == "classifier":
            return Classifier(encoder, shape["heads"], embedding)
        decoder = Decoder(width, embedding, shape["size"])
        if kind == "autoencoder":
            return Autoencoder(encoder, decoder)
        if kind == "variational":
            return VariationalAutoencoder(encoder, decoder, embedding, latent=embedding)
        raise ValueError(f"there is no kind of network called {kind!r}: add it to architectures.build")


def without_the_rest(module: nn.Module, shape: Mapping) -> tuple[nn.Module, dict]:
    """What a network's embedding needs, and its description, without heads and decoder."""
    if shape["kind"] == "variational":
        bare = {**shape, "kind": "gaussian"}
        gaussian = build(bare)
        gaussian.load_state_dict({n: v for n, v in module.state_dict().items() if not n.startswith("decoder.")})
        return gaussian, bare
    if shape["kind"] not in ("classifier", "autoencoder"):
        return module, dict(shape)
    return module.encoder, {**shape, "kind": "encoder", "heads": {}}


def embedding_layer(shape: Mapping) -> str:
    """The layer whose features stand for the network; a variational network's are its means."""
    return EMBEDDING_LAYERS[shape["kind"]]
