"""Terraform's configuration in JSON: its strings are templates of HCL, so `${` and `%{` are escaped too."""

from __future__ import annotations

from dataclasses import replace

from generator.languages.hcl import sites as hcl
from generator.languages.json import sites as json
from generator.languages.site import Scalar, Site


def sites(shape: str) -> list[Site]:
    """Return the site of each mark in `shape`. Raises ShapeError."""
    from generator.languages.hcl.literals import (
        with_embedded,  # a render that knows the shape needs none of it
    )

    found = [replace(site, language="terraform_json") for site in json.own_sites(shape)]
    return with_embedded("hcl", shape, found) if found else found


def encode(site: Site, value: Scalar) -> str:
    """Write `value` for `site`."""
    return json.encode(site, hcl.template(site, value, value) if isinstance(value, str) else value)


def holds(site: Site, form: str) -> bool:
    """Return whether a whole list or map, as the filter `form` writes it, may stand at `site`."""
    return json.holds(site, form)
