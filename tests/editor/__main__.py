"""The deep proofs of the editor: `python -m tests.editor [--update-golden] [K/N]`.

Every feature on this project, with its transcripts; typing at random in this project and in the examples, all of it
or the K-th of N shares; and, with the first share, the memory after 10,000 edits.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from generator.editor.workspace import Workspace
from tests.conftest import ROOT, SMALL, copy_project, share
from tests.editor.transcripts import check_transcripts
from tests.editor.typing import TODAY, compare

_SEEDS = 6
_EDITS, _EACH = 60, 10
_FIRST, _MANY = 500, 10_000
_MOST = 1.1


def main() -> None:
    """Run all of them, or a share."""
    part = share(sys.argv[-1] if sys.argv[-1][:1].isdigit() else "1")
    with tempfile.TemporaryDirectory() as folder:
        check_transcripts("stack", Path(folder), update="--update-golden" in sys.argv)
    print("the transcripts of the stack are as they were", flush=True)
    for source in (SMALL, *sorted((ROOT / "examples").iterdir()), ROOT):
        seeds = range(_SEEDS)[part]
        for seed in seeds:
            with tempfile.TemporaryDirectory() as folder:
                compare(copy_project(source, Path(folder) / "project").root, seed, _EDITS, _EACH)
        print(
            f"{source.name}: {len(seeds) * _EDITS} edits, as after a new start and as oetgen check",
            flush=True,
        )
    if part.start == 0:
        ratio = memory()
        print(f"the memory after {_MANY:,} edits is {ratio:.2f} times that after {_FIRST}")
        assert ratio <= _MOST


def memory() -> float:
    """Return how much more memory an editor takes after many edits than after the first ones."""
    with tempfile.TemporaryDirectory() as folder:
        root = copy_project(SMALL, Path(folder) / "project").root
        workspace = Workspace(root, TODAY)
        paths = ("environments/prod.yaml", "templates/k8s/{service}.yaml.j2")
        texts = {path: (root / path).read_text("utf-8") for path in paths}
        first = 0
        for number in range(_MANY):
            path = paths[number % 2]
            workspace.change(path, f"{texts[path]}# {number}\n")
            workspace.analyse(focus="prod")
            if number % 10 == 0:
                workspace.examine_first()
                workspace.examine()
            if number == _FIRST:
                first = _resident()
        return _resident() / first


def _resident() -> int:
    """Return the memory of this process now, in pages."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1])


if __name__ == "__main__":
    main()
