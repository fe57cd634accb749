"""Distinguish a high-entropy string from words, numbers and public encodings."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise

HEX = re.compile(r"(?:0x)?(?:[0-9a-f-]+|[0-9A-F-]+)")  # a commit, a digest, a UUID
# A part of a name: a word in any case, a number, both together as in v2, TLS13 and k8s.
_NAME = re.compile(r"[A-Za-z]*[0-9]{0,2}|[0-9]+|[0-9]{1,4}[A-Za-z]{1,2}|[A-Za-z0-9]{1,4}")
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_NO_VOWEL = re.compile(r"(?i)[bcdfghjklmnpqrstvwxz]{6,}")
_CAMEL = re.compile(r"[A-Z]?[a-z]{3,}")
_PLACEHOLDER = re.compile(r"EXAMPLE|(.)\1{7}")  # AWS's own examples; a placeholder such as xxxxxxxx
_MIN_CAMEL = 6  # letters
_MIN_HUMP = 2.7  # letters of a word in camel case, on average; 1.7 in random letters
_MIN_HUMPS, _MAX_HUMP = 3, 3.7  # of letters that are read as random if few of them are vowels
_MIN_UNSPEAKABLE = 13  # letters
_MAX_VOWELS = 0.28  # of the letters; 0.19 in random letters, 0.38 in words
_MIN_CHANGES = 0.4  # of neighbours of different kinds; 0.64 in random base64, 0.3 in CamelCaseNames
_MIN_ODD = 0.4  # of the characters, outside words and numbers
_MIN_ODD_WORD = 16
_MAX_CAMEL = 0.6  # of the characters, in words; 0.1 in random base64, 0.8 in CamelCaseNames
_MIN_CHANGES_OF_TWO = 0.25  # where all letters have one case
_MIN_ENTROPY = 3.8  # bits per character; words and paths have less, 24 random letters and digits more


def is_placeholder(text: str) -> bool:
    """Return whether text is an example of AWS, or repeats one character."""
    return bool(_PLACEHOLDER.search(text))


def is_random(text: str) -> bool:
    """Return whether text of 24 or more characters is random rather than a name or a path."""
    return not HEX.fullmatch(text) and not _is_name(text) and _is_mixed(text)


def is_word(text: str) -> bool:
    """Return whether text is a part of a name: a word, words in camel case, or a number."""
    if not _NAME.fullmatch(text):
        return False
    letters = text.rstrip("0123456789")
    humps = _HUMPS.findall(letters)
    if len(letters) >= _MIN_CAMEL and len(letters) / len(humps) < _MIN_HUMP:
        return False
    return not any(_NO_VOWEL.fullmatch(hump) for hump in humps) and not _is_unspeakable(letters, len(humps))


def _is_unspeakable(letters: str, humps: int) -> bool:
    """Return whether letters have short humps with fewer vowels than words have, as random ones do."""
    vowels = sum(letter in "aeiouAEIOU" for letter in letters)
    is_short = humps >= _MIN_HUMPS and len(letters) / humps <= _MAX_HUMP
    return is_short and len(letters) >= _MIN_UNSPEAKABLE and vowels <= _MAX_VOWELS * len(letters)


def entropy(text: str) -> float:
    """Return the bits per character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def words(text: str) -> list[str]:
    """Return the parts of a name or path."""
    return re.split(r"[-_./:@+=, ]+", text)


def decoded(text: str) -> str | None:
    """Return the text that `text` encodes in base64, or None when it encodes no readable text."""
    plain = decoded_bytes(text)
    try:
        readable = plain.decode("utf-8") if plain else None
    except UnicodeDecodeError:
        return None
    if readable is None or not readable.replace("\n", "").replace("\t", "").replace("\r", "").isprintable():
        return None
    return readable


def decoded_bytes(text: str) -> bytes | None:
    """Return the bytes that `text` encodes in base64, also with - and _, or None."""
    bare = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_name(text: str) -> bool:
    """Return whether text is mostly words and numbers: a path, the name of a policy, a dashed identifier."""
    odd = [len(word) for word in words(text) if not is_word(word) and not HEX.fullmatch(word)]
    if sum(odd) < _MIN_ODD * len(text) or max(odd) < _MIN_ODD_WORD:
        return True
    return any(map(str.isupper, text)) and sum(map(len, _CAMEL.findall(text))) > _MAX_CAMEL * len(text)


def _is_mixed(text: str) -> bool:
    kinds = [kind for kind in ("[a-z]", "[A-Z]", "[0-9]") if re.search(kind, text)]
    changes = sum(_kind(left) != _kind(right) for left, right in pairwise(text)) / len(text)
    if len(kinds) == 3:
        return changes >= _MIN_CHANGES and entropy(text) >= _MIN_ENTROPY
    return (
        "[0-9]" in kinds
        and changes >= _MIN_CHANGES_OF_TWO
        and entropy(text) >= _MIN_ENTROPY
        and text.isalnum()
    )


def _kind(char: str) -> str:
    return "digit" if char.isdigit() else "upper" if char.isupper() else "lower" if char.islower() else char
