"""Whether the value of a key for a secret is the secret itself, and not a reference, a name or a placeholder."""

from __future__ import annotations

import re

from generator.values.secrets.entropy import entropy, is_placeholder, is_word, words
from generator.values.secrets.keys import Level

_MIN_PASSWORD = 4
_MIN_SECRET = 8
_MIN_ENTROPY = 2.5
_MIN_NUMBER = 6  # digits; fewer are a length or a count
# A reference to a variable, a function or another file in shell, Terraform, Jinja, GitHub, Compose, YAML and Windows.
_REFERENCE = re.compile(
    r"\$\{|\$\(|\{\{|%\{|#\{|^<.*>$|^[(\[{<]|\$[A-Z][A-Z0-9]*_[A-Z0-9_]+|^%\w+%$|^[!&*][A-Za-z]\w*$"
    r"|^!\w+ |^\*+$|…|^[a-z][a-z0-9+.-]*://|^arn:|^(?:/|\.{1,2}/|~/)|^`|^&?[A-Za-z_](?:[\w.-]|::?|[?!]\.|->)*[\[({]"
)
_IDENTIFIERS = re.compile(
    r"[A-Za-z_][\w-]*(?:\[[\w\"'*-]*\])?(?:[.?!]+[A-Za-z_][\w-]*(?:\[[\w\"'*-]*\])?)+!?"
)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")  # the name of a variable
_SHELL_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)(?!\w)")
_FILLED_IN = re.compile(
    r"(?i)change|replace|your|example|placeholder|dummy|todo|fixme|redacted|hidden|masked|(?:not|un)[-_ ]?set|insert"
)
# Words of names of what holds a password, and of values that only tests use.
_NAMING = frozenset(
    "auth cred credential credentials creds demo dev empty env fake for key keys local name none null pass passphrase"
    " passwd password passwords pwd ref sample secret secrets test testing tests token tokens vault".split()
)
_ALGORITHM = re.compile(
    r"(?i)(?:scram-)?sha-?[0-9]{1,3}|md5|(?:b|s)crypt|argon2(?:i|d|id)?|pbkdf2[\w-]*|oauth2|rfc[0-9]+|base64|utf-?8"
)
_PLAIN = re.compile(r"[A-Za-z]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_MIXED_CASE, _MIXED_DIGIT = re.compile("[a-z][A-Z]"), re.compile("[A-Za-z][0-9]|[0-9][A-Za-z]")
_MIN_DASHED = 3  # words with dashes; two are a mode, such as write-only
_MIN_SENTENCE = 4  # words with blanks; fewer are a text to show, such as "New password"


def is_secret(level: Level, value: str) -> bool:
    """Return whether `value` of a key of this level is a secret itself."""
    if (
        level < Level.SECRET
        or _REFERENCE.search(value)
        or is_placeholder(value)
        or _ALGORITHM.fullmatch(value)
    ):
        return False
    if _VARIABLE.fullmatch(value) or _is_dotted_name(value) or _is_variable(value):
        return False
    if level is Level.PASSWORD and _is_password(value):
        return True
    return is_high_entropy(value)


def is_high_entropy(value: str) -> bool:
    """Return whether a value is one word of eight or more characters that are not those of a name."""
    return (
        len(value) >= _MIN_SECRET
        and not re.search(r"\s", value)
        and entropy(value) >= _MIN_ENTROPY
        and not all(map(is_word, words(value)))
    )


def is_stand_in(value: str) -> bool:
    """Return whether a password is a word that stands for one, as `password` and `DB_PASSWORD` do."""
    named = all(map(is_word, words(value))) and any(word.lower() in _NAMING for word in _WORD.findall(value))
    return named or bool(_VARIABLE.fullmatch(value) or _FILLED_IN.search(value))


def _is_variable(value: str) -> bool:
    """Return whether a value begins with a variable of a shell, such as `$password`."""
    found = _SHELL_VARIABLE.match(value)
    return found is not None and all(map(is_word, found[1].rstrip("0123456789").split("_")))


def _is_dotted_name(value: str) -> bool:
    """Return whether a value is a path of attributes, such as `var.password` or `process.env.PASSWORD`."""
    return bool(_IDENTIFIERS.fullmatch(value)) and all(map(is_word, re.findall(r"[A-Za-z0-9]+", value)))


def _is_password(value: str) -> bool:
    """Return whether a value is a password: neither one plain word nor the name of something."""
    value = value.strip()
    if len(value) < _MIN_PASSWORD or _FILLED_IN.search(value) or _PLAIN.fullmatch(value):
        return False
    if value.isdigit():
        return len(value) >= _MIN_NUMBER
    parts = words(value)
    if not all(map(is_word, parts)):
        return True
    separators = set(re.findall(r"[^A-Za-z0-9]", value))
    if any(word.lower() in _NAMING for part in parts for word in _WORD.findall(part)):
        return False
    if separators & set(" @+=,") and _MIXED_CASE.search(value) and _MIXED_DIGIT.search(value):
        return True
    if separators - {"-", " "}:
        return False
    return len(parts) >= (_MIN_SENTENCE if " " in separators else _MIN_DASHED) or (
        not separators and len(value) >= 6
    )
