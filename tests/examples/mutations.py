"""Mutations of the examples: each breaks one agreement of a stack that no line of the generator knows.

Every value that a template writes is changed where it stands, and nowhere else. What no rule compares is in
`uncovered.yaml`, with the reason; of all the rest, 95 % must be caught, and of the table nothing.

    python -m tests.examples.mutations
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from generator.project.folder import Project
from tests.checks.mutations import Laboratory, Mutation
from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"
ENVIRONMENTS = {
    path.name: tuple(sorted(each.name for each in (path / "out").iterdir()))
    for path in sorted(EXAMPLES.iterdir())
    if path.is_dir()
}
_OUTPUT = re.compile(r"(?<!\$)\{\{ (.+?) \}\}")

_TABLE = yaml.load(Path(__file__).with_name("uncovered.yaml").read_text("utf-8"), yaml.CSafeLoader)
# Example, template, and line with expression of what no rule compares.
UNCOVERED = frozenset(
    (example, template, entry)
    for example, templates in _TABLE.items()
    for template, place in templates.items()
    for entry in place["entries"]
)


def mutations(example: str) -> Iterator[Mutation]:
    """Yield a mutation for each value that a template writes, except those in the tables."""
    for name in Project(EXAMPLES / example).template_names():
        text = (EXAMPLES / example / "templates" / name).read_text("utf-8")
        for found in _OUTPUT.finditer(_without_raw(text)):
            expression = found[1]
            new = "4242" if "port" in expression else "altered"
            line = text.count("\n", 0, found.start()) + 1
            changed = text[: found.start()] + new + text[found.end() :]
            yield Mutation("value", f"templates/{name}", line, found[0], new, changed)


def _without_raw(text: str) -> str:
    return re.sub(
        r"\{% raw %\}.*?\{% endraw %\}", lambda part: re.sub(r"[{}]", " ", part[0]), text, flags=re.DOTALL
    )


def is_listed(example: str, mutation: Mutation) -> bool:
    """Return whether the table has the mutation among what no rule compares."""
    entry = f"{mutation.line} {mutation.old.strip('{} ')}"
    return (example, mutation.file.removeprefix("templates/"), entry) in UNCOVERED


def tried(example: str) -> list[tuple[Mutation, list[str]]]:
    """Return each mutation that changes an output, with the codes of what is found."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("templates", "environments"):
            shutil.copytree(EXAMPLES / example / part, root / part)
        laboratory = Laboratory(root, ENVIRONMENTS[example][:1])
        assert not any(laboratory.before.values()), laboratory.before
        results = [(each, *laboratory.caught(each)) for each in mutations(example)]
    return [(mutation, codes) for mutation, codes, changed in results if changed]


def main() -> None:
    """Try all, and print which are not caught, and which are caught though the table has them."""
    missed = covered = 0
    stale: list[str] = []
    for example in ENVIRONMENTS:
        results = [(mutation, codes, is_listed(example, mutation)) for mutation, codes in tried(example)]
        own = [mutation for mutation, _, listed in results if not listed]
        escaped = [mutation for mutation, codes, listed in results if not (codes or listed)]
        listed_of = Counter((str(mutation), bool(codes)) for mutation, codes, listed in results if listed)
        stale += [
            f"{example}: {name}" for (name, caught) in listed_of if caught and not listed_of[name, False]
        ]
        print(f"{example}: {len(own) - len(escaped)} of {len(own)} mutations are caught", end="; ")
        print(f"no rule compares {sum(listed for *_, listed in results)} others")
        for mutation in escaped:
            print(f"  not caught: {mutation}")
        missed, covered = missed + len(escaped), covered + len(own)
    for each in stale:
        print(f"caught, so remove it from the table: {each}")
    sys.exit(missed > covered // 20 or bool(stale))


if __name__ == "__main__":
    main()
