"""What the consumers' linters say of the committed output, and the short list of what is accepted."""

from __future__ import annotations

import fnmatch
import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.conftest import ROOT

OUT = ROOT / "out"


class Said(NamedTuple):
    """A linter's rule, and the file below out/ that it complains of."""

    linter: str
    rule: str
    file: str


# Everything that a linter still says, and why it stays. An entry of which no linter says anything any more fails.
ACCEPTED = {
    Said("hadolint", "DL3018", "*/Dockerfile"): (
        "Alpine deletes a package's old versions, so a build that pins one breaks on the day of the next."
    ),
    Said("hadolint", "DL3059", "*/Dockerfile"): (
        "The document has these instructions one by one; the layers that it would save are some hundred bytes."
    ),
    Said("zizmor", "unpinned-uses", "spec/*"): (
        "The document names actions by tag; the other environments pin the commit."
    ),
}


def unexpected(said: Iterable[Said]) -> list[Said]:
    """Return what no entry accepts."""
    return sorted({one for one in said if not any(_accepts(entry, one) for entry in ACCEPTED)})


def outdated(linter: str, said: Iterable[Said]) -> list[Said]:
    """Return the entries of a linter that has nothing to say of them any more."""
    found = list(said)
    entries = [entry for entry in ACCEPTED if entry.linter == linter]
    return [entry for entry in entries if not any(_accepts(entry, one) for one in found)]


def _accepts(entry: Said, said: Said) -> bool:
    return entry[:2] == said[:2] and fnmatch.fnmatchcase(said.file, entry.file)


def program(name: str) -> str:
    """Return the path of a program that a package of the test extra brings."""
    found = shutil.which(name, path=sysconfig.get_path("scripts")) or shutil.which(name)
    assert found, f"{name} is not installed: pip install '.[test]'"
    return found


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=OUT, capture_output=True, text=True, check=False)


def hadolint(files: Sequence[Path]) -> list[Said]:
    done = run(program("hadolint"), "--no-color", "--format", "json", *map(str, files))
    return [Said("hadolint", found["code"], _below_out(found["file"])) for found in json.loads(done.stdout)]


def zizmor(folders: Sequence[Path], persona: str = "regular") -> list[Said]:
    arguments = ("--offline", "--no-progress", "--format", "json", "--persona", persona)
    done = run(program("zizmor"), *arguments, *map(str, folders))
    return [
        Said(
            "zizmor",
            found["ident"],
            _below_out(found["locations"][0]["symbolic"]["key"]["Local"]["verbatim_path"]),
        )
        for found in json.loads(done.stdout)
    ]


def shellcheck(files: Sequence[Path], name: Callable[[str], str]) -> list[Said]:
    """Check shell code with the optional checks too; `name` says which file of out/ a file was made from.

    Not with two of them: braces around every variable, which the document writes without, and a command of its own
    for each `$(…)`.
    """
    arguments = ("--enable=all", "--exclude=SC2250,SC2312", "--format=json1")
    done = run(program("shellcheck"), *arguments, *map(str, files))
    return [
        Said("shellcheck", f"SC{found['code']}", name(found["file"]))
        for found in json.loads(done.stdout)["comments"]
    ]


def against_schema(schema: str, files: Sequence[Path]) -> str:
    """Return what check-jsonschema says against one of the schemas that it brings, or nothing."""
    arguments = ("--builtin-schema", f"vendor.{schema}")
    done = run(sys.executable, "-m", "check_jsonschema", *arguments, *map(str, files))
    return "" if done.returncode == 0 else done.stdout + done.stderr


def _below_out(path: str) -> str:
    return Path(path).relative_to(OUT).as_posix() if Path(path).is_relative_to(OUT) else path
