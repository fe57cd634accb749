"""Find secrets where none is allowed: in values, in `--set`, in the text of templates.

The forms are those that the issuers document and that gitleaks and other scanners publish; other text is reported
when it is a high-entropy string, with a lower limit when its key names a secret. Findings about it, and all others of
the same place, show its first characters only.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice, pairwise

from generator.findings import Finding, Note, Span, error

# What it is, its form, and strings of which every such text contains one: only then is the form searched for.
_SHAPES = (
    ("an AWS access key", r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b", "A3T AKIA ASIA ABIA ACCA"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}", "ghp_ gho_ ghu_ ghs_ ghr_"),
    ("a GitHub token", r"\bgithub_pat_[A-Za-z0-9_]{50,}", "github_pat_"),
    ("a GitLab token", r"\bgl(?:pat|dt|rt|ptt|soat|agent|cbt|ft|imt)-[A-Za-z0-9_-]{20,}", "gl"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[0-9]-[A-Za-z0-9-]{20,}", "xox xapp-"),
    (
        "a Slack webhook",
        r"\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/]{20,}",
        "hooks.slack",
    ),
    ("a Stripe key", r"\b[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/]{24,}", "k_ whsec_"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}", "AIza"),
    ("a Hugging Face token", r"\b(?:hf|api_org)_[A-Za-z]{30,}", "hf_ api_org_"),
    ("an OpenAI or Anthropic key", r"\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}", "sk-"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}", "npm_"),
    ("a PyPI token", r"\bpypi-AgE[A-Za-z0-9_-]{50,}", "pypi-AgE"),
    ("a Docker token", r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{20,}", "dckr_"),
    ("a HashiCorp token", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}", "hvs. hvb. hvr."),
    ("a HashiCorp token", r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,}", ".atlasv1."),
    ("a DigitalOcean token", r"\bdo[por]_v1_[a-f0-9]{64}", "_v1_"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}", "SG."),
    ("a Twilio key", r"\bSK[0-9a-f]{32}\b", "SK"),
    ("a Databricks token", r"\bdapi[a-f0-9]{32}\b", "dapi"),
    ("a Shopify token", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", "shp"),
    ("a Grafana token", r"\bgl(?:c|sa)_[A-Za-z0-9+/_]{32,}", "glc_ glsa_"),
    ("a Telegram token", r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", ":AA"),
    ("an age key", r"\bAGE-SECRET-KEY-1[A-Z0-9]{58}", "AGE-SECRET"),
    ("a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*", "eyJ"),
    ("an Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{80,}=*", "AccountKey="),
)
_KNOWN = tuple((what, form, tuple(words.split())) for what, form, words in _SHAPES)
_ADDRESS = re.compile(
    r"""://[^\s/:@"'<>{}$%]*:[^\s/:@"'<>{}$%]+@(?!localhost\b|127\.0\.0\.1\b)"""  # other machines cannot reach those
)
_EXAMPLE = re.compile(r".*EXAMPLE(KEY)?|.*(.)\2{7}.*")  # AWS's own examples; a placeholder such as xxxxxxxx

_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:.{0,8000}?-----END [A-Z0-9 ]{0,40}-----)?",
    re.DOTALL,
)
_PUBLIC_BLOCK = re.compile(
    r"-----BEGIN ((?:[A-Z0-9]+ ){0,3}(?:CERTIFICATE|PUBLIC KEY|SIGNATURE|MESSAGE)(?: [A-Z]+)?)-----"
    r".{0,8000}?-----END \1-----",
    re.DOTALL,
)

# Words in a key whose value is a secret, what may follow them, and ends of keys that only refer to one.
_SECRET_WORDS = "password passwd passphrase pwd secret token credential apikey api_key api-key".split() + [
    f"{what}{dash}key" for what in ("access", "private", "signing", "encryption") for dash in ("", "_", "-")
]
_ASSIGNED = re.compile(
    r"""(?i) ([a-z0-9_.-]{0,40}) ["']? [ \t]{0,8}[:=][ \t]{0,8} (?:"([^"\n]{8,})"|'([^'\n]{8,})'|([^\s"'\n]{8,}))""",
    re.VERBOSE,
)
_KEY_START = re.compile(r"(?<![A-Za-z0-9_.:/-])([A-Za-z0-9_.-]{0,40})$")  # not a part of an ARN or a path
_ABOUT = re.compile(
    r"(?i)(name|names|id|arn|ref|path|file|url|uri|version|type|mode|class|provider|namespace|length|policy|rotation"
    r"|ttl|days|store|template|format|pattern|description|hash|digest|checksum)$"
)

