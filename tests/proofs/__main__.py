"""The proofs at full size, for continuous integration: `python -m tests.proofs [K/N]`. They print what they counted.

K/N proves the K-th of N shares of the sets of values and of the mistakes, and in the first share all texts.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import SMALL, share
from tests.proofs import captured, fuzz
from tests.proofs.mutations import Judge, mutations, report
from tests.proofs.valid import prove

_SETS = 300
_MISTAKES = 210
_TEXTS = 3000


def main() -> None:
    """Run all of them, and fail when one does."""
    part = share(sys.argv[1] if len(sys.argv) > 1 else "1")
    outcome = prove(len(range(_SETS)[part]), seed=part.start)
    print(outcome)
    failures = [*outcome.failed, *["the template checker blames what is right"] * outcome.blamed]
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        judge = Judge(Path(name) / "project")
        verdicts = [judge.verdict(each) for each in mutations(_MISTAKES)[part]]
        print(report(verdicts))
        failures += [f"{each.mutation.path}:\n{each.output}" for each in verdicts if not each.right]
        for each in verdicts:
            if not each.told:
                print(
                    f"told elsewhere: {each.mutation.kind}, {each.mutation.path}, {sorted(each.mutation.lines)[:3]}"
                )
        if part.start == 0:
            _texts(_TEXTS, Path(name))
    if failures:
        sys.exit("\n".join(failures))


def _texts(count: int, folder: Path) -> None:
    shutil.copytree(SMALL, folder / "small")
    print(f"{count} texts as values: {fuzz.values(count)} had findings, none raised anything else")
    wrong = fuzz.templates(count, folder / "small")
    print(f"{count} texts as templates: {wrong} had findings, none raised anything else")
    refused = captured.agree(4 * count, folder / "captured")
    print(f"{4 * count} templates with captured text: {refused} refused at run time, all of them before")


if __name__ == "__main__":
    main()
