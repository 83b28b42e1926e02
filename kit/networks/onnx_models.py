"""Networks as ONNX files, run by onnxruntime: whatever framework trained them, and without running code of theirs.

An ONNX file gives what its graph puts out; other layers must be made outputs when it is exported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kit.faces.views import FRAME

from .pixels import check_images, checked_crop, checked_side
from .wrapping import checked_channels

BATCH = 16  # pictures at a time, where the file allows any number
INSTALL = "pip install 'shared-features[pretrained]'"
FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}


@dataclass(frozen=True, eq=False)
class OnnxNetwork:
    """A network in an ONNX file: pictures in, features out. Made by `from_onnx`.

    Parameters
    ----------
    path : Path
    session : onnxruntime.InferenceSession
    output : str
        Of the graph's outputs.
    size : int
        Pixels on a side.
    crop : "face" or "head"
    mean, std : tuples of one or three floats
        Of each channel, of values from 0 to 1; one for a network that takes grey pictures.
    channels_last : bool
        Whether the graph takes (n, h, w, channels).
    batch : int
        Pictures at a time.
    fingerprint : str
        sha256 of the file, and what is done to pictures.
    """

    path: Path
    session: Any
    output: str
    size: int
    crop: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    channels_last: bool
    batch: int
    fingerprint: str

    def __repr__(self) -> str:
        return f"OnnxNetwork({self.path.name!r}, output={self.output!r})"

    def embed(self, images: np.ndarray) -> np.ndarray:
        """Features of images: uint8 (n, size, size, 3) -> float32 (n, d); maps are flattened."""
        check_images(images)
        if images.shape[1:3] != (self.size, self.size):
            height, width = images.shape[1:3]
            raise ValueError(
                f"{self} sees {self.size} x {self.size} pixels; these have {height} x {width}: render(size={self.size})"
            )
        return np.concatenate([self._some(images[k : k + self.batch]) for k in range(0, len(images), self.batch)])

    def _some(self, images: np.ndarray) -> np.ndarray:
        """Features of at most `batch` images; a file that was made for a number of its own gets copies to fill it."""
        given = self.session.get_inputs()[0]
        x = (self._channels(images) - np.array(self.mean, np.float32)) / np.array(self.std, np.float32)
        fixed = given.shape[0] if isinstance(given.shape[0], int) else len(x)
        x = np.concatenate([x, np.repeat(x[-1:], fixed - len(x), axis=0)])
        x = x if self.channels_last else x.transpose(0, 3, 1, 2)
        found = self.session.run([self.output], {given.name: np.ascontiguousarray(x, FLOATS[given.type])})[0]
        if np.ndim(found) < 1 or len(found) != len(x):
            raise ValueError(f"{self} gives shape {np.shape(found)} for {len(x)} pictures: no row for each picture")
        return found[: len(images)].reshape(len(images), -1).astype(np.float32)

    def _channels(self, images: np.ndarray) -> np.ndarray:
        """Pictures from 0 to 1, grey ones (n, h, w, 1) for a network that has one channel."""
        scaled = images.astype(np.float32) / 255
        return scaled.mean(axis=3, keepdims=True) if len(self.mean) == 1 else scaled


def from_onnx(
    path: Path | str,
    output: str = "",
    size: int | None = None,
    crop: str = FRAME,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> OnnxNetwork:
    """A network of an ONNX file as a system of the study (needs onnxruntime).

    Parameters
    ----------
    path : path
        Of the .onnx file; weights that were written beside it must lie there.
    output : str, optional
        Which of the graph's outputs, where there are several.
    size : int, optional
        Pixels on a side; needed where the file takes any size.
    crop : "face" or "head"
        What the pictures hold.
    mean, std : sequence of float, optional
        Of each channel, of values from 0 to 1: what the training subtracted and divided by.

    Raises
    ------
    ValueError
        If onnxruntime is missing, the file is damaged or lacks its weights, or does not take one picture; what, where
        and what to do.
    """
    path = Path(path)
    session = _session(path)
    given = _only_input(path, session)
    sides, channels, channels_last = _layout(path, given.shape)
    size = _side(path, sides, checked_side(size))
    if mean is None and std is None:
        mean = [0.0] * channels
    mean, std = checked_channels(mean, std)
    if len(mean) != channels:
        raise ValueError(f"{path} takes {channels} channels; mean and std were given for {len(mean)}")
    batch = given.shape[0] if isinstance(given.shape[0], int) else BATCH
    known = hashlib.sha256(path.read_bytes()).hexdigest() + f" {output} {mean} {std}"
    network = OnnxNetwork(path, session, _output(path, session, output), size, checked_crop(crop), tuple(mean),
                          tuple(std), channels_last, batch, known)  # fmt: skip
    _try(network)
    return network


def _session(path: Path):
    try:
        import onnxruntime
    except ImportError as error:
        raise ValueError(f"ONNX files need onnxruntime: {INSTALL}") from error
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the study shares blocks of faces among threads
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # a class for each kind of trouble, which the package does not export
        told = str(error).strip().splitlines()[0]
        external = "external" in str(error).lower() or ".data" in str(error)
        remedy = (
            "its weights are in a file of their own, which must lie beside it under the name that it had at export"
            if external
            else "download or export it again"
        )
        raise ValueError(f"{path} cannot be read by onnxruntime ({told}): {remedy}") from error


def _only_input(path: Path, session):
    inputs = session.get_inputs()
    if len(inputs) != 1:
        names = ", ".join(f"{i.name!r} {i.shape}" for i in inputs)
        raise ValueError(f"{path} takes {len(inputs)} inputs ({names}); one is needed: export the part that sees alone")
    if inputs[0].type not in FLOATS:
        raise ValueError(f"{path} takes {inputs[0].type}; numbers with a point are needed: export it for float32")
    return inputs[0]


def _layout(path: Path, shape: Sequence) -> tuple[tuple, int, bool]:
    """Sides (h, w), number of channels, and whether channels come last, of an input's shape."""
    if len(shape) == 4 and shape[1] in (1, 3):
        return (shape[2], shape[3]), shape[1], False
    if len(shape) == 4 and shape[3] in (1, 3):
        return (shape[1], shape[2]), shape[3], True
    if len(shape) == 4 and not isinstance(shape[1], int) and not isinstance(shape[3], int):
        return (shape[2], shape[3]), 3, False
    raise ValueError(f"{path} takes arrays of shape {list(shape)}; pictures are (n, 3, h, w) or (n, h, w, 3)")


