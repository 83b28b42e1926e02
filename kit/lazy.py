"""Names of a package that are imported when they are first used: torch alone takes a second to load."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A package's `__getattr__`.

    Parameters
    ----------
    package : str
        Its `__name__`.
    homes : mapping of str to str
        Public name to the module of the package that it lives in. No module may have a public name's name:
        once imported, it would hide it.
    """

    def get(name: str) -> Any:
        if name not in homes:
            known = ", ".join(sorted(homes))
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {known}")
        found = getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return get
