"""The reference of `kit`: a page for each public module, with docstrings and source, made by pdoc; it works offline."""

from pathlib import Path
from pkgutil import walk_packages
from warnings import catch_warnings, simplefilter

import kit


def modules() -> list[str]:
    """Names of the public modules."""
    found = [module.name for module in walk_packages(kit.__path__, "kit.")]
    return ["kit", *(name for name in found if not any(part.startswith("_") for part in name.split(".")))]


def write(out: Path, names: list[str] | None = None) -> None:
    """Write the pages of some modules into a folder; of all public ones by default."""
    import pdoc

    pdoc.render.configure(docformat="numpy", footer_text="Shared Features")
    with catch_warnings():
        simplefilter("ignore")  # annotations that only type checkers read
        pdoc.pdoc(*(names or modules()), output_directory=out)