def _side(path: Path, sides: tuple, size: int | None) -> int:
    fixed = {side for side in sides if isinstance(side, int)}
    if len(fixed) > 1:
        raise ValueError(f"{path} takes pictures of {sides[0]} x {sides[1]} pixels; the study draws square ones")
    if fixed and size not in (None, *fixed):
        raise ValueError(f"{path} takes {fixed.pop()} pixels on a side, and size={size} was asked for")
    if not fixed and size is None:
        raise ValueError(f"{path} takes pictures of any size: say which it was trained with, such as size=224")
    return fixed.pop() if fixed else size


def _output(path: Path, session, output: str) -> str:
    there = {o.name: o.shape for o in session.get_outputs()}
    listed = ", ".join(f"{name!r} {shape}" for name, shape in there.items())
    if output and output not in there:
        raise ValueError(f"{path} has no output {output!r}; there are {listed}: layers become outputs at export")
    if not output and len(there) > 1:
        raise ValueError(f"{path} has {len(there)} outputs ({listed}): choose one, output=...")
    return output or next(iter(there))


def _try(network: OnnxNetwork) -> None:
    """Two grey pictures, before anything else is done with the network."""
    pictures = np.full((2, network.size, network.size, 3), 128, np.uint8)
    try:
        network.embed(pictures)
    except ValueError:
        raise
    except Exception as error:
        told = str(error).strip().splitlines()[0]
        raise ValueError(
            f"{network.path} does not take pictures of {network.size} x {network.size} pixels ({told}): give the size "
            "that it was exported for, or export it with dynamic axes"
        ) from error
