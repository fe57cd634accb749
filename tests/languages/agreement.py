"""Compare the readers of shell and Dockerfiles with their consumers, on every such file of this machine.

`python -m tests.languages.agreement [FOLDER …]` looks below the folders, or everywhere. Each script is also damaged
in several ways, so that what `bash -n` refuses is compared as often as what it accepts.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dockerfile

from generator.languages import LANGUAGES
from generator.languages.dockerfile.instructions import Instruction, named
from generator.languages.dockerfile.instructions import parse as parse_dockerfile
from generator.languages.shell.read import parse
from generator.languages.source import Source

BOUND = 0.995
DOCKERFILE = LANGUAGES["dockerfile"]
_SLOWEST = 5.0  # seconds for one file
_SKIPPED = frozenset(["dev", "proc", "run", "sys", "tmp"])
_FIRST_LINE = re.compile(r"#!\s*/(?:usr/)?(?:local/)?bin/(?:env\s+)?(sh|bash|dash)\b")
_LARGEST = 200_000
_LARGEST_DAMAGED = 30_000
_INSERTED = (
    "(",
    ")",
    "'",
    '"',
    "`",
    "$(",
    "}",
    "{ ",
    "; ",
    "& ",
    "|",
    "<<E ",
    "\n",
    "\\",
    "${",
    "case ",
    "\nfi\n",
    "#",
)


def files(folders: list[str], named: Callable[[str], bool] | None = None) -> Iterator[tuple[Path, str]]:
    """Yield the different texts below `folders`, of the files that `named` accepts."""
    seen: set[str] = set()
    for folder in folders:
        for here, inner, names in os.walk(folder):
            if here == "/":
                inner[:] = [each for each in inner if each not in _SKIPPED]
            for path in (Path(here, name) for name in sorted(names) if named is None or named(name)):
                text = _text(path)
                if text and text not in seen:
                    seen.add(text)
                    yield path, text


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return ""
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if "\0" in text else text


def scripts(folders: list[str]) -> list[tuple[Path, str, str]]:
    """Return the scripts below `folders`: path, shell and text."""
    found = ((path, _FIRST_LINE.match(text), text) for path, text in files(folders))
    return [(path, first[1], text) for path, first, text in found if first]


def damaged(text: str, chance: random.Random) -> str:
    """Return `text` with one thing less or more: a line, a word, a character, an operator, or an end."""
    lines, words = text.split("\n"), text.split(" ")
    line, word, at = (
        chance.randrange(len(lines)),
        chance.randrange(len(words)),
        chance.randrange(len(text) + 1),
    )
    return chance.choice(
        [
            "\n".join(lines[:line] + lines[line + 1 :]),
            "\n".join(lines[:line]) + "\n",
            "\n".join(lines[line:]),
            text[:at] + text[at + 1 :],
            text[:at] + chance.choice(_INSERTED) + text[at:],
            " ".join(words[:word] + words[word + 1 :]),
        ]
    )


def accepts(shell: str, text: str) -> bool:
    """Return whether a shell accepts `text`: it may warn, but some errors leave its exit status at 0."""
    options = ["-O", "extglob"] if shell == "bash" and "extglob" in text else []
    done = subprocess.run([shell, *options, "-n"], input=text, capture_output=True, encoding="utf-8")
    complaints = [line for line in done.stderr.split("\n") if line and "warning:" not in line]
    return done.returncode == 0 and not complaints


def compare(what: str, judged: list[tuple[str, str, bool]]) -> bool:
    """Print how often our reader agrees with a verdict on each text; return whether that is often enough."""
    counts: Counter[tuple[bool, bool]] = Counter()
    slowest = 0.0
    for name, text, verdict in judged:
        start = time.process_time()
        ours = parse(text).problem is None
        slowest = max(slowest, time.process_time() - start)
        counts[verdict, ours] += 1
        if ours != verdict:
            print(f"   {name}: {'accepted' if verdict else 'refused'}, ours says otherwise")
    agreed = counts[True, True] + counts[False, False]
    share = agreed / max(counts.total(), 1)
    print(
        f"{what}: {counts.total()} texts, {agreed} agree ({share:.2%}): {counts[True, True]} accepted, "
        f"{counts[False, False]} refused by both; slowest {slowest:.2f} s"
    )
    return counts.total() > 0 and share >= BOUND and slowest <= _SLOWEST


def shell(folders: list[str]) -> bool:
    """Compare with `bash -n` all scripts, as they are and damaged; with `dash -n` those for `sh`."""
    found = scripts(folders)
    chance = random.Random(20)
    broken = [
        (f"{path} ({number})", damaged(text, chance))
        for path, _, text in found
        if len(text) <= _LARGEST_DAMAGED
        for number in range(2)
    ]
    with ThreadPoolExecutor() as pool:
        whole = list(pool.map(lambda each: (str(each[0]), each[2], accepts("bash", each[2])), found))
        parts = list(pool.map(lambda each: (*each, accepts("bash", each[1])), broken))
        plain = list(
            pool.map(
                lambda each: (str(each[0]), each[2], accepts("dash", each[2])),
                [each for each in found if each[1] != "bash"],
            )
        )
    results = [
        compare("bash -n, scripts", whole),
        compare("bash -n, damaged scripts", parts),
        compare("dash -n, scripts for sh", plain),
    ]
    return all(results)


Facts = list[tuple[str, str, bool, int, int, list[str], list[str]]]


def docker_facts(text: str) -> Facts | None:
    """Return what Docker's own parser finds in a Dockerfile, instruction by instruction; None when it refuses it."""
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError:
        return None
    return [
        (
            (each.cmd or "").upper(),
            (each.sub_cmd or "").upper(),
            bool(each.json),
            each.start_line,
            each.end_line,
            list(each.flags),
            [] if each.value == ("",) and not each.json else list(each.value),
        )
        for each in commands
    ]


