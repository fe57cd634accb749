"""The known forms of secrets, of public identifiers and of encrypted values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from generator.findings.record import record
from generator.values.secrets.entropy import decoded, decoded_bytes, is_placeholder, is_random
from generator.values.secrets.literals import is_stand_in

BEGIN = "-----BEGIN "
_EDGE = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]{1,60})-----")
_MAX_BLOCK = 16_000  # characters between BEGIN and END
_PRIVATE = re.compile(r"(?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?")
_PUBLIC = re.compile(
    r"(?:[A-Z0-9]{1,20} ){0,3}(?:CERTIFICATE|PUBLIC KEY|SIGNATURE|MESSAGE|ENCRYPTED FILE|PKCS7|CMS)(?: [A-Z]{1,20})?"
)

_ADDRESS = re.compile(
    r"""([a-z][a-z0-9+.-]{0,20})://([^\s/:@"'<>{}$%]{0,256})(?::([^\s/:@"'<>{}$%]{1,256}))?@([^\s/:@"'<>]{0,256})"""
)
_LOCAL = ("localhost", "127.0.0.1", "[::1]")  # other machines cannot reach those
_DSN = re.compile(
    r"@[^\s/@\"'<>]{1,256}/(?:[\w.-]{1,60}/){0,4}[0-9]{1,20}\b"
)  # what follows the key in a DSN of Sentry
_DSN_KEY = re.compile(r"[0-9a-f]{32}")
_BASIC = re.compile(r"\bBasic[ \t]{1,8}([A-Za-z0-9+/]{8,512}={0,2})")
_MIN_TOKEN = 16  # characters of a user name in an address that is a token
_APART, _END = "(?<![A-Za-z0-9+/_-])", "(?![A-Za-z0-9+/_-])"  # not a part of a longer token
_DATA = (b"\x1f\x8b", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"wOF", b"PK\x03\x04")
_REST = re.compile(r"[A-Za-z0-9_+/-]*={0,2}")
# The rest of text that is folded: the line that it ends in, and all lines of base64 after it.
_FOLDED = re.compile(r"[ \t]*[A-Za-z0-9+/]*={0,2}(?:\n[ \t]+[A-Za-z0-9+/]+={0,2}(?=\n|\Z))*")
_LONG = 200
_FIREBASE = 400  # characters around a key of Google in which Firebase is named
_ANONYMOUS = '"role":"anon"'


@record
class Form:
    """What has this form, and strings of which every such text contains one: only then is it searched for.

    A public form with `unless_key` is one only where the key of the value names no secret.
    """

    what: str
    pattern: str
    words: tuple[str, ...]
    unless_key: bool = False


@cache
def secret_forms() -> tuple[Form, ...]:
    """Return the forms of secrets."""
    return tuple(_form(entry) for entry in table()["secret"])


@cache
def public_forms() -> tuple[Form, ...]:
    """Return the forms of identifiers and keys that their issuers call public."""
    return tuple(
        replace(form, pattern=f"{_APART}(?:{form.pattern}){_END}") for form in map(_form, table()["public"])
    )


@cache
def encrypted_forms() -> tuple[Form, ...]:
    """Return how the texts begin that only the holder of another key can read."""
    return tuple(
        replace(form, pattern=f"{_APART}(?:{form.pattern})") for form in map(_form, table()["encrypted"])
    )


def matches(forms: Callable[[], tuple[Form, ...]], text: str) -> Iterator[tuple[Form, re.Match[str]]]:
    """Yield the places of some forms in `text`, form by form."""
    found = {word for word in _words(forms) if word in text}
    for form in forms() if found else ():
        if not found.isdisjoint(form.words):
            for match in re.finditer(form.pattern, text):
                yield form, match


@cache
def _words(forms: Callable[[], tuple[Form, ...]]) -> frozenset[str]:
    return frozenset(word for form in forms() for word in form.words)


