"""Kubernetes' quantities: `1000m` and `1` are one amount, `1Gi` is more than `1G`.

Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction

from generator.changes.diff.structure import Path
from generator.languages.node import Leaf, Node

_QUANTITY = re.compile(r"([+-]?[0-9.]+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?")
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL = {letter: Fraction(1000) ** power for power, letter in enumerate("kMGTPE", start=1)}
_SMALL = {"n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000)}
_FACTORS = {**_BINARY, **_DECIMAL, **_SMALL}
_FIELDS = frozenset(["limits", "requests", "capacity", "hard", "overhead"])
_LAST = frozenset(["sizeLimit", "averageValue", "divisor"])


def amount(node: Node | None) -> Fraction | None:
    """Return the amount of a quantity, or None when `node` is not a quantity."""
    if not isinstance(node, Leaf) or isinstance(node.value, bool):
        return None
    found = _QUANTITY.fullmatch(node.text)
    if not found:
        return None
    digits, suffix = found[1], found[2] or ""
    try:
        value = Fraction(digits)
    except ValueError:
        return None
    if suffix[:1] in ("e", "E") and len(suffix) > 1:
        return value * Fraction(10) ** int(suffix[1:])
    return value * _FACTORS.get(suffix, Fraction(1))


def same(path: Path, old: Leaf, new: Leaf) -> bool:
    """Return whether two leaves are the same amount, at a path where Kubernetes expects a quantity."""
    if not (_FIELDS & set(path[:-1]) or (path[-1:] and path[-1] in _LAST)):
        return False
    was = amount(old)
    return was is not None and was == amount(new)
