"""`checks:` in an environment's file: rules that are turned off there, or only warn, each with a reason.

    checks:
    - {skip: hadolint/DL3018, files: "*/Dockerfile", reason: Alpine deletes a package's old versions.}
    - {warn: checks/support, reason: The document names these versions.}

`hadolint/*` is all that a tool says, `checks/*` every rule. In `base.yaml` an entry is for every environment, in an
environment's own file for that one; nothing is inherited with `extends`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generator.findings import Finding, Note, Severity, Span, error, warning
from generator.findings.suggest import nearest
from generator.project import BASE, ENVIRONMENTS
from generator.values.layers import Layer, Values
from generator.values.source import Located

KEY = "checks"
_ACTIONS = ("skip", "warn")


@dataclass(frozen=True)
class Switch:
    """One entry: what it does (`skip`, `warn`) to findings of which code, in which files, and why."""

    action: str
    code: str
    files: tuple[str, ...]
    reason: str
    at: Span
    shared: bool

    def covers(self, finding: Finding) -> bool:
        """Say whether a finding is meant: by its code, and by one of its files or templates."""
        if not fnmatch.fnmatchcase(finding.code, self.code):
            return False
        paths = [span.path for span in (finding.at, *(note.at for note in finding.notes)) if span]
        return not self.files or any(_matches(path, pattern) for path in paths[:2] for pattern in self.files)


@dataclass(frozen=True)
class Suppressed:
    """A switch that was used: in which environment, and how many findings it hides or softens."""

    switch: Switch
    env: str
    count: int


@dataclass(frozen=True)
class Sorted:
    """Findings after the switches: those that count, those that only warn for a stated reason, and what was used."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    turned: tuple[Suppressed, ...]


def switches(values: Values, known: Sequence[str]) -> tuple[list[Switch], list[Finding]]:
    """Return the entries that are for this environment, and what is wrong with them.

    `known` are the codes and, with `/*` at the end, the tools whose codes cannot all be known.
    """
    found: list[Switch] = []
    findings: list[Finding] = []
    for layer in values.layers:
        if layer.path not in (f"{ENVIRONMENTS}/{BASE}.yaml", f"{ENVIRONMENTS}/{values.env}.yaml"):
            continue
        for index, entry in _entries(layer.located):
            switch = _switch(layer, index, entry, known, findings)
            if switch:
                found.append(switch)
    return found, [replace(each, environment=values.env) for each in findings]


def sort(findings: Sequence[Finding], switched: Sequence[Switch], env: str) -> Sorted:
    """Take out what is turned off, soften what only warns, and warn of a switch that does nothing."""
    kept: list[Finding] = []
    accepted: list[Finding] = []
    counts: dict[Switch, int] = dict.fromkeys(switched, 0)
    for finding in findings:
        switch = next((each for each in switched if each.covers(finding)), None)
        if switch is None:
            kept.append(finding)
            continue
        counts[switch] += 1
        if switch.action == "warn":
            note = Note(f"only a warning here: {switch.reason}", switch.at)
            accepted.append(replace(finding, severity=Severity.WARNING, notes=(*finding.notes, note)))
    turned = tuple(Suppressed(switch, env, count) for switch, count in counts.items() if count)
    return Sorted(tuple(kept), tuple(accepted), turned)


def idle(
    switched: Mapping[str, Sequence[Switch]], turned: Sequence[Suppressed], ran: Sequence[str]
) -> Iterator[Finding]:
    """Yield a warning for each switch that had nothing to turn off.

    One for all environments must do something in one of them. What belongs to a tool that did not run is left alone.
    """
    used = {each.switch for each in turned}
    for switch in dict.fromkeys(each for listed in switched.values() for each in listed):
        tool = switch.code.partition("/")[0]
        if switch not in used and tool in ran:
            message = f"{switch.action}s {switch.code}, which finds nothing"
            yield warning("checks/idle-switch", message, switch.at, hint="take the entry out")


def _entries(located: Located) -> Iterator[tuple[int, object]]:
    entries = located.data.get(KEY) if isinstance(located.data, dict) else None
    yield from enumerate(entries if isinstance(entries, list) else [])


def _switch(
    layer: Layer, index: int, entry: object, known: Sequence[str], findings: list[Finding]
) -> Switch | None:
    if not isinstance(entry, dict):
        return None  # the schema says so
    at = layer.located.at((KEY, index)) or Span(layer.path, 1)
    actions = [action for action in _ACTIONS if action in entry]
    code = str(entry.get(actions[0])) if actions else ""
    place = layer.located.values.get((KEY, index, actions[0]), at) if actions else at
    if not any(fnmatch.fnmatchcase(each, code) or fnmatch.fnmatchcase(code, each) for each in known):
        hint = nearest(code, list(known)) or "oetgen explain lists the codes"
        findings.append(error("checks/unknown-rule", f"no rule has the code {code}", place, hint=hint))
        return None
    files = entry.get("files", [])
    patterns = (files,) if isinstance(files, str) else tuple(str(each) for each in files)
    return Switch(
        actions[0], code, patterns, str(entry.get("reason", "")), place, layer.path.endswith(f"/{BASE}.yaml")
    )


def _matches(path: str, pattern: str) -> bool:
    """Say whether a pattern fits a path, or what of it is below an environment's folder or templates/."""
    parts = path.split("/")
    own = ["/".join(parts[2:])] if parts[0] == "out" else ["/".join(parts[1:])]
    return any(fnmatch.fnmatchcase(each, pattern) for each in (path, *own))
