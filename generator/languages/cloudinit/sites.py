"""cloud-init's user data: YAML whose commands are shell, and which holds files."""

from __future__ import annotations

from generator.languages.site import Scalar, Site, text_of
from generator.languages.yaml import dialect


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    return dialect.sites(shape, "cloudinit")


def encode(site: Site, value: Scalar) -> str:
    """Write `value`; the language has no sites of its own."""
    return text_of(value)
