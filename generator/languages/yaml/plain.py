"""Text without quotes: whether every reader of YAML takes it for the text that it is.

Sources: YAML 1.1 with its types (yaml.org/type), the core schema of YAML 1.2, and what PyYAML, go-yaml (kubectl,
Compose) and the npm package yaml (GitHub) read beyond them, such as `1_000`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.languages.site import MARK, EncodeError

_CHARACTER = "[A-Za-z0-9_./@+=~%()-]"  # nothing that ends a text without quotes, and nothing that is escaped
_SAFE_VALUE = re.compile(f"{_CHARACTER}*(?:[ :]{_CHARACTER}+)*")
_SAFE_START = re.compile(r"[A-Za-z0-9/_.]")
_LINE = re.compile(r"[A-Za-z0-9/_.][!-~]*(?: [!-~]+)*")
_SAFE = re.compile(r"[A-Za-z/][A-Za-z0-9_./@+-]*([ :][A-Za-z0-9_./@+-]+)*")
_ENDS = re.compile(r"[ \t]#|:[ \t]|:\Z|(?:---|\.\.\.)(?:[ \t]|\Z)|\A[ \t]|[ \t]\Z|\A\Z")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_WORDS = frozenset(["", "~", "=", "<<", "y", "n", "yes", "no", "on", "off", "true", "false", "null"])
_NUMBER = re.compile(
    r"[-+]?[0-9_.][0-9_,.:]*(?:e[-+]?[0-9_]*)?|[-+]?0[xob][0-9a-f_]*|[-+]?\.(?:inf|nan)", re.IGNORECASE
)
# No reader takes an address for a number, though the pattern for numbers in the text of YAML 1.1 would.
_ADDRESS = re.compile(r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}")
_DATE = re.compile(
    r"[0-9]+-[0-9]+-[0-9]+(?:(?:t|[ \t]+)[0-9][0-9:.]*[ \t]*(?:z|[-+][0-9:]+)?)?", re.IGNORECASE
)


def is_safe(text: str) -> bool:
    """Return whether a value that is the whole text may stand without quotes."""
    return (bool(_SAFE.fullmatch(text)) and text.lower() not in _WORDS) or bool(_ADDRESS.fullmatch(text))


def is_safe_in(scalar: str, values: Sequence[str]) -> bool:
    """Return whether `scalar`, with `values` in place of its marks, is still one text without quotes.

    The scalar itself is one, so only what the values bring, and what they bring together, is examined.
    """
    if not all(map(_SAFE_VALUE.fullmatch, values)):
        return False
    literals = scalar.split(MARK)
    text = "".join(part for pair in zip(literals, (*values, ""), strict=True) for part in pair)
    return not _ENDS.search(text) and _begins_safely(text, len(literals[0])) and _is_text(text)


def is_safe_on_line(text: str) -> bool:
    """Return whether a value may stand without quotes in a place that ends with its line, outside of brackets."""
    return bool(_LINE.fullmatch(text)) and not _ENDS.search(text) and _is_text(text)


def first_unsafe(values: Sequence[str]) -> int:
    """Return the index of the first of `values` that needs quotes by itself; 0 when only all of them do."""
    return next((index for index, value in enumerate(values) if not _SAFE_VALUE.fullmatch(value)), 0)


def needs_quotes(text: str) -> EncodeError:
    """Return the error for text that only quotes keep as it is, in a place where none can be added."""
    return EncodeError(
        f"without quotes, {text[:60]!r} is not read as this text",
        'put double quotes around the whole text: "… {{ … }} …"',
    )


def escaped(text: str) -> str:
    """Return `text` as it stands between double quotes."""
    if text.isalnum():
        return text
    return "".join(_ESCAPES.get(char) or (char if char.isprintable() else _unicode(char)) for char in text)


def _unicode(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _begins_safely(text: str, literal: int) -> bool:
    """Return whether no indicator begins the text; where two characters of it are `literal`, none does."""
    if literal > 1 or _SAFE_START.match(text):
        return True
    return literal == 1 and text[1:2].isalnum()


def _is_text(text: str) -> bool:
    """Return whether no reader takes the text for a number, date, boolean or null, or for a key that merges."""
    return text.lower() not in _WORDS and not _NUMBER.fullmatch(text) and not _DATE.fullmatch(text)
