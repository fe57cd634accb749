"""`python -m tests.mutants [N] [ROOM…]`: change N places of the core rooms, and see the tests of their rooms fail.

cosmic-ray makes the mutants: comparisons, `and` and `or`, `not`, numbers and booleans. The sample is the same in each
run. A mutant that survives is judged in one line of tests/mutants.yaml; one that is not judged fails the run, and so
does a sample of which too few are killed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

import yaml
from cosmic_ray.ast import get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

ROOT = Path(__file__).parents[1]
JUDGED = Path(__file__).with_suffix(".yaml")
KILLED = 0.85  # of a sample, at least
SECONDS = 240  # a mutant that runs longer is killed: it made a loop endless

# The tests of each room, those that fail most often first; {language} is the package that the mutant is in.
TESTS = {
    "values": ("tests/values", "tests/test_cases.py"),
    "render": ("tests/render", "tests/test_cases.py", "tests/test_golden.py", "tests/provenance"),
    "languages": (
        "tests/languages/test_{language}.py",
        "tests/languages/read/test_{language}.py",
        "tests/languages/test_embedded.py",
        "tests/languages/read/test_expressions.py",
        "tests/checks/test_workflows.py",
        "tests/test_golden.py",
        "tests/checks/test_rules.py",
    ),
    "writer": ("tests/writer", "tests/test_cases.py", "tests/crash/test_crash.py"),
    "changes": ("tests/changes", "tests/test_cases.py"),
}
_KINDS = (
    *("ReplaceComparisonOperator", "ReplaceAndWithOr", "ReplaceOrWithAnd", "AddNot", "NumberReplacer"),
    *("ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceUnaryOperator_Delete_Not"),
)


@dataclass(frozen=True)
class Mutant:
    """One change of one module: which operator, and its how-manieth place there."""

    path: str
    operator: str
    occurrence: int

    @property
    def room(self) -> str:
        return self.path.split("/")[1]

    def rank(self) -> str:
        """Return what orders mutants by chance; a change of one module leaves those of the others where they are."""
        return hashlib.sha256(f"{self.path} {self.operator} {self.occurrence}".encode()).hexdigest()

    @property
    def tests(self) -> list[str]:
        """The tests of its room."""
        language = self.path.split("/")[2].removesuffix(".py")
        named = [tests.format(language=language) for tests in TESTS[self.room]]
        return [tests for tests in named if (ROOT / tests).exists()]

    def code(self) -> str:
        """Return the changed text of the module."""
        operator = get_operator(self.operator)()
        changed = mutate_code((ROOT / self.path).read_text("utf-8"), operator, self.occurrence)
        assert changed is not None
        return str(changed)

    def name(self) -> str:
        """Return the changed line with its module: what a judgement names."""
        before = (ROOT / self.path).read_text("utf-8").splitlines()
        after = self.code().splitlines()
        line = next(new for old, new in zip(before, after, strict=False) if old != new)
        return f"{self.path.removeprefix('generator/')}: {line.strip()}"


def mutants(rooms: Sequence[str]) -> Iterator[Mutant]:
    """Yield every mutant of these rooms."""
    operators = [
        name
        for name in operator_names()
        if name.removeprefix("core/").startswith(_KINDS)
        and ("Operator_Is" in name or not name.endswith(("_Is", "_IsNot")))  # `==` and `is` are often one
    ]
    for room in rooms:
        for path in sorted((ROOT / "generator" / room).rglob("*.py")):
            tree = get_ast(path.read_text("utf-8"))
            relative = path.relative_to(ROOT).as_posix()
            for name in sorted(operators):
                operator = get_operator(name)()
                places = sum(len(list(operator.mutation_positions(node))) for node in _nodes(tree))
                yield from (Mutant(relative, name, number) for number in range(places))


def _nodes(tree: object) -> Iterator[object]:
    yield tree
    for child in getattr(tree, "children", ()):
        yield from _nodes(child)


def survives(mutant: Mutant, folder: Path) -> bool:
    """Return whether all tests of the mutant's room pass in `folder`, a copy of the project."""
    target = folder / mutant.path
    original = target.read_text("utf-8")
    target.write_text(mutant.code(), "utf-8")
    try:
        for tests in mutant.tests:
            command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", tests]
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=SECONDS, check=False)
            if done.returncode:
                return False
    except subprocess.TimeoutExpired:
        return False
    finally:
        target.write_text(original, "utf-8")
    return True


def main(count: int, rooms: Sequence[str]) -> int:
    """Try a sample of `count` mutants, print what survived, and return an exit status."""
    every = list(mutants(rooms))
    sample = sorted(every, key=Mutant.rank)[:count]
    judged: dict[str, str] = yaml.safe_load(JUDGED.read_text("utf-8")) or {}
    folders: Queue[Path] = Queue()
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(2):
            copy = Path(scratch) / str(number)
            left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "node_modules")
            shutil.copytree(ROOT, copy, ignore=left_out, symlinks=True)
            folders.put(copy)

        def attempt(mutant: Mutant) -> bool:
            folder = folders.get()
            try:
                survived = survives(mutant, folder)
            finally:
                folders.put(folder)
            print("survived" if survived else "killed", mutant.name(), flush=True)
            return survived

        with ThreadPoolExecutor(2) as pool:
            alive = [
                mutant.name()
                for mutant, survived in zip(sample, pool.map(attempt, sample), strict=True)
                if survived
            ]
    for name in alive:
        print(f"{name}\n  {judged.get(name, 'NOT JUDGED in tests/mutants.yaml')}")
    killed = len(sample) - len(alive)
    print(
        f"{killed} of {len(sample)} mutants killed ({killed / len(sample):.1%}), of {len(every)} possible ones"
    )
    return int(killed < KILLED * len(sample) or not set(alive) <= set(judged))


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    names = [each for each in sys.argv[1:] if not each.isdecimal()]
    sys.exit(main(numbers[0] if numbers else 60, names or list(TESTS)))
