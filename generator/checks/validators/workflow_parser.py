"""@actions/workflow-parser: parse workflows with GitHub's own parser, where Node.js and this npm package are
installed.

Why: GitHub rejects a workflow that its parser rejects.

Bad:

    jobs: {deploy: {needs: tests}}

Good:

    jobs: {deploy: {needs: test}}
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from generator.checks.validators.work import Work, finding, reported
from generator.findings import Finding
from generator.project.programs import is_outside

NAME = "workflow-parser"
CODES = "workflow-parser"
INSTALL = "npm install --global @actions/workflow-parser"
IN_PROCESS = False
READS = ("github",)
_SCRIPT = Path(__file__).with_name("workflow_parser.mjs")
_PACKAGE = Path("node_modules", "@actions", "workflow-parser")
_PLACE = re.compile(r"\(Line: (\d+), Col: (\d+)\):? ?")


def version(work: Work) -> str | None:
    folder = _folder(work)
    if folder is None:
        return None
    return str(json.loads((folder / "package.json").read_text("utf-8"))["version"])


def _folder(work: Work) -> Path | None:
    """Return the folder of the package: in NODE_PATH or a global installation, outside of the project.

    With `project_tools`, first in the project or in a folder above it.
    """
    node = work.program("node")
    if node is None:
        return None
    places = [folder / _PACKAGE for folder in (work.root, *work.root.parents) if work.project_tools]
    known = [Path(each) for each in os.environ.get("NODE_PATH", "").split(os.pathsep) if os.path.isabs(each)]
    for place in (node, os.path.realpath(node)):
        known += [Path(place).parent.parent / "lib" / "node_modules", Path(place).parent / "node_modules"]
    outside = [each / "@actions" / "workflow-parser" for each in known if is_outside(work.root, str(each))]
    places += [each for each in outside if is_outside(work.root, str(each))]
    return next((each for each in places if (each / "package.json").is_file()), None)


def run(work: Work) -> Iterator[Finding]:
    files = work.written("github")
    folder = _folder(work)
    if not files or folder is None:
        return
    node = work.program("node") or "node"
    done = work.call([node, str(_SCRIPT), str(folder), *(source.label for _, source in files)])
    for each in reported(NAME, done):
        where = work.source(each["file"])
        if where:
            system, source = where
            place = _PLACE.search(each["message"])
            at = source.span(int(place[1]), int(place[2]), 1) if place else source.span(1)
            message = _PLACE.sub("", each["message"]).strip()
            yield finding(
                system, "workflow-parser/error", message, at, "compare it with GitHub's workflow syntax"
            )
