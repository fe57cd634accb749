"""What the name of a key declares about its value: a password, something secret, or something public."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PASSWORDS = ("password", "passwd", "passphrase", "passcode", "pwd")
_SECRETS = ("secret", "token", "credential", "apikey", "accesskey", "secretkey", "privatekey", "signingkey")
_EXACT = frozenset(("pass", "auth", "bearer"))
# What stands before `key` where the key is a secret one.
_KEYS = frozenset(
    "access account api auth encryption hmac jwt license master private secret service session shared signing".split()
)
# What follows a secret word where the value only describes the secret or its place.
_ABOUT = frozenset(
    "age alg algorithm algo allowed arn attempt audience backend bucket bytes charset checksum claim class commit"
    " complexity count days description digest duration enabled encoding endpoint engine entropy env exists"
    " expiration expires expiry field file filename format from group hash header help history hint host id index"
    " interval issuer label length lifetime limit lock manager max message min minimum mode model name namespace"
    " note number path pattern placeholder plugin policy port prefix prompt provider ref reference region regex"
    " requested required requirement reset retention retries role rotation revision rule scope scopes service size"
    " source stdin store strategy strength suffix support supported table template text timeout title topic ttl"
    " type uri url usage user username validation validity var variable version window zone".split()
)
_PUBLIC = frozenset(
    "acme challenge checksum cognito digest dkim dmarc etag fingerprint integrity public publishable site sitekey"
    " spf thumbprint verification verify".split()
)
# Keys of encrypted values: of SOPS, Travis CI, AppVeyor and Pulumi.
_ENCRYPTED = frozenset("ciphertext enc encrypted encryptionsalt secure".split())
# Ends of keys whose value is an identifier or is published.
_IDENTIFIES = frozenset(
    "arn branch ca cert certificate cid commit crt guid hash id ids image key_id md5 name ref rev revision"
    " selector sha sha1 sha256 sha384 sha512 tag thumb ulid uri url uuid version zone".split()
)


class Level(IntEnum):
    """What a key declares: nothing, a public value, a secret (a high-entropy string), or a password in any form."""

    NONE = 0
    PUBLIC = 1
    SECRET = 2
    PASSWORD = 3


@lru_cache(maxsize=4096)
def level(key: str) -> Level:
    """Return what the name of a key declares about its value."""
    words = [word.lower() for word in _WORDS.findall(key)]
    for index in range(len(words) - 1, -1, -1):
        found = _level_at(words, index)
        if found is not Level.NONE:
            after = [word.removesuffix("s") for word in words[index + 1 :]]
            is_about = any(word in _ABOUT for word in after) or (
                found is Level.PASSWORD and "key" in after[:1]
            )
            return Level.NONE if is_about else found
    if words[-1:] == ["enc"] or (len(words) == 1 and words[0] in _ENCRYPTED):
        return Level.PUBLIC
    if any(word in _PUBLIC for word in words) or (words and words[-1] in _IDENTIFIES):
        return Level.PUBLIC
    return Level.NONE


def _level_at(words: list[str], index: int) -> Level:
    word = words[index].removesuffix("s") if words[index] not in ("pass", "bypass") else words[index]
    if word.endswith(_PASSWORDS):
        return Level.PASSWORD
    if word.endswith(_SECRETS) or word in _EXACT:
        return Level.SECRET
    if word == "key" and index and words[index - 1] in _KEYS:
        return Level.SECRET
    return Level.NONE
