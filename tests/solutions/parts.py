"""Answer cells made of several functions, with one of them changed."""

from collections.abc import Mapping, Sequence


def but(
    cells: Mapping[str, Sequence[str]], right: Mapping[str, str], part: str, *changes: tuple[str, str]
) -> dict[str, str]:
    """An answer cell that is right but for some words of one part, each of which must stand there once.

    Parameters
    ----------
    cells : answer cell -> the names of its parts, in their order.
    right : name of a part -> its right source.
    part : which one changes.
    *changes : (old words, new words).
    """
    cell = next(cell for cell, parts in cells.items() if part in parts)
    source = right[part]
    for old, new in changes:
        assert source.count(old) == 1, (part, old)
        source = source.replace(old, new)
    return {cell: "".join(source if one == part else right[one] for one in cells[cell])}