_RANDOM = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}")
_HEX = re.compile(r"(?:0x)?(?:[0-9a-f-]+|[0-9A-F-]+)")  # a commit, a digest, a UUID
# Public high-entropy strings: digests as npm, Go, Terraform and OCI write them, public SSH keys, embedded files.
_PUBLIC_BEFORE = re.compile(r"(?:sha[0-9]{1,3}[:=]|h1:|zh:|ssh-[a-z0-9]+ |base64,)$")
_PUBLIC = re.compile(r"sha[0-9]{1,3}[-=/]|md5-|AAAA[BCE][0-9A-Za-z]+")
# A part of a name: a word in any case, a number, both together as in v2, TLS13 and k8s.
_NAME = re.compile(r"[A-Za-z]*[0-9]{0,2}|[0-9]+|[0-9]{1,4}[A-Za-z]{1,2}|[A-Za-z0-9]{1,4}")
_MIN_CHANGES = 0.4  # of neighbours of different kinds; 0.64 in random base64, 0.3 in CamelCaseNames
_MIN_ODD = 0.4  # of the characters, outside words and numbers
_MIN_ODD_WORD = 16
_MIN_CHANGES_OF_TWO = 0.25  # where all letters have one case
_MIN_ENTROPY = 3.8  # bits per character; words and paths have less, 24 random letters and digits more
_MIN_ENTROPY_OF_PASSWORD = 2.5
_MOST = 50  # findings about one text
_SHOWN = 4  # characters of a secret


@dataclass(frozen=True, slots=True)
class Secret:
    """Text that looks like a secret: `what` it looks like, and its place, whose text is redacted."""

    text: str
    what: str
    at: Span

    def finding(self) -> Finding:
        """Return the error for it."""
        message = f"found {self.text[:_SHOWN]}… ({len(self.text)} characters), which looks like {self.what}"
        hint = "remove it, rotate it if it was shared, and name the variable that holds it instead"
        return error("leaks/secret", message, self.at, hint=hint)


@lru_cache(maxsize=1024)  # environments share most of their files
def find_secrets(path: str, text: str) -> tuple[Secret, ...]:
    """Return what looks like a secret in `text` from the file at `path`, in order, at most fifty of them."""
    found = sorted(islice(_secrets(text), _MOST), key=lambda each: each[1])
    texts = {secret for _, _, secret in found}
    redacted: dict[int, str] = {}
    secrets = []
    for what, start, secret in found:
        line = text.rfind("\n", 0, start) + 1
        if line not in redacted:
            redacted[line] = _redacted(text[line:].partition("\n")[0], texts)
        length = len(secret.partition("\n")[0])
        at = Span(path, text.count("\n", 0, start) + 1, start - line + 1, length, redacted[line])
        secrets.append(Secret(secret, what, at))
    return tuple(secrets)


def redact(findings: Iterable[Finding], secrets: Iterable[Secret]) -> list[Finding]:
    """Return `findings` with all but the first characters of every secret redacted.

    Other findings about a secret itself are dropped: it has to be removed anyway.
    """
    secrets = list(secrets)
    if not secrets:
        return list(findings)
    texts = [secret.text for secret in secrets]
    return [_redact_finding(each, texts) for each in findings if not _is_about(each, secrets)]


def _is_about(finding: Finding, secrets: list[Secret]) -> bool:
    return finding.code != "leaks/secret" and any(
        finding.at.path == secret.at.path
        and finding.at.line == secret.at.line
        and finding.at.column < secret.at.column + secret.at.length
        and secret.at.column < finding.at.column + finding.at.length
        for secret in secrets
        if finding.at
    )


def _redact_finding(finding: Finding, texts: list[str]) -> Finding:
    def span(at: Span | None) -> Span | None:
        return replace(at, text=_redacted(at.text, texts)) if at else None

    notes = tuple(Note(_redacted(note.message, texts), span(note.at)) for note in finding.notes)
    message, hint = _redacted(finding.message, texts), _redacted(finding.hint, texts)
    return replace(finding, message=message, at=span(finding.at), notes=notes, hint=hint)


