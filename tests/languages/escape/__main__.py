"""The proof at full size: `python -m tests.languages.escape --cases 100000 -j 2`."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.languages.escape import shell
from tests.languages.escape.proof import Outcome, prove


def main() -> None:
    """Prove, print what was counted, and fail when a value left its place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("-j", "--jobs", type=int, default=1)
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    outcome = Outcome()
    parts = options.jobs * 8
    with ProcessPoolExecutor(
        options.jobs, get_context("spawn")
    ) as pool:  # a fork may copy a lock that is held
        commands = pool.submit(shell.prove, options.cases // 20, options.seed)
        arguments = [(options.cases, options.seed, part, parts) for part in range(parts)]
        for each in pool.map(prove, *zip(*arguments, strict=True)):
            outcome.add(each)
        cases, refused, broken = commands.result()
    report(outcome)
    print(f"values in shell code: {cases} cases, {refused} refused")
    print(f"broken: {len(outcome.broken) + broken}")
    if outcome.broken or broken:
        print("\n\n".join(outcome.broken[:40]))
        sys.exit(1)


def report(outcome: Outcome) -> None:
    """Print what was counted, by language, and the ordinary values that were refused."""
    print(f"{'language':16}{'cases':>10}{'refused':>10}")
    for language in sorted(outcome.cases):
        print(f"{language:16}{outcome.cases[language]:10}{outcome.refused[language]:10}")
    print(f"{'all':16}{outcome.cases.total():10}{outcome.refused.total():10}")
    refused = outcome.ordinary_refused
    print(
        f"ordinary values: {outcome.ordinary.total()};"
        f" refused where more than a plain word can stand: {sum(map(len, refused.values()))}"
    )
    for name, values in sorted(refused.items()):
        print(f"  {name}: {', '.join(map(repr, values))}")


if __name__ == "__main__":
    main()
