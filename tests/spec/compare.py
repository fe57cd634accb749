"""Compares the specification's files with a rendered tree, which may hold more but nothing less.

Everything is compared by meaning, with a parser of its language, so that layout, quotes and
comments do not count; each thing of the document that is not there as it says is one difference.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import dockerfiles, kubernetes, shell, terraform, typescript, workflows
from .changes import Change, ParseError

LANGUAGES: dict[str, Callable[[str, str], Iterator[Change]]] = {
    "Dockerfile": dockerfiles.changes,
    ".yaml": kubernetes.changes,
    ".yml": workflows.changes,  # the document's own habit: manifests .yaml, workflows .yml
    ".tf": terraform.changes,
    ".sh": shell.script_changes,
    ".ts": typescript.changes,
}
RENAMED = {"k8s/secrets.yaml": "k8s/secrets.yaml.example"}
LONGEST = 400


@dataclass(frozen=True, order=True)
class Difference:
    """One thing of the document that departs in the rendered tree; `rendered` is "" when absent."""

    file: str
    place: str
    document: str
    rendered: str


def differences(document: Path, rendered: Path) -> list[Difference]:
    files = sorted(path for path in document.rglob("*") if path.is_file())
    return sorted(
        Difference(file, change.place, _shortened(change.document), change.rendered)
        for path in files
        for file in [path.relative_to(document).as_posix()]
        for change in _file_changes(file, path.read_text("utf-8"), rendered)
    )


def _file_changes(file: str, document: str, rendered: Path) -> Iterator[Change]:
    path = rendered / file
    if not path.is_file():
        path = rendered / RENAMED.get(file, file)
        yield Change("file", file, path.relative_to(rendered).as_posix() if path.is_file() else "")
    try:
        text = _rendered_text(path)
        if text == document:
            return
        if path.is_file() or _moved(path, document, text):
            yield from LANGUAGES[Path(file).suffix or Path(file).name](document, text)
    except ParseError as error:
        yield Change("file", file, f"does not parse: {error}")


def _rendered_text(path: Path) -> str:
    """Terraform reads all files of a folder as one."""
    parts = sorted(path.parent.glob("*.tf")) if path.suffix == ".tf" else [path]
    return "\n".join(part.read_text("utf-8") for part in parts if part.is_file())


def _moved(path: Path, document: str, rendered: str) -> bool:
    return path.suffix == ".tf" and terraform.shares_a_block(document, rendered)


def _shortened(text: str) -> str:
    """Only the document's side may be cut: it never changes, so nothing can hide in the rest."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
