"""Numbers in sentences as they are printed: with a minus, which is no hyphen and is read aloud as what it is."""

import re

HYPHEN_MINUS = re.compile(r"(?<![\w.-])-(?=\.?\d)")  # before a number, and not in a name such as resnet-18


def minus(words: str) -> str:
    """A sentence in which the numbers below zero have a minus; hyphens in words stay what they are."""
    return HYPHEN_MINUS.sub("−", words)
