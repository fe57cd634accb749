"""Images of databases: whether another version starts on the files of the one before."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from generator.changes.hazards.model import Effect
from generator.changes.tables import table
from generator.findings.record import record
from generator.system.images import image_name

_VERSION = r"(?<=^v)\d+(?:\.\d+)*|^\d+(?:\.\d+)*"
_EFFECTS = {"refused": Effect.REFUSED, "upgraded": Effect.OUTAGE, "unknown": Effect.UNKNOWN}
_MESSAGES = {
    "upgraded": "its files are upgraded in place while it does not answer, and there is no way back without a copy",
    "unknown": "whether it starts on the existing files is not known",
}


@record
class VersionChange:
    """What another version of a database does to the files of the one before; `by` refuses it, if it is refused.

    `upgrades` is the name of the database.
    """

    effect: Effect
    message: str
    safe: str
    source: str
    by: str
    upgrades: str


class _Product(NamedTuple):
    """The facts about a database, and the version of it."""

    facts: Mapping[str, Any]
    version: str


def version_change(old: str, new: str, place: str) -> VersionChange | None:
    """Return what the change of an image does to the files that it keeps, None for other images and same series.

    `place` is what does not start when the database refuses its files.
    """
    was, now = _product(old), _product(new)
    if was is None or now is None or was.facts is not now.facts:
        return None
    facts, verdict = was.facts, _verdict(was.facts, was.version, now.version)
    if verdict is None:
        return None
    series = [_shown(facts, each.version) for each in (was, now)]
    what = f"{facts['name']} changes from {series[0]} to {series[1]}"
    words = f"{facts['words']}, and {place} does not start" if verdict == "refused" else _MESSAGES[verdict]
    by = facts["name"] if verdict == "refused" else ""
    return VersionChange(
        _EFFECTS[verdict], f"{what}: {words}", facts["safe"], facts["source"], by, facts["name"]
    )


@record
class FirstStart:
    """A database that reads `variables` only when it has no files yet."""

    database: str
    variables: frozenset[str]
    source: str

    def message(self, name: str) -> str:
        """Return what a change of a variable means."""
        return (
            f"{name} changes, but {self.database} reads it only at a start without files: the old value stays"
        )


IN_THE_SERVER = "keep it; or make the change in the running server, too, before its clients expect it"


def first_start(image: str) -> FirstStart | None:
    """Return the database of an image that reads some variables only when it has no files yet."""
    wanted = _facts(image)
    for key, facts in table("database-images").items():
        if wanted is not None and facts is wanted and "first" in facts:
            variables = frozenset(facts["first"].split())
            return FirstStart(facts["name"], variables, f"https://hub.docker.com/_/{key}")
    return None


def is_database(image: str) -> bool:
    """Return whether an image is a database that the table has, in a version that its tag names."""
    return _product(image) is not None


def _product(image: str) -> _Product | None:
    """Return the database of an image, where its tag names a version."""
    facts = _facts(image)
    match = re.search(facts.get("version", _VERSION), image_name(image)[2]) if facts else None
    return _Product(facts, match[0]) if facts and match else None


def _facts(image: str) -> Mapping[str, Any] | None:
    repository = image_name(image)[1]
    last = repository.rpartition("/")[2]
    for facts in table("database-images").values():
        names = facts["images"].split()
        if last in names or any("/" in name and repository.endswith(name) for name in names):
            found: Mapping[str, Any] = facts
            return found
    return None


def _verdict(facts: Mapping[str, Any], old: str, new: str) -> str | None:
    series = str(facts["series"]).split()
    was, now = _possible(series, old), _possible(series, new)
    if not was or not now or (was != now and set(was) & set(now)):
        return None if old.partition(".")[0] == new.partition(".")[0] else "unknown"
    if was == now:
        return None
    if now[-1] < was[0]:
        may_read = series[now[-1]] == facts.get("may_read", {}).get(series[was[0]])
        return "unknown" if may_read else str(facts["back"])
    least = _least(facts, new)
    if least:
        return _at_least(old, least)
    if now[0] - was[-1] > 1:
        return str(facts["skip"])
    return str(facts["next"]) if len(was) == len(now) == 1 else "unknown"


def _possible(series: list[str], version: str) -> list[int]:
    """Return the numbers of the series that a version may belong to: several when it is short."""
    exact = [number for number, each in enumerate(series) if f"{version}.".startswith(f"{each}.")]
    return exact or [number for number, each in enumerate(series) if each.startswith(f"{version}.")]


def _least(facts: Mapping[str, Any], version: str) -> str:
    """Return the oldest version whose files a version reads, where its longest prefix in the table has one."""
    known: Mapping[str, str] = facts.get("least", {})
    prefixes = [each for each in known if f"{version}.".startswith(f"{each}.")]
    return known[max(prefixes, key=len)] if prefixes else ""


def _at_least(version: str, least: str) -> str:
    parts, wanted = ([int(part) for part in text.split(".")] for text in (version, least))
    if len(parts) < len(wanted) and parts == wanted[: len(parts)]:
        return "unknown"
    return "upgraded" if parts >= wanted else "refused"


def _shown(facts: Mapping[str, Any], version: str) -> str:
    series = str(facts["series"]).split()
    found = _possible(series, version)
    return series[found[0]] if len(found) == 1 and "least" not in facts else version
