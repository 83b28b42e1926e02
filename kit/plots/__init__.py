"""Figures, by kind, that say what they show."""

from kit.lazy import lazy

_HOMES = {
    "DIVERGING": "looks",
    "INK": "looks",
    "LINE": "looks",
    "PALETTE": "looks",
    "PAPER": "looks",
    "Shown": "shown",
    "TEMPLATE": "shown",
    "against_best": "points",
    "agreement_picture": "bars",
    "calibration_curve": "points",
    "confusion_picture": "grids",
    "curves": "lines",
    "damage_picture": "lines",
    "dissociation_picture": "points",
    "diverging": "looks",
    "diverging_picture": "looks",
    "enlarged": "images",
    "error_table": "grids",
    "face_map": "solids",
    "framed": "images",
    "front": "points",
    "grey_pictures": "images",
    "grouped_bars": "bars",
    "growth": "lines",
    "membrane": "lines",
    "mesh3d": "solids",
    "moments": "lines",
    "over_seeds": "lines",
    "over_time": "lines",
    "pictures": "shown",
    "plane": "points",
    "power_picture": "lines",
    "preference_picture": "points",
    "rating_picture": "bars",
    "response_time_picture": "points",
    "scree": "lines",
    "show": "shown",
    "signed_pictures": "images",
    "topography": "images",
    "treatment_picture": "points",
    "unlike": "grids",
    "waves": "lines",
}

__all__ = sorted(_HOMES)

__getattr__ = lazy(__name__, _HOMES)