def _secrets(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield what each secret looks like, its position and its text."""
    taken = [found.span() for found in _PUBLIC_BLOCK.finditer(text)]

    def is_free(start: int, length: int) -> bool:
        return not any(start < end and begin < start + length for begin, end in taken)

    for found in _PRIVATE_KEY.finditer(text):
        taken.append(found.span())
        yield "a private key", found.start(), found[0]
    for what, start, secret in _of_known_form(text):
        if is_free(start, len(secret)):
            taken.append((start, start + len(secret)))
            if not _EXAMPLE.fullmatch(secret):
                yield what, start, secret
    for key, start, secret in _assigned(text):
        if is_free(start, len(secret)) and not _ABOUT.search(key) and _is_password(secret):
            taken.append((start, start + len(secret)))
            yield f"the secret that {key} names", start, secret
    for found in _RANDOM.finditer(text):
        before = text[max(found.start() - 20, 0) : found.start()]
        if (
            is_free(found.start(), len(found[0]))
            and not _PUBLIC_BEFORE.search(before)
            and _is_random(found[0])
        ):
            yield "a secret: high-entropy string", found.start(), found[0]


def _of_known_form(text: str) -> Iterator[tuple[str, int, str]]:
    for what, form, words in _KNOWN:
        if any(word in text for word in words):
            yield from ((what, found.start(), found[0]) for found in re.finditer(form, text))
    for found in _ADDRESS.finditer(text):
        scheme = re.search(r"[a-z][a-z0-9+.-]{0,20}$", text[max(found.start() - 21, 0) : found.start()])
        if scheme:
            yield "a password in an address", found.start() - len(scheme[0]), scheme[0] + found[0]


def _assigned(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield each value whose key names a secret: the key, the position of the value, and the value."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters have no lower case of the same length
        lowered = "".join(char.lower() if char.isascii() else char for char in text)
    ends = {found.end() for word in _SECRET_WORDS for found in re.finditer(word, lowered)}
    for end in sorted(ends):
        found = _ASSIGNED.match(text, end)
        before = _KEY_START.search(text[max(end - 60, 0) : end])
        if found and before:
            group = found.lastindex or 0
            yield f"{before[1]}{found[1]}", found.start(group), found[group]


def _is_random(text: str) -> bool:
    """Return whether text is a high-entropy string, other than base64 of text without a secret."""
    if _HEX.fullmatch(text) or _PUBLIC.match(text) or _is_name(text) or not _is_mixed(text):
        return False
    plain = _decoded(text)
    return plain is None or any(_secrets(plain))


def _is_name(text: str) -> bool:
    """Return whether text is mostly words and numbers: a path, the name of a policy, a dashed identifier."""
    odd = [len(word) for word in _words(text) if not _NAME.fullmatch(word) and not _HEX.fullmatch(word)]
    return sum(odd) < _MIN_ODD * len(text) or max(odd) < _MIN_ODD_WORD


def _words(text: str) -> list[str]:
    return re.split(r"[-_./:@+=,]+", text)


def _is_mixed(text: str) -> bool:
    kinds = [kind for kind in ("[a-z]", "[A-Z]", "[0-9]") if re.search(kind, text)]
    changes = sum(_kind(left) != _kind(right) for left, right in pairwise(text)) / len(text)
    if len(kinds) == 3:
        return changes >= _MIN_CHANGES and _entropy(text) >= _MIN_ENTROPY
    return (
        "[0-9]" in kinds
        and changes >= _MIN_CHANGES_OF_TWO
        and _entropy(text) >= _MIN_ENTROPY
        and text.isalnum()
    )


def _decoded(text: str) -> str | None:
    """Return the text that `text` encodes in base64, or None when it encodes no readable text."""
    try:
        plain = base64.b64decode(
            text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True
        )
        decoded = plain.decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return decoded if decoded.replace("\n", "").replace("\t", "").isprintable() else None


def _is_password(text: str) -> bool:
    """Return whether the value of a secret's key is one itself, and not a name, a reference or a placeholder."""
    if re.search(r"[{}$<>()*…\[\]\\]|://|^(arn:|/|\./|~/)|\s", text) or _EXAMPLE.fullmatch(text):
        return False
    return _entropy(text) >= _MIN_ENTROPY_OF_PASSWORD and not all(map(_NAME.fullmatch, _words(text)))


def _entropy(text: str) -> float:
    """Return the bits per character."""
    counts = Counter(text)
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts.values())


def _kind(char: str) -> str:
    return "digit" if char.isdigit() else "upper" if char.isupper() else "lower" if char.islower() else char


def _redacted(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with all but the first four characters of each secret redacted, also where it is cut off."""
    for line in {line for secret in secrets for line in secret.split("\n") if len(line) >= _SHOWN + 4}:
        pieces, position = [], 0
        while (start := text.find(line[: _SHOWN + 4], position)) >= 0:
            length = _common(text[start : start + len(line)], line)
            pieces.append(text[position : start + _SHOWN] + "…" * (length - _SHOWN))
            position = start + length
        text = "".join(pieces) + text[position:]
    return text


def _common(left: str, right: str) -> int:
    """Return the length of the common beginning of two texts."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))
