"""Quantities as Kubernetes reads them: `1000m` and `1` are one amount, `1Gi` is more than `1G`; and durations.

Sources: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/; https://pkg.go.dev/time,
ParseDuration, to which Compose adds days and weeks.
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

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d|w)")
_SECONDS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1,
    "m": 60,
    "h": 3600,
    "d": 86400,
    "w": 604800,
}


def seconds(text: str) -> float | None:
    """Return the seconds of a duration such as `1h30m`, or None for other texts; only 0 may have no unit."""
    if text == "0":
        return 0
    if not re.fullmatch(f"(?:{_DURATION.pattern})+", text):
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in _DURATION.findall(text))


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
