"""Networks that look at faces: train them, load them, and read the features of any layer of any network."""

import importlib

_HOMES = {
    "Network": "activations",
    "wrap": "activations",
    "load": "shipped",
    "save": "shipped",
    "zoo": "shipped",
    "pixel_pca": "baselines",
    "untrained": "baselines",
    "reconstruct": "autoencoder",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    """Import what is asked for when it is asked for: torch takes a second to load."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return globals()[name]
