"""The comparison of Daube et al. (2021): which features do observers and networks share?"""

import importlib

_HOMES = {
    "Design": "design",
    "DEFAULT": "design",
    "QUICK": "design",
    "FULL": "design",
    "Results": "results",
    "shipped": "results",
    "run": "comparison",
    "report": "reporting",
    "selfcheck": "planted",
    "claims": "verdict",
    "distance_to_observers": "generalisation",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str):
    """Import what is asked for when it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return globals()[name]
