"""A comment with the path of its file must have the path that the file has, and no script may have carriage returns.

Checked: a path alone in a comment at the top, where it has the name or the folder of the file.

Why: readers of a diff or a mail rely on the comment to find the file. After a rename it points to a file that
does not exist. A shell takes a carriage return for a part of the last word of its line.

Bad:

    # k8s/backend.yaml           (in k8s/backend-deployment.yaml)

Good:

    # k8s/backend-deployment.yaml
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from generator.checks.rule import Context
from generator.findings import Finding, error, warning
from generator.languages.source import Source

CODE = "checks/header"
ADVICE = "the comment itself"
_LINE = re.compile(
    r"(?:#|//)\s*/?([\w.{}-]+(?:/[\w.{}-]+)+|[\w.-]+\.(?:ya?ml|tf|sh|ts))(?=\s*(?:$|[:,(#\u2013\u2014-]))"
)
_SAMPLE = re.compile(r"\.(?:example|sample|template|dist)(?=\.|$)")
_TOP = 8  # lines


def check(context: Context) -> Iterator[Finding]:
    for path, source in context.system.sources.items():
        yield from _path(_SAMPLE.sub("", path), source)
        yield from _line_endings(source)


def _path(path: str, source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines[:_TOP], start=1):
        match = _LINE.match(line)
        if match and not line.startswith(("# Made by", "// Made by", "#!")):
            named = _SAMPLE.sub("", match[1])
            if named != path and _is_own(named, path):
                message = f"the path in the comment is {match[1]}, expected {path}"
                at = source.span(number, match.start(1) + 1, len(match[1]))
                yield warning(CODE, message, at, hint=f"write {path}")
            return


def _is_own(named: str, path: str) -> bool:
    """Return whether a path means the file at another one: its ending, and its name or folder, are the same."""
    (folder, name), (own_folder, own_name) = posixpath.split(named), posixpath.split(path)
    is_end = path.endswith(f"/{named}")  # relative to a folder of the repository
    is_alike = name == own_name or (folder and folder == own_folder)
    return bool(is_alike) and not is_end and posixpath.splitext(name)[1] == posixpath.splitext(own_name)[1]


def _line_endings(source: Source) -> Iterator[Finding]:
    for number, line in enumerate(source.lines if source.language == "shell" else (), start=1):
        if "\r" in line:
            yield error(
                CODE,
                "the line ends with a carriage return",
                source.span(number),
                hint="save the template with LF line endings",
            )
            return
