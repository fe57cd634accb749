"""Images of databases: whether another version starts on the files of the one before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.changes.hazards.model import Effect
from generator.changes.tables import table
from generator.system.images import image_name

_VERSION = r"(?<=^v)\d+(?:\.\d+)*|^\d+(?:\.\d+)*"
_EFFECTS = {"refused": Effect.REFUSED, "upgraded": Effect.OUTAGE, "unknown": Effect.UNKNOWN}
_MESSAGES = {
    "upgraded": "its files are upgraded in place while it does not answer, and there is no way back without a copy",
    "unknown": "whether it starts on the existing files is not known",
}


@dataclass(frozen=True, slots=True)
class VersionChange:
    """What another version of a database does to the files of the one before; `by` refuses it, if it is refused."""

    effect: Effect
    message: str
    safe: str
    source: str
    by: str


def version_change(old: str, new: str, place: str) -> VersionChange | None:
    """Return what the change of an image does to the files that it keeps, None for other images and same series.

    `place` is what does not start when the database refuses its files.
    """
    was, now = _product(old), _product(new)
    if was is None or now is None or was[0] != now[0]:
        return None
    facts, old_version, new_version = was[1], was[2], now[2]
    verdict = _verdict(facts, old_version, new_version)
    if verdict is None:
        return None
    series = [_shown(facts, each) for each in (old_version, new_version)]
    what = f"{facts['name']} changes from {series[0]} to {series[1]}"
    words = f"{facts['words']}, and {place} does not start" if verdict == "refused" else _MESSAGES[verdict]
    by = facts["name"] if verdict == "refused" else ""
    return VersionChange(_EFFECTS[verdict], f"{what}: {words}", facts["safe"], facts["source"], by)


def is_database(image: str) -> bool:
    """Return whether an image is a database that the table has, in a version that its tag names."""
    return _product(image) is not None


def _product(image: str) -> tuple[str, Mapping[str, Any], str] | None:
    """Return the database of an image, the facts about it, and its version."""
    _, repository, tag = image_name(image)
    last = repository.rpartition("/")[2]
    for key, facts in table("database-images").items():
        names = facts["images"].split()
        if last in names or any("/" in name and repository.endswith(name) for name in names):
            match = re.search(facts.get("version", _VERSION), tag)
            return (key, facts, match[0]) if match else None
    return None


def _verdict(facts: Mapping[str, Any], old: str, new: str) -> str | None:
    series = str(facts["series"]).split()
    was, now = _possible(series, old), _possible(series, new)
    if not was or not now or (was != now and set(was) & set(now)):
        return None if old.partition(".")[0] == new.partition(".")[0] else "unknown"
    if was == now:
        return None
    if now[-1] < was[0]:
        return str(facts["back"])
    least = dict(each.split("=") for each in facts.get("least", "").split())
    if series[now[0]] in least:
        return _at_least(old, least[series[now[0]]])
    if now[0] - was[-1] > 1:
        return str(facts["skip"])
    return str(facts["next"]) if len(was) == len(now) == 1 else "unknown"


def _possible(series: list[str], version: str) -> list[int]:
    """Return the numbers of the series that a version may belong to: several when it is short."""
    exact = [number for number, each in enumerate(series) if f"{version}.".startswith(f"{each}.")]
    return exact or [number for number, each in enumerate(series) if each.startswith(f"{version}.")]


def _at_least(version: str, least: str) -> str:
    parts, wanted = ([int(part) for part in text.split(".")] for text in (version, least))
    if len(parts) < len(wanted) and parts == wanted[: len(parts)]:
        return "unknown"
    return "upgraded" if parts >= wanted else "refused"


def _shown(facts: Mapping[str, Any], version: str) -> str:
    series = str(facts["series"]).split()
    found = _possible(series, version)
    return series[found[0]] if len(found) == 1 and "least" not in facts else version
