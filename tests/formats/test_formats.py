"""What holds for every format: its sites are found in one pass, and no value gets past `encode` by its type."""

from __future__ import annotations

import time

import pytest

from generator.formats import FORMATS
from tests.formats.helpers import HOLE, sites

# A line of each format with a value in it, to be repeated.
LINES = {
    "compose": "- a: 'it''s •' # \"•\"\n",
    "dockerfile": 'RUN echo "it\'s •" \\\n  && [ -f x ] # •\nENV A="•"\n',
    "github": "- run: |\n    echo \"${{ a }} •\" 'x' # •\n",
    "hcl": 'a = "x${b}-•" # •\n',
    "json": '"a": {"b\\n": "•"},\n',
    "kubernetes": "- args: [sh, -c, \"echo '•' $(A)\"]\n",
    "markdown": "- `a` [b](c) • **d**\n",
    "plain": "a/•/b\n",
    "shell": "echo \"it's ${A:-x} $(b '•')\" • # •\n",
    "typescript": "const a = { b: `c${d}•`, e: '•' } // •\n",
    "yaml": 'a: "x •"\nb: |\n  c •\n# •\n',
}
FORMS = {"yaml": "{}", "json": "[{}]"}


def took(kind: str, lines: int) -> float:
    """Return how long the sites of a file with so many lines take, at best."""
    text = (
        "".join(LINES[kind].replace("a:", f"a{number}:", 1) for number in range(lines))
        if kind == "yaml"
        else LINES[kind] * lines
    )
    best = 9.0
    for _ in range(3):
        start = time.perf_counter()
        found = sites(kind, text)
        best = min(best, time.perf_counter() - start)
        assert len(found) == text.count(HOLE)
    return best


@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_the_time_for_a_file_grows_with_its_length(kind: str) -> None:
    assert took(kind, 1600) < 0.02 + 12 * took(kind, 200)  # 8 times as long; the square would be 64 times
