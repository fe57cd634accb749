"""Every edge of the command line ends with a message and the right status, never with a traceback."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Sandbox

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the shell of POSIX")
PROGRAM = f"{shlex.quote(sys.executable)} -c 'from generator.cli import main; main()'"
FULL = "cannot write to standard output: No space left on device"
CLOSED = "cannot write to standard output: Bad file descriptor"
DELETED = "the current folder does not exist any more"

# Command of a shell ($O is oetgen), status, and what is on standard error. `small` is the current folder.
EDGES = {
    "full": ("$O values prod > /dev/full", 2, FULL),
    "full-of-help": ("$O --help > /dev/full", 2, FULL),
    "full-quick": ("$O render prod > /dev/null; $O render prod > /dev/full", 2, FULL),
    "closed": ("$O values prod >&-", 2, CLOSED),
    "closed-quick": ("$O render prod > /dev/null; $O render prod >&-", 2, CLOSED),
    "closed-for-findings": ("$O render nothing 2>&-", 2, ""),
    "all-closed": ("$O values prod <&- >&- 2>&-", 2, ""),
    "errors-full": ("$O render nothing 2> /dev/full", 2, ""),
    "stdin-closed": ("$O values prod <&- > /dev/null", 0, ""),
    "pipe": ("set -o pipefail; $O explain | (exec <&-; sleep 1)", 141, ""),
    "pipe-quick": (
        "$O render prod > /dev/null; set -o pipefail; $O render prod | (exec <&-; sleep 0.3)",
        141,
        "",
    ),
    "pipe-json": ("set -o pipefail; $O explain checks/support | (exec <&-; sleep 1)", 141, ""),
    "name-not-utf8": ("$O render $'x\\xff'", 2, 'no environment "x\\udcff"'),
    "folder-not-utf8": ("$O -C $'x\\xff' render prod", 2, "no such folder"),
    "folder-deleted": ("mkdir x; cd x; rmdir ../x; $O render prod", 2, DELETED),
    "folder-deleted-absolute": (
        'p=$PWD; mkdir x; cd x; rmdir ../x; $O -C "$p" render prod > /dev/null',
        0,
        "",
    ),
    "no-home": ("env -u HOME -u XDG_CACHE_HOME $O values prod > /dev/null", 0, ""),
    "no-cache-folder": ("XDG_CACHE_HOME=/proc/nothing $O render prod > /dev/null", 0, ""),
    "cache-is-a-file": ("touch c; XDG_CACHE_HOME=$PWD/c $O render prod > /dev/null", 0, ""),
    "cache-not-ours": (
        'mkdir -m 777 c; XDG_CACHE_HOME=$PWD/c $O render prod > /dev/null; [ -z "$(ls c)" ]',
        0,
        "",
    ),
    "optimised": ("PYTHONOPTIMIZE=2 $O explain checks/support | grep -q Why:", 0, ""),
    "report-full": ("$O report -o /dev/full", 2, "cannot write /dev/full"),
    "c-locale": ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 $O values prod > /dev/null", 0, ""),
}


def shell(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **more}
    script = command.replace("$O", PROGRAM)
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", EDGES)
def test_an_edge_ends_with_a_message(small: Sandbox, name: str) -> None:
    command, status, message = EDGES[name]
    result = shell(command, small.root)
    assert (result.returncode, "Traceback" in result.stderr) == (status, False), result.stderr
    assert message in result.stderr
    assert len(result.stderr.splitlines()) <= 3, result.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_an_encoding_that_lacks_a_character_gets_an_escape_that_json_has_too(
    small: Sandbox, encoding: str
) -> None:
    small.write("environments/prod.yaml", 'greeting: "Grüße 🐙"\n')
    command = [*shlex.split(PROGRAM), "-C", str(small.root), "values", "prod", "greeting", "--format", "json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding}
    result = subprocess.run(command, env=environment, capture_output=True, check=True)
    text = result.stdout.decode("latin-1" if encoding == "latin-1" else "utf-8")
    assert ("\\ud83d\\udc19" in text) == (encoding == "latin-1")
    assert json.loads(text)["data"] == "Grüße 🐙"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_a_message_and_cleans_up(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    def interrupted(*_: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr("generator.cli.commands.values.values_yaml", interrupted)
    result = small.oetgen("values", "prod")
    assert result.status == status
    assert result.err.lstrip("\n") == f"oetgen: {'interrupted' if status == 130 else 'terminated'}\n"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_name_of_the_current_folder_replaces_no_module(small: Sandbox) -> None:
    for name in ("click", "yaml", "jinja2", "json", "re", "markupsafe"):
        small.write(f"{name}.py", "raise SystemExit('the module of the project ran')\n")
    result = subprocess.run(
        [sys.executable, "-m", "generator", "values", "prod"],
        cwd=small.root,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
