"""Every value of every environment of this project, for continuous integration: `python -m tests.reach [K/N]`."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ProcessPoolExecutor

from generator.pipeline import Pipeline
from generator.project.folder import find
from tests.conftest import ROOT, share
from tests.reach.templates import prove_templates
from tests.reach.values import Totals, prove_values


def main() -> None:
    """Print the totals and every exception; fail where something differs that was not named."""
    names = find(ROOT).environment_names()
    proofs = [*((name, _values) for name in names), *((f"{name}, templates", _templates) for name in names)]
    proofs = proofs[share(sys.argv[1] if len(sys.argv) > 1 else "1")]
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        started = [workers.submit(prove, name.partition(",")[0]) for name, prove in proofs]
        found = [each.result() for each in started]
    wrong = 0
    for (name, _), totals in zip(proofs, found, strict=True):
        print(f"{name}: " + ", ".join(f"{count} {what}" for what, count in totals.count.items()))
        for each, cause in totals.same.items():
            print(f"  never changes: {each}: {cause}")
        for each in totals.wrong:
            print(f"  WRONG {each}")
        wrong += len(totals.wrong)
    everything = sum((totals.count for totals in found), start=type(found[0].count)())
    print("in all: " + ", ".join(f"{count} {what}" for what, count in everything.items()))
    if wrong:
        sys.exit(f"{wrong} differences were not named")
    print("what differs was always named")


def _values(name: str) -> Totals:
    totals = Totals()
    pipeline = Pipeline(find(ROOT))
    prove_values(pipeline, pipeline.validate_and_render([name])[0], totals)
    return totals


def _templates(name: str) -> Totals:
    totals = Totals()
    prove_templates(ROOT, name, totals)
    return totals


if __name__ == "__main__":
    main()
