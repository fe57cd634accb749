"""Here-documents that are a file of another language, by the file's name, the command that reads it, or the text.

Sources: the manuals of kubectl, Compose, Helm, eksctl and kind: `-` is the input where they expect a file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.languages import LANGUAGES, dialects_of, language_of
from generator.languages.shell.channels import HEREDOCS
from generator.languages.shell.options import base_name
from generator.languages.shell.script import Region, Script, Statement
from generator.languages.site import MARK, ShapeError, Site, touching

# Commands that read a file from their input, and a name that this file could have.
_READ = {
    **dict.fromkeys(
        ["kubectl", "oc", "kubeseal", "kapp", "eksctl", "kind", "flux", "argocd"], "manifest.yaml"
    ),
    **dict.fromkeys(["docker", "docker-compose", "podman-compose"], "compose.yaml"),
    "helm": "values.yaml",
}
_LANGUAGES = frozenset(
    "dockerfile dotenv hcl html ini makefile nginx properties sql systemd toml xml".split()
)
_INPUT = re.compile(r"(?:-[A-Za-z]|--[\w-]+=)?(?:-|/dev/stdin)")
_WRAPPERS = frozenset(["sudo", "env", "time", "command", "exec", "microk8s", "k3s"])
_OBJECT = re.compile(r"(?=.*^apiVersion:)(?=.*^kind:)", re.MULTILINE | re.DOTALL)
_EXPANSION = re.compile(rf"\$(?:\w+|\{{[^{{}}{MARK}]*\}}|\([^(){MARK}]*\))")
_ESCAPE = re.compile(r"\\(?:([$`\\])|\n)")


def document_sites(script: Script) -> dict[int, Site]:
    """Return the site of each mark in a here-document that is of another language, by its offset."""
    found: dict[int, Site] = {}
    for region in script.regions:
        if region.kind in HEREDOCS and MARK in script.text[region.start : region.end]:
            found.update(_in_document(script, region))
    return found


def _in_document(script: Script, region: Region) -> Iterator[tuple[int, Site]]:
    readers = list(_readers(script, region))
    source = script.text[region.start : region.end]
    text = _as_read(source, readers[:1], region)
    name = next(filter(None, map(_file, readers)), "")
    name = name or ("manifest.yaml" if _OBJECT.match(text) else "")
    language = language_of(name, text) if name else ""
    if language not in _data_languages() or text.strip() == MARK:
        return
    try:
        sites = LANGUAGES[language].sites(text)
    except ShapeError:  # a part of a file, or one of which a variable is more than a word
        sites = touching("shell", "partial", text)
    offsets = [region.start + at for at, char in enumerate(source) if char == MARK]
    yield from zip(offsets, sites, strict=True)


def _data_languages() -> frozenset[str]:
    return dialects_of("yaml", "json") | _LANGUAGES


def _readers(script: Script, region: Region) -> Iterator[Statement]:
    """Yield the command with a here-document, and those that read what it prints."""
    for statement in script.statements:
        if any(each.target.offset == region.owner for each in statement.redirections):
            yield statement
            for pipeline in script.pipelines:
                yield from _behind(script, pipeline, statement)


def _behind(script: Script, pipeline: list[Region], statement: Statement) -> Iterator[Statement]:
    starts = [each.start for each in pipeline if each.start <= statement.start < each.end]
    for member in pipeline if starts else ():
        if member.start > starts[0]:
            yield from (each for each in script.statements if member.start <= each.start < member.end)


def _file(statement: Statement) -> str:
    """Return the name of the file that a command makes of its input or output, or "" when none is known."""
    written = [each.target.text for each in statement.redirections if each.operator in (">", ">>", ">|")]
    words = [word.text for word in statement.words]
    while words and base_name(words[0]) in _WRAPPERS:
        words = [word for word in words[1:] if "=" not in word or word.startswith("-")]
        words = words[next((at for at, word in enumerate(words) if not word.startswith("-")), len(words)) :]
    name = base_name(words[0]) if words else ""
    if name == "tee":
        written = [word for word in words[1:] if not word.startswith("-")]
    if written:
        return base_name(written[0])
    return _READ.get(name, "") if any(map(_INPUT.fullmatch, words[1:])) else ""


def _as_read(source: str, owners: list[Statement], region: Region) -> str:
    """Return the text of a here-document as its command gets it, with a word for each variable."""
    dashes = [
        each.operator == "<<-"
        for owner in owners
        for each in owner.redirections
        if each.target.offset == region.owner
    ]
    text = re.sub("^\t+", "", source, flags=re.MULTILINE) if any(dashes) else source
    if region.kind == "heredoc_quoted":
        return text
    return _ESCAPE.sub(r"\1", _EXPANSION.sub("x", text))
