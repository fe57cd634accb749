"""Find secrets where none is allowed: in values, in `--set`, in the text of templates and of their output.

The forms are those that the issuers document and that gitleaks and other scanners publish (`forms.json`).
The value of a key that names a secret is reported when it is a secret itself, and other text when it is a
high-entropy string. Findings about it, and all others of the same place, show its first characters only.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from typing import Any

from generator.findings import Span
from generator.languages.source import Source
from generator.values.secrets.forms import is_encrypted
from generator.values.secrets.keys import level
from generator.values.secrets.literals import is_high_entropy, is_secret
from generator.values.secrets.places import Place, scan
from generator.values.secrets.redaction import Secret, redact, redacted
from generator.values.source import KeyPath, Located, leaves

_MOST = 50  # findings about one text


@lru_cache(maxsize=256)  # environments share most of their files
def find_secrets(path: str, text: str) -> tuple[Secret, ...]:
    """Return what looks like a secret in `text` from the file at `path`, in order, at most fifty of them."""
    return _secrets(path, text, list(islice(scan(text), _MOST)))


def find_in_values(path: str, text: str, located: Located) -> tuple[Secret, ...]:
    """Return what looks like a secret in values: in their text, and as the value of a key that names a secret."""
    places = list(islice(scan(text), _MOST))
    lines = Source(path, text, "", path)
    for keys, value in leaves(located.data):
        at = located.values.get(keys)
        name = _name(keys, located.data)
        if at and isinstance(value, str) and is_secret(level(name), value) and not is_encrypted(value):
            start, end = _inside(text, lines.offset(at.line, at.column), at.length, value)
            if all(end <= begin or stop <= start for _, begin, stop in places):
                places.append((f"the secret that {name} names", start, end))
    return _secrets(path, text, places[:_MOST])


def is_certain(secret: Secret) -> bool:
    """Return whether a secret has a known form, or is a high-entropy string, whatever its key is."""
    return not secret.what.startswith("the secret that ") or is_high_entropy(secret.text)


def _name(keys: KeyPath, data: Any) -> str:
    """Return the key that names a value: the nearest one, or the name beside `value` in a list of variables."""
    names = [key for key in keys if isinstance(key, str)]
    if names[-1:] == ["value"] and keys[-1] == "value":
        for key in keys[:-1]:
            data = data[key]
        if isinstance(data.get("name"), str):
            return str(data["name"])
    return names[-1] if names else ""


def _inside(text: str, start: int, length: int, value: str) -> tuple[int, int]:
    """Return the place of a scalar without its quotes, or the first line of a block."""
    if text[start : start + 1] in ("|", ">"):
        first = value.lstrip("\n").partition("\n")[0]
        begin = text.find(first.split(" ")[0], start)
        return (begin, begin + len(first)) if begin >= 0 else (start, start + length)
    quotes = text[start : start + 1] in ("'", '"') and length > 2
    return (start + 1, start + length - 1) if quotes else (start, start + length)


def _secrets(path: str, text: str, places: list[Place]) -> tuple[Secret, ...]:
    places.sort(key=lambda place: place[1])
    texts = {text[start:end] for _, start, end in places}
    shown: dict[int, str] = {}
    secrets = []
    for what, start, end in places:
        line = text.rfind("\n", 0, start) + 1
        if line not in shown:
            shown[line] = redacted(text[line:].partition("\n")[0], texts)
        secret = text[start:end]
        length = len(secret.partition("\n")[0])
        at = Span(path, text.count("\n", 0, start) + 1, start - line + 1, length, shown[line])
        secrets.append(Secret(secret, what, at))
    return tuple(secrets)


__all__ = ["Secret", "find_in_values", "find_secrets", "is_certain", "redact"]