def encrypted(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of encrypted values in `text`."""
    for _, found in matches(encrypted_forms, text):
        rest = _FOLDED.match(text, found.end()) if "\n" in found[0] else None
        yield found.start(), rest.end() if rest else _end_of_token(text, found.end())


def is_encrypted(value: str) -> bool:
    """Return whether a whole value is encrypted."""
    return any(start == 0 for start, _ in encrypted(value))


def table() -> dict[str, Any]:
    """Return the data file of forms, each with its source and an example."""
    data: dict[str, Any] = json.loads(files(__package__).joinpath("forms.json").read_text("utf-8"))
    return data


def _form(entry: dict[str, Any]) -> Form:
    return Form(entry["what"], entry["form"], tuple(entry["words"]), entry.get("unless_key", False))


def blocks(text: str) -> Iterator[tuple[bool, int, int]]:
    """Yield each PEM block: whether it is private, where it begins and where it ends."""
    if BEGIN not in text:
        return
    opened: re.Match[str] | None = None
    for edge in _EDGE.finditer(text):
        closes = opened is not None and edge[1] == "END" and edge[2] == opened[2]
        if opened and closes and edge.start() - opened.start() <= _MAX_BLOCK:
            if _PRIVATE.fullmatch(opened[2]) or _PUBLIC.fullmatch(opened[2]):
                yield bool(_PRIVATE.fullmatch(opened[2])), opened.start(), edge.end()
            opened = None
        elif edge[1] == "BEGIN":
            if opened and _PRIVATE.fullmatch(opened[2]):
                yield True, opened.start(), opened.end()
            opened = edge
    if opened and _PRIVATE.fullmatch(opened[2]):
        yield True, opened.start(), opened.end()


def known(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield what each text of a known form is ("" where it is public), where it begins and where it ends."""
    for form, found in matches(secret_forms, text):
        if not is_placeholder(found[0]):
            end = found.end()
            if end - found.start() >= _LONG:
                end = _end_of_token(text, end)
            yield "" if _is_public(form, found, text) else form.what, found.start(), end
    yield from _addresses(text)
    for found in _BASIC.finditer(text) if "Basic" in text else ():
        user, colon, password = (decoded(found[1]) or "").partition(":")
        is_open = is_placeholder(password) or is_stand_in(password)
        if colon and password and user.isprintable() and not is_open:
            yield "credentials of HTTP basic authentication", found.start(1), found.end(1)


def _end_of_token(text: str, start: int) -> int:
    """Return where the token that has at least `start` characters ends."""
    found = _REST.match(text, start)
    return found.end() if found else start


def _is_public(form: Form, found: re.Match[str], text: str) -> bool:
    """Return whether a text of a secret form is public by its use: a key of Firebase, an anonymous role."""
    if form.what == "a Google API key":
        around = text[max(found.start() - _FIREBASE, 0) : found.end() + _FIREBASE].lower()
        line = text[max(found.start() - _FIREBASE, 0) : found.start()].rpartition("\n")[2].lower()
        return "firebase" in around or "public" in line
    if form.what == "a JSON Web Token":
        return _ANONYMOUS in (decoded(found[0].split(".")[1]) or "").replace(" ", "")
    return False


def _addresses(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the passwords and tokens in addresses."""
    if "://" not in text or "@" not in text:
        return
    start = 0
    while (middle := text.find("://", start)) >= 0:
        start = middle + 3
        begin = middle - len(_scheme(text, middle))
        found = _ADDRESS.match(text, begin)
        if not found or found[4].startswith(_LOCAL) or begin == middle:
            continue
        is_dsn = not found[3] and _DSN_KEY.fullmatch(found[2]) and _DSN.match(text, found.start(4) - 1)
        if found[3]:
            yield "" if is_stand_in(found[3]) else "a password in an address", begin, found.start(4)
        elif not is_dsn and _is_token(found[2]):
            yield "a token in an address", begin, found.start(4)


def _scheme(text: str, end: int) -> str:
    found = re.search(r"[a-z][a-z0-9+.-]{0,20}$", text[max(end - 21, 0) : end])
    return found[0] if found else ""


def _is_token(text: str) -> bool:
    """Return whether the user name of an address is a token."""
    has_digit, has_letter = any(map(str.isdigit, text)), any(map(str.isalpha, text))
    if len(text) < _MIN_TOKEN or is_placeholder(text) or not (has_digit and has_letter):
        return False
    return bool(re.fullmatch(r"[0-9a-fA-F]{20,}", text)) or is_random(text.ljust(24, "=")) or _is_dense(text)


def _is_dense(text: str) -> bool:
    """Return whether letters and digits alternate as they do in no name."""
    runs = re.findall(r"[a-z]+|[A-Z]+|[0-9]+", text)
    return text.replace("_", "").replace("-", "").isalnum() and len(text) / len(runs) < 3


def is_data(text: str) -> bool:
    """Return whether base64 text is compressed data, an image or a font."""
    data = decoded_bytes(text[:64]) or b""
    is_zlib = data[:1] == b"\x78" and len(data) > 1 and (data[0] * 256 + data[1]) % 31 == 0
    return is_zlib or data.startswith(_DATA)


def is_certificate(text: str) -> bool:
    """Return whether base64 text is a certificate or a public key, in DER or PEM."""
    plain = decoded_bytes(text[:64]) or b""
    return is_public_key(text) or bool(re.match(rb"-----BEGIN (?:CERTIFICATE|[A-Z ]*PUBLIC KEY)", plain))


def is_public_key(text: str) -> bool:
    """Return whether base64 text is a public key or a certificate in DER: a sequence that begins with another."""
    data = decoded_bytes(text[:64]) or b""
    return data[:1] == b"\x30" and _content(data)[:1] == b"\x30"


def is_private_key(text: str) -> bool:
    """Return whether base64 text is a private key in DER: a sequence that begins with its version."""
    data = decoded_bytes(text[:64]) or b""
    return (
        len(text) >= 64
        and data[:1] == b"\x30"
        and _content(data)[:2] == b"\x02\x01"
        and _content(data)[2:3] <= b"\x01"
    )


def _content(data: bytes) -> bytes:
    """Return what follows the tag and the length of a value in DER."""
    length = data[1] if len(data) > 1 else 0
    return data[2 + (length & 0x7F if length & 0x80 else 0) :]
