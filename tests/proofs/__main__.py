"""The proofs at full size, for continuous integration: `python -m tests.proofs`. They print what they counted."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import SMALL
from tests.proofs import captured, fuzz
from tests.proofs.mutations import Judge, mutations, report
from tests.proofs.valid import prove

_SETS = 300
_MISTAKES = 210
_TEXTS = 3000


def main() -> None:
    """Run all of them, and fail when one does."""
    outcome = prove(_SETS)
    print(outcome)
    failures = [*outcome.failed, *["the template checker blames what is right"] * outcome.blamed]
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
        judge = Judge(Path(name) / "project")
        verdicts = [judge.verdict(each) for each in mutations(_MISTAKES)]
        print(report(verdicts))
        failures += [f"{each.mutation.path}:\n{each.output}" for each in verdicts if not each.right]
        for each in verdicts:
            if not each.told:
                print(
                    f"told elsewhere: {each.mutation.kind}, {each.mutation.path}, {sorted(each.mutation.lines)[:3]}"
                )
        shutil.copytree(SMALL, Path(name) / "small")
        print(f"{_TEXTS} texts as values: {fuzz.values(_TEXTS)} had findings, none raised anything else")
        wrong = fuzz.templates(_TEXTS, Path(name) / "small")
        refused = captured.agree(4 * _TEXTS, Path(name) / "captured")
        print(f"{4 * _TEXTS} templates with captured text: {refused} refused at run time, all of them before")
        print(f"{_TEXTS} texts as templates: {wrong} had findings, none raised anything else")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