def our_facts(text: str) -> Facts | None:
    """Return what our reader finds in a Dockerfile, in the same form."""
    read = parse_dockerfile(Source("Dockerfile", text, "dockerfile", "Dockerfile"))
    return None if read.problems else [_facts(each) for each in read.instructions]


def _facts(each: Instruction) -> tuple[str, str, bool, int, int, list[str], list[str]]:
    inner = each.inner or each
    values = inner.texts
    if inner.keyword in ("ENV", "LABEL"):
        values = [word.text for pair in named(inner) for word in pair]
    flags = [flag.text for flag in each.flags]
    sub = each.inner.keyword if each.inner else ""
    return each.keyword, sub, inner.is_json, each.line, each.end_line, flags, values


def dockerfiles(folders: list[str]) -> bool:
    """Compare every Dockerfile with Docker's own parser, as it is and damaged."""
    chance = random.Random(20)
    counts: Counter[tuple[bool, bool]] = Counter()
    for path, text in files(folders, language_is_dockerfile):
        for number in range(11):
            own = damaged(text, chance) if number else text
            theirs, ours = docker_facts(own), our_facts(own)
            counts[number > 0, theirs == ours] += 1
            if theirs != ours:
                print(f"   {path} ({number}): Docker has {theirs}, ours {ours}")
    for is_damaged, what in ((False, "Dockerfiles"), (True, "damaged Dockerfiles")):
        agreed, other = counts[is_damaged, True], counts[is_damaged, False]
        print(
            f"Docker's parser, {what}: {agreed + other} texts, {agreed} agree ({agreed / max(agreed + other, 1):.2%})"
        )
    return all(counts[each, False] <= (1 - BOUND) * counts[each, True] for each in (False, True))


def language_is_dockerfile(name: str) -> bool:
    return DOCKERFILE.recognise(name, "")


def main(folders: list[str]) -> int:
    return 0 if all([shell(folders or ["/"]), dockerfiles(folders or ["/"])]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
