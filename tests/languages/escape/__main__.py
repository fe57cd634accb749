"""The proof at full size: `python -m tests.languages.escape --cases 100000 -j 2`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module, util

from tests.languages.escape.proof import Outcome, prove

_SHELL = "tests.languages.escape.shell"


def main() -> None:
    """Prove, print what was counted, and fail when a value left its place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    options = parser.parse_args()
    print(f"seed {options.seed}")
    outcome = Outcome()
    parts = options.jobs * 8
    with ProcessPoolExecutor(options.jobs) as pool:
        arguments = [(options.cases, options.seed, part, parts) for part in range(parts)]
        for each in pool.map(prove, *zip(*arguments, strict=True)):
            outcome.add(each)
    print(f"{'language':16}{'cases':>10}{'refused':>10}")
    for language in sorted(outcome.cases):
        print(f"{language:16}{outcome.cases[language]:10}{outcome.refused[language]:10}")
    print(f"{'all':16}{outcome.cases.total():10}{outcome.refused.total():10}")
    refused = sum(map(len, outcome.ordinary_refused.values()))
    print(
        f"ordinary values: {outcome.ordinary.total()}, refused where more than a plain word can stand: {refused}"
    )
    for name, values in sorted(outcome.ordinary_refused.items()):
        print(f"  {name}: {', '.join(map(repr, values))}")
    broken = len(outcome.broken) + _programs(options.cases, options.seed)
    print(f"broken: {broken}")
    if broken:
        print("\n\n".join(outcome.broken[:40]))
        sys.exit(1)


def _programs(count: int, seed: str) -> int:
    """Run the proof of what a shell hands to other interpreters; return how many values left their place."""
    if not util.find_spec(_SHELL):
        return 0
    cases, refused, broken = import_module(_SHELL).prove(count // 10, seed)
    print(f"{'commands in shell':16}{cases:10}{refused:10}")
    broken = broken if isinstance(broken, int) else len(broken)
    return int(broken)


if __name__ == "__main__":
    main()
