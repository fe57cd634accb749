"""How readers of YAML 1.1 and 1.2 read plain text, and whether they agree.

The forms are those of https://yaml.org/type/ (1.1) and of the core schema of https://yaml.org/spec/1.2.2/.
"""

from __future__ import annotations

import math
import re
from typing import Any

_MOST_DIGITS = 20  # of a number; readers lose digits of longer ones
# Spaces that are not spaces in YAML, and characters without width. They do no harm in quotes and comments.
ODD_SPACE = re.compile("[\xa0\xad\u1680\u2000-\u200b\u202f\u205f\u2060\u3000]")

# Kind, the texts that some reader reads as it, and those that every reader reads as the same value.
_FORMS = (
    ("null", re.compile(r"~|null|Null|NULL|"), re.compile(r"~|null")),
    (
        "bool",
        re.compile(r"y|Y|n|N|[Yy]es|YES|[Nn]o|NO|[Tt]rue|TRUE|[Ff]alse|FALSE|[Oo]n|ON|[Oo]ff|OFF"),
        re.compile(r"true|false"),
    ),
    (
        "int",
        re.compile(r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*|[1-9][0-9_]*(:[0-5]?[0-9])+)|0o[0-7]+"),
        re.compile(r"0|-?[1-9][0-9]*"),
    ),
    (
        "float",
        re.compile(
            r"[-+]?(\.[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"
            r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
        ),
        re.compile(r"-?(0|[1-9][0-9]*)\.([0-9]*[1-9]|0)"),
    ),
    ("date", re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \t].*)?"), re.compile(r"(?!)")),
)


def clear_value(text: str) -> tuple[bool, Any]:
    """Return whether all readers agree about the plain `text`, and then its value."""
    for kind, looks, is_clear in _FORMS:
        if looks.fullmatch(text):
            if not is_clear.fullmatch(text) or len(text) >= _MOST_DIGITS:
                return False, None
            return True, _value(kind, text)
    return True, text


def meaning(text: str) -> str:
    """Return how readers read plain `text`, in words; nothing when it is text to all of them."""
    return next((_meaning(kind, text) for kind, looks, _ in _FORMS if looks.fullmatch(text)), "")


def ways_out(text: str) -> str:
    """Return the hint for ambiguous plain text: how to write each meaning."""
    if not text:
        return (
            'write null to remove the value, "" for an empty text, {} for an empty map, [] for an empty list'
        )
    reading = meaning(text)
    clear = reading.rpartition(" ")[2]
    quoted = f'write "{short(text)}"'
    return (
        f"{quoted} for the text, or {clear}" if clear_value(clear)[1] != clear else f"{quoted} for the text"
    )


def short(text: str) -> str:
    """Return `text` for a message, cut where it is long."""
    return text if len(text) <= 40 else f"{text[:37]}…"


def _value(kind: str, text: str) -> Any:
    if kind == "null":
        return None
    return text == "true" if kind == "bool" else int(text) if kind == "int" else float(text)


def _meaning(kind: str, text: str) -> str:
    if kind in ("null", "date"):
        return "null" if kind == "null" else "a date"
    if kind == "bool":
        return f"the boolean {'true' if text.lower() in ('y', 'yes', 'on', 'true') else 'false'}"
    if len(text) >= _MOST_DIGITS:
        return "a number that loses digits"
    try:
        return _number(kind, text.replace("_", "").lstrip("+"))
    except ValueError:
        return "a number"


def _number(kind: str, digits: str) -> str:
    if kind == "float":
        if ":" in digits:
            return "a number to the base of 60"
        number = float(re.sub(r"\.(?=inf|nan)", "", digits.lower()))
        return f"the number {number:g}" if math.isfinite(number) else "a number that is not finite"
    if ":" in digits:
        return f"the number {_sexagesimal(digits)}"
    octal = re.fullmatch(r"(-?)0o?([0-7]+)", digits)
    return f"the number {int(octal[1] + octal[2], 8) if octal else int(digits, 0)}"


def _sexagesimal(digits: str) -> int:
    total = 0
    for part in digits.lstrip("-").split(":"):
        total = total * 60 + int(part)
    return -total if digits.startswith("-") else total
