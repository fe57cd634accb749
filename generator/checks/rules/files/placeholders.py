"""No file may contain a placeholder or a secret.

Checked: `<placeholder>`, `CHANGE_ME` and the like, and strings that look like a token or a password, in all
files except examples.

Why: a manifest with `<base64-encoded-database-url>` is applied as it is when the folder is applied. A secret
in Git stays in every clone of the repository.

Bad:

    database-url: <base64-encoded-database-url>

Good:

    kubectl create secret generic oet-secrets --from-file=database-url=<(printf %s "$DATABASE_URL")
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.findings import Finding, error
from generator.languages.source import Source
from generator.values.secrets import find_secrets

CODE = "checks/placeholders"
_WAITING = re.compile(
    r"<(?:your|my|base64|insert|replace|enter|change|todo|placeholder|account|aws|some)[\w -]*>"
    r"|\b(?:CHANGE[_-]?ME|REPLACE[_-]?ME|FILL[_-]?ME(?:[_-]?IN)?|FIXME|TODO|XXX+)\b"
    r"|\bYOUR[_-][A-Z_-]+\b",
    re.IGNORECASE,
)
_OTHER = re.compile(r"(?<![<\w$({=-])<[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+>")
_CODE = ("typescript",)  # where <a-b> is a type or a comparison


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    for path, source in system.sources.items():
        if not path.endswith(".example"):
            yield from _waiting(source)
            yield from _secrets(source)


def _waiting(source: Source) -> Iterator[Finding]:
    patterns = (_WAITING,) if source.language in _CODE else (_WAITING, _OTHER)
    for pattern in patterns:
        for found in pattern.finditer(source.text):
            hint = "make it a value, or call the file .example, so that nobody applies it"
            yield error(
                CODE, f"{found[0]} waits to be filled in", source.at(found.start(), len(found[0])), hint=hint
            )


def _secrets(source: Source) -> Iterator[Finding]:
    for secret in find_secrets(source.label, source.text):
        found = secret.finding()
        yield error(CODE, found.message, secret.at, hint="name a variable or a key of the secret instead")
