"""Everything that a person reads is in plain, standard technical English: the words of wording.yaml do not occur."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from tests.conftest import ROOT

TABLE: Mapping[str, Any] = yaml.safe_load((ROOT / "tests" / "wording.yaml").read_text("utf-8"))
PHRASES = {re.compile(rf"\b(?:{words})\b", re.I): plain for words, plain in TABLE["phrases"].items()}
# Prose for readers is everywhere but in the tests, the output (made from templates) and data.
_SKIPPED = re.compile(r"(tests|out|docs/pictures|docs/performance)/|.*\.(json|png|svg)$|LICENSE$")
_DATA = re.compile(r"generator/.*/data/")


def violations() -> Iterator[tuple[str, str]]:
    """Yield the path of a file and a message for each line with a word of the table."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    for path in listed.stdout.split("\0"):
        if not path or _SKIPPED.match(path) or _DATA.match(path) or not (ROOT / path).is_file():
            continue
        for number, line in enumerate((ROOT / path).read_text("utf-8").split("\n"), start=1):
            for words, plain in PHRASES.items():
                if match := words.search(line):
                    yield path, f"{path}:{number}: {match[0]!r}, better: {plain}"


def test_no_file_uses_a_word_of_the_table() -> None:
    found = [message for _, message in violations()]
    assert not found, "\n".join(found)
