"""Networks as ONNX files: their own numbers come out, and what cannot be used is said before any work."""

import numpy as np
import pytest

REASON = "pip install -c constraints.txt -e '.[test,pretrained]'"
onnx = pytest.importorskip("onnx", reason=REASON)
pytest.importorskip("onnxruntime", reason=REASON)
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from kit import networks  # noqa: E402
from kit.study import looks, probes  # noqa: E402

KERNEL = np.random.default_rng(0).normal(size=(4, 3, 8, 8)).astype(np.float32)
IMAGES = np.random.default_rng(1).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)


def written(path, shape=("n", 3, 32, 32), kernel=KERNEL, both=False, kind=TensorProto.FLOAT, transposed=False):
    """A small convolutional network as a file."""
    nodes = [helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2])] if transposed else []
    nodes += [
        helper.make_node("Conv", ["t" if transposed else "x", "w"], ["maps"], strides=[8, 8]),
        helper.make_node("Relu", ["maps"], ["relu"]),
        helper.make_node("Flatten", ["relu"], ["features"]),
    ]
    outputs = [helper.make_tensor_value_info("features", kind, [shape[0], None])]
    outputs += [helper.make_tensor_value_info("maps", kind, [shape[0], 4, None, None])] if both else []
    weights = [numpy_helper.from_array(kernel, "w")]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", kind, shape)], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path


def own(images, kernel=KERNEL, mean=0.0, std=1.0):
    """The same network, spelled out."""
    x = (images.astype(np.float32) / 255 - mean) / std
    x = x.mean(axis=3, keepdims=True) if kernel.shape[1] == 1 else x
    n, side = len(x), x.shape[1] // 8
    patches = x.reshape(n, side, 8, side, 8, -1).transpose(0, 1, 3, 5, 2, 4).reshape(n, side, side, -1)
    return np.maximum(patches @ kernel.reshape(4, -1).T, 0).transpose(0, 3, 1, 2).reshape(n, -1)


def test_a_file_gives_its_own_numbers(tmp_path):
    network = networks.from_onnx(written(tmp_path / "a.onnx"))
    assert network.size == 32 and looks.look_of("a", network) == looks.Look(32, "face")
    np.testing.assert_allclose(network.embed(IMAGES), own(IMAGES), atol=1e-4)
    normal = networks.from_onnx(tmp_path / "a.onnx", mean=(0.5, 0.4, 0.3), std=(0.2, 0.2, 0.3), crop="head")
    wanted = own(IMAGES, mean=np.array([0.5, 0.4, 0.3]), std=np.array([0.2, 0.2, 0.3]))
    np.testing.assert_allclose(normal.embed(IMAGES), wanted, atol=1e-3)
    assert normal.crop == "head" and normal.fingerprint != network.fingerprint


@pytest.mark.parametrize("shape", [(1, 3, 32, 32), (4, 3, 32, 32), ("n", 3, "h", "w"), ("n", "c", "h", "w")])
def test_any_number_and_any_size_of_pictures_that_a_file_allows(tmp_path, shape):
    network = networks.from_onnx(written(tmp_path / "a.onnx", shape), size=32)
    np.testing.assert_allclose(network.embed(IMAGES), own(IMAGES), atol=1e-4)


def test_grey_networks_and_channels_that_come_last(tmp_path):
    kernel = KERNEL[:, :1]
    grey = networks.from_onnx(written(tmp_path / "grey.onnx", ("n", 1, 32, 32), kernel))
    np.testing.assert_allclose(grey.embed(IMAGES), own(IMAGES, kernel), atol=1e-4)
    last = networks.from_onnx(written(tmp_path / "last.onnx", ("n", 32, 32, 3), transposed=True))
    np.testing.assert_allclose(last.embed(IMAGES), own(IMAGES), atol=1e-4)


def test_one_of_several_outputs(tmp_path):
    path = written(tmp_path / "a.onnx", both=True)
    with pytest.raises(ValueError, match="has 2 outputs .*'features'.*'maps'.*choose one, output="):
        networks.from_onnx(path)
    with pytest.raises(ValueError, match="no output 'relu'; there are .*layers become outputs at export"):
        networks.from_onnx(path, output="relu")
    assert networks.from_onnx(path, output="maps").embed(IMAGES).shape == (5, 64)


def external(path):
    onnx.save_model(onnx.load(written(path)), path, save_as_external_data=True, size_threshold=0, location="w.data")
    (path.parent / "w.data").unlink()
    return path


def torn(path):
    path.write_bytes(written(path).read_bytes()[:-500])
    return path


@pytest.mark.parametrize(
    ("make", "how", "told"),
    [
        (lambda p: written(p, ("n", 3, "h", "w")), {}, "takes pictures of any size: say which it was trained with"),
        (written, {"size": 64}, "takes 32 pixels on a side, and size=64 was asked for"),
        (lambda p: written(p, ("n", 3, 32, 24)), {}, "32 x 24 pixels; the study draws square ones"),
        (lambda p: written(p, ("n", 5, 32, 32), np.repeat(KERNEL[:, :1], 5, 1)), {}, r"pictures are \(n, 3, h, w\)"),
        (lambda p: written(p, (3, 32, 32)), {}, r"takes arrays of shape \[3, 32, 32\]|cannot be read by onnxruntime"),
        (written, {"mean": [0.5]}, "takes 3 channels; mean and std were given for 1"),
        (external, {}, "its weights are in a file of their own, which must lie beside it"),
        (torn, {}, "cannot be read by onnxruntime .*download or export it again"),
        (lambda p: p, {}, "there is no file"),
    ],
)
def test_what_cannot_be_used_is_said_at_once(tmp_path, make, how, told):
    with pytest.raises(ValueError, match=told):
        networks.from_onnx(make(tmp_path / "a.onnx"), **how)


def test_other_weights_are_another_system(tmp_path):
    one = networks.from_onnx(written(tmp_path / "a.onnx"))
    other = networks.from_onnx(written(tmp_path / "b.onnx", kernel=KERNEL * np.float32(1 + 1e-7)))
    prints = [probes.fingerprint({"mine": n}, {"mine": np.zeros((16, 64))}) for n in (one, other, one)]
    assert prints[0] != prints[1] and prints[0] == prints[2]
