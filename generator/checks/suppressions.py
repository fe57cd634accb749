"""`checks:` in an environment's file: findings that are suppressed there, or only warn, each with a reason.

    checks:
    - {skip: hadolint/DL3018, files: "*/Dockerfile", reason: Alpine deletes a package's old versions.}
    - {warn: checks/support, reason: The document names these versions.}

`hadolint/*` stands for all findings of a tool, `checks/*` for those of every rule. An entry in `base.yaml` is for
every environment, as one in `oetgen.yaml` is; one in an environment's own file is for that environment; `extends`
inherits no entries.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from generator.checks.registry import rules
from generator.checks.validators import VALIDATORS
from generator.findings import ACCEPTED, Finding, Note, Severity, Span, error, warning
from generator.findings.record import record
from generator.findings.suggest import nearest
from generator.values.layers import Layer, Values
from generator.values.source import Located

KEY = "checks"
_ACTIONS = ("skip", "warn")


@record
class Suppression:
    """One entry: what it does (`skip`, `warn`) to findings of which code, in which files, and why."""

    action: str
    code: str
    files: tuple[str, ...]
    reason: str
    at: Span

    def covers(self, finding: Finding, folder: str) -> bool:
        """Return whether the entry is for a finding: by its code, and by one of its files or templates."""
        if not fnmatch.fnmatchcase(finding.code, self.code):
            return False
        paths = [span.path for span in finding.places]
        return not self.files or any(
            _matches(path, pattern, folder) for path in paths[:2] for pattern in self.files
        )


@record
class Suppressed:
    """A suppression that was used: in which environment, and for how many findings."""

    suppression: Suppression
    env: str
    count: int


@record
class Sorted:
    """The findings that count, those that only warn for a stated reason, and the suppressions that were used."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]


def known_codes() -> list[str]:
    """Return the codes of all rules and, with `/*` at the end, the tools whose codes cannot all be known."""
    return [*(f"checks/{name}" for name in rules()), *(f"{each.CODES}/*" for each in VALIDATORS.values())]


def suppressions(
    values: Values, known: Sequence[str], shared: Layer | None = None
) -> tuple[list[Suppression], list[Finding]]:
    """Return the entries for this environment, and what is wrong with them.

    `shared` is `oetgen.yaml`, whose entries are for every environment; `known` is what `known_codes` returns.
    """
    entries: list[Suppression] = []
    findings: list[Finding] = []
    own = (values.folders.base, values.path)
    for layer in [
        *([shared] if shared else []),
        *(each for each in values.layers if each.path in own and not each.is_part),
    ]:
        for index, entry in _entries(layer.located):
            read = _suppression(layer, index, entry, known)
            if isinstance(read, Finding):
                findings.append(replace(read, environment=values.env))
            else:
                entries.append(read)
    return entries, findings


def apply(findings: Sequence[Finding], entries: Sequence[Suppression], env: str, folder: str) -> Sorted:
    """Drop the findings that are skipped, and turn into warnings those that only warn; the output is in `folder`."""
    kept: list[Finding] = []
    accepted: list[Finding] = []
    counts: dict[Suppression, int] = dict.fromkeys(entries, 0)
    for finding in findings:
        entry = next((each for each in entries if each.covers(finding, folder)), None)
        if entry is None:
            kept.append(finding)
            continue
        counts[entry] += 1
        if entry.action == "warn":
            note = Note(f"only a warning here: {entry.reason}", entry.at, ACCEPTED)
            accepted.append(replace(finding, severity=Severity.WARNING, notes=(*finding.notes, note)))
    suppressed = tuple(Suppressed(entry, env, count) for entry, count in counts.items() if count)
    return Sorted(tuple(kept), tuple(accepted), suppressed)


def unused(
    entries: Mapping[str, Sequence[Suppression]], suppressed: Sequence[Suppressed], ran: Sequence[str]
) -> Iterator[Finding]:
    """Yield a warning for each entry, by environment, that suppresses nothing.

    An entry for all environments must suppress something in one of them. Entries for a tool that did not run are left
    alone.
    """
    used = {each.suppression for each in suppressed}
    for entry in dict.fromkeys(each for own in entries.values() for each in own):
        tool = entry.code.partition("/")[0]
        if entry not in used and tool in ran:
            message = f"{entry.action}s {entry.code}, which finds nothing"
            beside = [each for own in entries.values() if entry in own for each in own if each in used]
            other = next((each for each in beside if fnmatch.fnmatchcase(entry.code, each.code)), None)
            hint = "remove the entry"
            if entry.files:
                message = f"{entry.action}s {entry.code} in {', '.join(entry.files)}, where it finds nothing"
                message += f" that {other.at.path}:{other.at.line} leaves" if other else ""
                hint = "correct files, which are paths of the output or of templates, or remove the entry"
            elif other:
                message = f"{entry.action}s {entry.code}, as {other.at.path}:{other.at.line} does already"
            yield warning("checks/idle-switch", message, entry.at, hint=hint)


def _entries(located: Located) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the entries with their numbers; the schema reports those that are not maps."""
    entries = located.data.get(KEY) if isinstance(located.data, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield index, entry


def _suppression(
    layer: Layer, index: int, entry: dict[str, object], known: Sequence[str]
) -> Suppression | Finding:
    at = layer.located.at((KEY, index)) or Span(layer.path, 1)
    actions = [action for action in _ACTIONS if action in entry]
    code = str(entry.get(actions[0])) if actions else ""
    place = layer.located.values.get((KEY, index, actions[0]), at) if actions else at
    if not any(fnmatch.fnmatchcase(each, code) or fnmatch.fnmatchcase(code, each) for each in known):
        hint = nearest(code, list(known)) or "oetgen explain lists the codes"
        return error("checks/unknown-rule", f"no rule has the code {code}", place, hint=hint)
    files = entry.get("files", [])
    patterns = tuple(str(each) for each in files) if isinstance(files, list) else (str(files),)
    return Suppression(actions[0], code, patterns, str(entry.get("reason", "")), place)


def _matches(path: str, pattern: str, folder: str) -> bool:
    """Return whether a pattern matches a path, or its part below the environment's folder or `templates/`."""
    inside = path.startswith(f"{folder}/")
    own = path.removeprefix(f"{folder}/") if inside else path.partition("/")[2]
    return any(fnmatch.fnmatchcase(each, pattern) for each in (path, own))
