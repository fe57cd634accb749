"""Running shell: many scripts in one process of each shell, and what each of them was given."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence

SH, BASH = ("sh",), ("bash", "--norc")
BOTH = (SH, BASH)

# `p` shows the words that it is given, each behind a NUL; `q` prints its first, and a dot that guards a line
# break at its end. Nothing but builtins can be found, so that a value that is run by mistake does no harm.
_PRELUDE = """\
p() { printf '\\0%s' "$@"; }
q() { printf '%s.' "$1"; }
N=name
unset U
"""


def run(shell: tuple[str, ...], scripts: Sequence[str]) -> list[list[str]]:
    """Run each script in a subshell of one process, and return the words that `p` was given in each."""
    text = _PRELUDE + "".join(f"(\n{script}\n)\nprintf '\\n\\1\\n'\n" for script in scripts)
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run(
            [*shell, "-s"],
            input=text.encode(),
            cwd=empty,
            env={"PATH": "/nonexistent", "LC_ALL": "C.UTF-8"},
            executable=f"/bin/{shell[0]}",
            capture_output=True,
            check=False,
        )
    results = done.stdout.decode().split("\n\x01\n")
    assert len(results) == len(scripts) + 1, f"{shell[0]}: {done.stderr.decode()}"
    return [result.split("\0")[1:] for result in results[:-1]]
