"""Values in the scripts of this machine: `python -m tests.languages.escape.scripts [FOLDER …]`.

Words of scripts that bash accepts become places for values. With the word itself as its value, nearly every script
renders, and stays as it was. With a hostile value, what is written is still accepted by bash, has as many commands,
and each command has the words that it had.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from generator.languages.shell.options import is_shell
from generator.languages.shell.read import parse
from generator.languages.site import MARK, ShapeError
from tests.languages.agreement import accepts, scripts
from tests.languages.escape.shell import written

HOSTILE = 'it\'s $(x) `y` "z"; \\ #'
_BOUND = 0.97  # of the words of scripts: the others are places that take no value, such as a part of a name
_LARGEST = 20_000
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{2,}")
_RESERVED = frozenset("if then else elif for done case esac while until function select time".split())


def shapes(text: str, count: int) -> list[tuple[str, str]]:
    """Return the script with one of its words as a mark, some times, and the word."""
    found = [each for each in _WORD.finditer(text) if each[0] not in _RESERVED and not is_shell(each[0])]
    chosen = random.Random(text).sample(found, min(count, len(found)))
    return [(f"{text[: each.start()]}①{text[each.end() :]}", each[0]) for each in chosen]


def structure(text: str) -> list[int]:
    """Return how many words each command has."""
    return [len(command.words) for command in parse(text).commands]


def verdict(shape: str, word: str) -> str:
    """Return what became of a place: "written", "refused", or what is wrong."""
    try:
        plain, hostile = written(shape, word), written(shape, HOSTILE)
    except ShapeError as problem:
        return f"not shell: {problem}"
    if plain is None:
        return "refused"
    before = structure(shape.replace("①", MARK))
    for text in filter(None, (plain, hostile)):
        if structure(text) != before or not accepts("bash", text):
            return f"changed: {text!r}"
    return "written"


def main(folders: list[str]) -> int:
    """Try some words of every script, and fail when a value changes one or too many are refused."""
    found = [(path, text) for path, _, text in scripts(folders or ["/"]) if len(text) <= _LARGEST]
    with ThreadPoolExecutor() as pool:
        whole = list(pool.map(lambda each: accepts("bash", each[1]), found))
    counts: Counter[str] = Counter()
    for (path, text), is_valid in zip(found, whole, strict=True):
        for shape, word in shapes(text, 3) if is_valid else ():
            result = verdict(shape, word)
            counts[result.partition(":")[0]] += 1
            if result not in ("written", "refused"):
                print(f"   {path}: {word}: {result[:400]}")
    share = counts["written"] / max(counts.total(), 1)
    print(f"values in scripts: {counts.total()} places, {share:.2%} written, {counts['changed']} changed")
    return 0 if share >= _BOUND and not counts["changed"] else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
