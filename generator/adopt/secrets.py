"""Secrets in the folders, and what looks like one but is public, as a person states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from generator.adopt.pairs import Group
from generator.findings import OetgenError
from generator.findings.record import record
from generator.project.globs import matches
from generator.values.secrets import Secret, find_secrets

_LEAST_REASON = 8  # characters, as in oetgen.yaml
_FORM = "PATH=REASON, or PATH:LINE=REASON"


@record
class Public:
    """Text that looks like a secret in the files that match `pattern`, on one line or on all, and the reason."""

    pattern: str
    line: int | None
    reason: str

    def covers(self, secret: Secret) -> bool:
        """Return whether it is about a text."""
        return matches(self.pattern, secret.at.path) and self.line in (None, secret.at.line)


def read_public(texts: Iterable[str]) -> list[Public]:
    """Read `PATH[:LINE]=REASON`. Raises OetgenError for another form."""
    found = []
    for text in texts:
        read = re.fullmatch(r"([^=:]+)(?::([1-9]\d*))?=(.*)", text)
        if not read:
            raise OetgenError(f"--not-secret {text} is not {_FORM}", "name the file as the report does")
        if len(read[3].strip()) < _LEAST_REASON:
            raise OetgenError(
                f"--not-secret {text} has no reason of {_LEAST_REASON} characters or more",
                "state why the text is public: oetgen.yaml keeps the reason for the next reader",
            )
        found.append(Public(read[1], int(read[2]) if read[2] else None, read[3].strip()))
    return found


def secret_of(group: Group, public: Sequence[Public] = ()) -> Secret | None:
    """Return the first secret of a file of the group."""
    return next((each for each in _secrets(group) if not any(one.covers(each) for one in public)), None)


def public_texts(groups: Iterable[Group], public: Sequence[Public]) -> dict[str, str]:
    """Return the texts that are public, each with the reason. Raises OetgenError for a statement about none."""
    found: dict[str, str] = {}
    used: set[Public] = set()
    for each in (secret for group in groups if public for secret in _secrets(group)):
        if one := next((one for one in public if one.covers(each)), None):
            found.setdefault(each.text, one.reason)
            used.add(one)
    for one in public:
        if one not in used:
            place = f"{one.pattern}:{one.line}" if one.line else one.pattern
            raise OetgenError(f"--not-secret {place}: nothing there looks like a secret", "remove the option")
    return found


def _secrets(group: Group) -> Iterator[Secret]:
    for environment, path in sorted(group.paths.items()):
        yield from find_secrets(path, group.files[environment].data.decode("utf-8", "replace"))
