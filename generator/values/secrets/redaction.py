"""Redact secrets in findings: no message shows more than their first characters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from generator.findings import Finding, Note, Span, error
from generator.findings.record import record

_SHOWN = 4  # characters of a secret


@record
class Secret:
    """Text that looks like a secret: `what` it looks like, and its place, whose text is redacted."""

    text: str
    what: str
    at: Span

    def finding(self) -> Finding:
        """Return the error for it."""
        message = f"found {self.text[:_SHOWN]}… ({len(self.text)} characters), which looks like {self.what}"
        hint = (
            "remove it, rotate it if it was shared, and name the variable that holds it instead; "
            "list it in oetgen.yaml if it is public"
        )
        return error("leaks/secret", message, self.at, hint=hint)


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
        return replace(at, text=redacted(at.text, texts)) if at else None

    notes = tuple(Note(redacted(note.message, texts), span(note.at)) for note in finding.notes)
    message, hint = redacted(finding.message, texts), redacted(finding.hint, texts)
    return replace(finding, message=message, at=span(finding.at), notes=notes, hint=hint)


def redacted(text: str, secrets: Iterable[str]) -> str:
    """Return `text` with all but the first four characters of each secret redacted, also where it is cut off."""
    for line in {line for secret in secrets for line in secret.split("\n") if len(line) > _SHOWN}:
        known = line[: _SHOWN + 4]
        pieces, position = [], 0
        while (start := text.find(known, position)) >= 0:
            length = _common(text[start : start + len(line)], line)
            pieces.append(text[position : start + _SHOWN] + "…" * (length - _SHOWN))
            position = start + length
        text = "".join(pieces) + text[position:]
    return text


def _common(left: str, right: str) -> int:
    """Return the length of the common beginning of two texts."""
    pairs = enumerate(zip(left, right, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(left), len(right)))
