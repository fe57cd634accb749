"""GitHub workflows: YAML as GitHub reads it, and the text of a `run` by its shell commands."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from . import shell
from .changes import Change, ParseError
from .yaml_files import StrictLoader, compare, load_all

BOOLEAN = "tag:yaml.org,2002:bool"


class WorkflowLoader(StrictLoader):
    """GitHub reads YAML 1.2, in which `on` is a word; PyYAML reads 1.1, in which it is true."""


WorkflowLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != BOOLEAN]
    for first, resolvers in StrictLoader.yaml_implicit_resolvers.items()
}
WorkflowLoader.add_implicit_resolver(
    BOOLEAN, re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def changes(document: str, rendered: str) -> Iterator[Change]:
    return compare("", _workflow(document), _workflow(rendered), _run_rule)


@lru_cache(16)
def _workflow(text: str) -> object:
    documents = load_all(text, WorkflowLoader)
    if len(documents) != 1:
        raise ParseError(f"{len(documents)} YAML documents, expected one workflow")
    return documents[0]


def _run_rule(place: str, document: object, rendered: object) -> Iterable[Change] | None:
    if not place.endswith("].run"):
        return None
    if not isinstance(document, str) or not isinstance(rendered, str):
        return None
    return (
        Change(f"{place} {change.place}", change.document, change.rendered)
        for change in shell.command_changes(document, rendered)
    )
