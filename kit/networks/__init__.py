"""Networks that look at faces: train them, load them, and read the features of any layer of any network."""

from kit.lazy import lazy

_HOMES = {
    "Network": "activations",
    "wrap": "wrapping",
    "load": "shipped",
    "save": "shipped",
    "zoo": "shipped",
    "pixel_pca": "baselines",
    "PixelPCA": "baselines",
    "untrained": "baselines",
    "projected": "reduction",
    "scan_layers": "scan",
    "from_onnx": "onnx_models",
    "with_weights": "checkpoints",
    "photograph_network": "photographs",
    "SEEN": "pixels",
    "reconstruct": "autoencoder",
}

__all__ = sorted(_HOMES)

__getattr__ = lazy(__name__, _HOMES)
