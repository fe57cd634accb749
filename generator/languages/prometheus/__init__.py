"""Prometheus' rules and Alertmanager's configuration: YAML with PromQL and Go templates.

Sources: prometheus.io, "Recording rules", "Alerting rules", "Template reference"; "Alertmanager configuration".
"""

from __future__ import annotations

import re

from generator.languages.yaml import comment

__all__ = ["BASE", "comment", "recognise"]

BASE = "yaml"

# Compiled when a file needs it.
_RULES = r"^groups:[ \t]*(?:#[^\n]*)?$.*^[ \t]+(?:- )?(?:alert|record):"
_ENDINGS = ("rules.yml", "rules.yaml", "alerts.yml", "alerts.yaml", "alertmanager.yml", "alertmanager.yaml")


def recognise(path: str, text: str) -> bool:
    """Return whether the file holds groups of rules, or a route to receivers; without text, by its usual name."""
    name = path.rpartition("/")[2]
    if not name.endswith((".yml", ".yaml")):
        return False
    if not text:
        return name.endswith(_ENDINGS)
    if "groups:" in text:
        return bool(re.search(_RULES, text, re.MULTILINE | re.DOTALL))
    lines = f"\n{text}"
    return "\nroute:" in lines and "\nreceivers:" in lines
