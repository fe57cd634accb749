"""No file may contain a placeholder or a secret.

Checked: `<placeholder>`, `CHANGE_ME` and the like, and strings that look like a token or a password, in all
files except examples. A comment may contain a placeholder.

Why: a manifest with `<base64-encoded-database-url>` is applied as it is when the folder is applied. A secret
in Git stays in every clone of the repository.

Bad:

    database-url: <base64-encoded-database-url>

Good:

    kubectl create secret generic shop-secrets --from-file=database-url=<(printf %s "$DATABASE_URL")
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from generator.checks.rule import Context
from generator.findings import Finding, error_if, warning
from generator.languages.source import Source
from generator.system import System
from generator.values.secrets import find_secrets

CODE = "checks/placeholders"
ADVICE = "docs.github.com, Secret scanning; the placeholder itself"
_PLACEHOLDER = re.compile(
    r"<(?:your|my|base64|insert|replace|enter|change|todo|placeholder|account|aws|some)[\w -]*>"
    r"|\b(?:CHANGE[_-]?ME|REPLACE[_-]?ME|FILL[_-]?ME(?:[_-]?IN)?|(?-i:FIXME|TODO)|(?-i:XXX+))\b"
    r"|(?<![\w-])YOUR[_-][A-Z_-]+\b",
    re.IGNORECASE,
)
_TAG_LIKE = re.compile(r"(?<![<\w$({=-])<[a-z][a-z0-9]*(?:[-_][a-z0-9]+)+>")
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//)[^\n]*")
# The languages of deployments; in prose and programs, TODO is a remark and <a-b> a type or a tag.
_DEPLOYED = frozenset(
    "circleci cloudbuild cloudinit compose crontab dockerfile dotenv github gitlab hcl helm ini json kubernetes"
    " makefile nginx pipeline procfile prometheus properties shell systemd taskfile terraform_json toml yaml".split()
)
# What a command searches or replaces is not a value; the rest of its line, too, since a pattern may hold any sign.
_EDIT = re.compile(r"(?m)(?:^|(?<=[\s;|&($]))(?:[ef]?grep|rg|g?sed|g?awk|perl|yq|envsubst)\s[^\n]*")
_LOCK = re.compile(r"(?:^|[/._-])(?:lock|sum)s?(?:$|[._-])")  # files of checksums
# In a script, <a-b> is a part of its help, and mktemp replaces XXX.
_MARKED = re.compile(_PLACEHOLDER.pattern.replace("|(?-i:XXX+)", ""), re.IGNORECASE)
_SAMPLE = re.compile(r"\.(?:example|sample|template|dist)(?:\.|$)")
_DEFINES = "kind: CustomResourceDefinition"  # whose descriptions have words in brackets
_EMULATOR = "devstoreaccount1"  # whose key Azurite, the emulator of Azure storage, publishes
_UNSURE = ("high-entropy string", "the secret that", "password in an address")


def check(context: Context) -> Iterator[Finding]:
    system = context.system
    suspects = [
        source
        for path, source in system.sources.items()
        if not _SAMPLE.search(path) and system.answer(f"{CODE} {path}", partial(_is_suspect, path))
    ]
    edits = _edits(system) if suspects else ""
    for source in suspects:
        yield from _found(source, context.public, edits)


def _is_suspect(path: str, system: System) -> bool:
    return any(True for _ in _found(system.sources[path], frozenset(), ""))


def _found(source: Source, public: frozenset[str], edits: str) -> Iterator[Finding]:
    """Yield what a file has; `edits` are the commands of other files that may replace a placeholder."""
    if source.language in _DEPLOYED and _DEFINES not in source.text:
        yield from _placeholders(source, edits)
    yield from _secrets(source, public)


def _edits(system: System) -> str:
    """Return the commands of the whole tree that search or replace text."""
    return "\n".join(
        match[0]
        for source in system.sources.values()
        if source.language in _DEPLOYED
        for match in _EDIT.finditer(source.text)
    )


def _placeholders(source: Source, edits: str) -> Iterator[Finding]:
    text = _COMMENT.sub(lambda comment: " " * len(comment[0]), source.text)
    text = _EDIT.sub(lambda edit: " " * len(edit[0]), text)
    patterns = (_MARKED,) if source.language == "shell" else (_PLACEHOLDER, _TAG_LIKE)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match[0] in edits:
                continue
            hint = "replace it with a value, or name the file .example so that it is not applied"
            at = source.at(match.start(), len(match[0]))
            yield warning(CODE, f"the placeholder {match[0]} is not filled in", at, hint=hint)


def _secrets(source: Source, public: frozenset[str]) -> Iterator[Finding]:
    for secret in find_secrets(source.label, source.text):
        is_sure = not any(each in secret.what for each in _UNSURE)
        line = secret.at.text
        is_text = source.language not in _DEPLOYED or _LOCK.search(source.path)
        if secret.text in public or (is_text and not is_sure):
            continue
        hint = "use a variable or a key of a Secret instead"
        if _EMULATOR in line or (not is_sure and _EDIT.search(line)):
            continue
        is_used = is_sure and not is_text and not line.lstrip().startswith(("#", "//"))
        yield error_if(is_used, CODE, secret.finding().message, secret.at, hint=hint)
