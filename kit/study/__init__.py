"""The comparison of Daube et al. (2021): which features do observers and networks share?"""

from kit.lazy import lazy

_HOMES = {
    "Design": "design",
    "DEFAULT": "design",
    "QUICK": "design",
    "FULL": "design",
    "Results": "results",
    "shipped": "results",
    "shipped_turned": "results",
    "shipped_photographs": "photographs",
    "shipped_layers": "photographs",
    "run": "comparison",
    "long_table": "export",
    "layers": "layer_scan",
    "layer_figure": "layer_drawings",
    "describe_layers": "layer_drawings",
    "report": "reporting",
    "selfcheck": "checked",
    "claims": "statements",
    "distance_to_observers": "generalisation",
}

__all__ = sorted(_HOMES)

__getattr__ = lazy(__name__, _HOMES)
