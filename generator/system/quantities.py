"""Quantities as Kubernetes reads them: `1000m` and `1` are one amount, `1Gi` is more than `1G`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction

from generator.languages.node import Leaf, Node

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?")
_FACTORS = {"": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000)} | {
    suffix: Fraction(base) ** power
    for base, suffixes in ((1000, "k M G T P E"), (1024, "Ki Mi Gi Ti Pi Ei"))
    for power, suffix in enumerate(suffixes.split(), start=1)
}


def quantity(text: str) -> Fraction | None:
    """Return the amount that `text` stands for, or None when it is not a quantity."""
    parts = _QUANTITY.fullmatch(text)
    if not parts:
        return None
    number, suffix = Fraction(parts[1]), parts[2] or ""
    if suffix in _FACTORS:
        return number * _FACTORS[suffix]
    return number * Fraction(10) ** int(suffix[1:])


def amount(node: Node | None) -> Fraction | None:
    """Return the amount that a leaf stands for, or None when it is not a quantity."""
    if not isinstance(node, Leaf) or isinstance(node.value, bool):
        return None
    return quantity(node.text)
