"""Scan text for secrets, in time that grows with its length alone: no pattern repeats without a limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from generator.values.secrets import entropy, forms
from generator.values.secrets.keys import Level, level
from generator.values.secrets.literals import is_secret

# What it looks like, where it begins and where it ends.
Place = tuple[str, int, int]

_RANDOM = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}")
_ENCODED = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{20,}={0,2}(?![A-Za-z0-9_-])")
# Public high-entropy strings: digests as npm, Go, Terraform and OCI write them, public SSH keys, embedded files.
_PUBLIC_BEFORE = re.compile(r"(?:(?i:sha[0-9]{1,3}[:=/\"'-]{1,3})|h1:|zh:|ssh-[a-z0-9]{2,20} |base64,)$")
_PUBLIC = re.compile(r"sha[0-9]{1,3}[-=/]|md5-|AAAA[BCE][0-9A-Za-z]")
_RECORD = re.compile(r"(?i)verif|challenge|v=DKIM1|_domainkey")
_RECORD_NAME = re.compile(r"_acme-challenge|_domainkey|_amazonses")
_NEAR = 160  # characters before a text that may declare what it is

_KEY_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-"
_KEY_PARTS = ("pass", "pwd", "secret", "token", "credential", "auth", "key")
_MAX_KEY = 60
_VALUE = r"""(?:"([^"\n]{1,256})|'([^'\n]{1,256})|([^\s"'\n]{1,256}))"""
_ASSIGNED = re.compile(rf"""["'`]?[ \t]{{0,20}}(?:=>|:=|\?=|:(?!:)|=)[ \t]{{0,20}}{_VALUE}""")
_OPTION = re.compile(rf"[ \t]{{1,8}}(?!--){_VALUE}")  # not another option
# The value of an environment variable that a list names: `name: KEY`, then `value: …`.
_NAMED = re.compile(
    rf"""["']?,?[ \t]{{0,20}}\n?[ \t]{{0,80}}["']?value["']?[ \t]{{0,20}}[:=][ \t]{{0,20}}{_VALUE}"""
)
_NAME_BEFORE = re.compile(r"""name["']?[ \t]{0,20}[:=][ \t]{0,20}["']?$""")
_KEY_BEFORE = re.compile(r"""([A-Za-z0-9_.-]{1,60})["'`]?[ \t]{0,8}(?:=>|[:=])[ \t]{0,8}["'`]?$""")
_END_OF_VALUE = re.compile(r"""["'`]?[ \t]{0,20}[,;)}\]]{0,4}[ \t]{0,20}(?:#|//|$|\n)""")
_COMMENT = re.compile(r"[ \t]{0,400}(?:#|//|\*|/\*|<!--|--[ ]|;)")
_LONG = 2000  # characters
_EVERY = 16  # lines in a part, about
_QUERY = re.compile(r"[&;](?=[\w.-]{1,40}=)|(?<=[A-Za-z_]{4})=(?!=*$)")  # another parameter
_CLOSING = ",;)}]>`"
_MAX_NESTED = 3  # base64 in base64


def scan(text: str, nested: int = 0) -> Iterator[Place]:
    """Yield what looks like a secret in `text`; no two overlap."""
    if len(text) > _LONG and forms.BEGIN not in text and all(map(_is_clean, _parts(text))):
        return
    taken = bytearray(len(text))
    for what, start, end in _places(text, nested):
        if 1 not in taken[start:end]:
            taken[start:end] = b"\1" * (end - start)
            if what:
                yield what, start, end


def _parts(text: str) -> Iterator[str]:
    """Yield parts of some lines, each with the first line of the next part: a secret has two lines, or is in PEM.

    The lengths of lines decide where a part ends, so that a new line changes no other part.
    """
    lines, start = text.split("\n"), 0
    for number, line in enumerate(lines, start=1):
        if len(line) % _EVERY == 1:
            yield "\n".join(lines[start : number + 1])
            start = number
    yield "\n".join(lines[start:])


@lru_cache(maxsize=8192)  # most parts of a long text are as they were, while it is typed
def _is_clean(part: str) -> bool:
    """Return whether nothing in a part of a text looks like a secret; what stands before can only make it public."""
    return not any(True for _ in _places(part, 0))


def _places(text: str, nested: int) -> Iterator[Place]:
    """Yield places in the order in which they take precedence; those that are public look like "" (nothing)."""
    for is_private, start, end in forms.blocks(text):
        yield "a private key" if is_private else "", start, end
    for start, end in _public(text):
        yield "", start, end
    yield from forms.known(text)
    for key, start, end in _assigned(text):
        yield f"the secret that {key} names", start, end
    yield from _high_entropy(text, nested)


def _public(text: str) -> Iterator[tuple[int, int]]:
    """Yield the places of identifiers and keys that are public by their form, and of encrypted values."""
    yield from forms.encrypted(text)
    for form, found in forms.matches(forms.public_forms, text):
        key = _key_before(text, found.start()) if form.unless_key else ""
        if level(key) < Level.SECRET:
            yield found.span()


def _key_before(text: str, start: int) -> str:
    found = _KEY_BEFORE.search(text[max(start - 90, 0) : start])
    return found[1] if found else ""


def _assigned(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each secret whose key names one: the key, where the value begins and where it ends."""
    seen = -1
    for position in _key_parts(text):
        before = text[max(position - _MAX_KEY, 0) : position]
        start = position - (len(before) - len(before.rstrip(_KEY_CHARS)))
        after = text[position : position + _MAX_KEY]
        end = position + len(after) - len(after.lstrip(_KEY_CHARS))
        if start <= seen or text[max(start - 1, 0) : start] in (":", "/"):  # a part of an ARN or a path
            continue
        seen = start
        key = text[start:end]
        rank = level(key)
        if rank >= Level.SECRET:
            value = _value(text, start, end, rank)
            if value:
                yield key.lstrip("-."), *value


def _key_parts(text: str) -> list[int]:
    """Return the positions of all words that a key of a secret may contain."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters have no lower case of the same length
        lowered = "".join(char.lower() if char.isascii() else char for char in text)
    positions = []
    for part in _KEY_PARTS:
        start = lowered.find(part)
        while start >= 0:
            positions.append(start)
            start = lowered.find(part, start + len(part))
    return sorted(positions)


def _value(text: str, start: int, end: int, rank: Level) -> tuple[int, int] | None:
    """Return the place of the secret that the key from `start` to `end` has as its value."""
    found = _ASSIGNED.match(text, end)
    if not found and text.startswith("--", start):
        found = _OPTION.match(text, end)
    if not found and _NAME_BEFORE.search(text[max(start - 50, 0) : start]):
        found = _NAMED.match(text, end)
    if not found:
        return None
    group = found.lastindex or 1
    value = _QUERY.split(found[group])[0]
    value = value.partition("}")[0].rstrip(_CLOSING) if group == 3 else value
    if group == 3 and rank is Level.PASSWORD and not _stands_alone(text, start, found, value):
        rank = Level.SECRET  # a word of a sentence: only a high-entropy string is a password
    begin = found.start(group)
    return (begin, begin + len(value)) if is_secret(rank, value) and not forms.is_certificate(value) else None


def _stands_alone(text: str, start: int, found: re.Match[str], value: str) -> bool:
    """Return whether an unquoted value is all that follows its key, as it is not in prose, or that of an option."""
    line = text[max(text.rfind("\n", max(start - 400, 0), start) + 1, start - 400) : start]
    if _COMMENT.match(line):
        return False
    separator = text[found.start() : found.start(3)]
    return (
        "=" in separator
        or separator.isspace()
        or bool(_END_OF_VALUE.match(text, found.start(3) + len(value)))
    )


def _high_entropy(text: str, nested: int) -> Iterator[Place]:
    for found in _RANDOM.finditer(text):
        word = found[0]
        if forms.is_private_key(word):
            yield "a private key", found.start(), found.end()
        elif entropy.is_random(word) and not _is_published(text, found) and not _is_text(word):
            yield "a secret: high-entropy string", found.start(), found.end()
    if nested < _MAX_NESTED:
        for found in _ENCODED.finditer(text):
            plain = entropy.decoded(found[0])
            if plain and any(scan(plain, nested + 1)):
                yield "a secret: high-entropy string", found.start(), found.end()


def _is_published(text: str, found: re.Match[str]) -> bool:
    """Return whether a high-entropy string is a digest, a public key, a record of DNS or an identifier."""
    word, start = found[0], found.start()
    if (
        _PUBLIC.match(word)
        or forms.is_public_key(word)
        or forms.is_data(word)
        or entropy.is_placeholder(word)
    ):
        return True
    near = text[max(start - _NEAR, 0) : start]
    line = near.rpartition("\n")[2]
    if _PUBLIC_BEFORE.search(line) or _RECORD.search(line) or _RECORD_NAME.search(near):
        return True
    return level(_key_before(text, start)) is Level.PUBLIC


def _is_text(word: str) -> bool:
    """Return whether a word is base64 of readable text, which is scanned itself."""
    return entropy.decoded(word) is not None
