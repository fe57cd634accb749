"""Reading a file by the copy before it gives the lines that reading it by itself gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.adopt.alike import Reader
from generator.adopt.lines import Line
from generator.adopt.words import Mask

MASK = Mask(["prod", "dev"])
TEXT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {tier: web, app: api}}
# the image of prod
spec:
  replicas: 3
  list: [a, b-1, "c"]
  image: "registry.example.com/api:1.2"
  args: [--level=info, '--port=80']
  text: |
    level=info
  env:
  - name: LEVEL
    value: info # see below
"""


def lines(*texts: str) -> list[Line]:
    reader = Reader("kubernetes", MASK)
    return [reader.read("a.yaml", text) for text in texts][-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("replicas: 3", "replicas: 12"),
        ("of prod", "of dev, which is smaller"),
        ("tier: web", "tier: back-end"),
        ("b-1", "b"),
        ('"c"', '"a longer text"'),
        ("api:1.2", "api:1.10-alpine"),
        ("level=info", "level=debug"),
        ("port=80", "port=8080"),
        ("    level=info", "    level: debug"),
        ("value: info", "value: debug"),
        ("see below", "see above"),
    ],
)
def test_a_word_that_differs(old: str, new: str) -> None:
    other = TEXT.replace(old, new)
    assert other != TEXT
    assert lines(TEXT, other) == lines(other)
    assert lines(other, TEXT) == lines(TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: LEVEL", "name: PORT"),  # the names of the lines below
        ("kind: Deployment", "kind: StatefulSet"),
        ("tier: web", "tier: &web web"),
        ("replicas: 3", "replicas: |"),
        ("replicas: 3", "replicas: [3]"),
        ("replicas: 3", "replicas: '3'"),
        ("replicas: 3", "replicas:"),
        ("b-1", "b: 1"),
        ("text: |", "text: >"),
    ],
)
def test_another_structure_is_read_by_itself(old: str, new: str) -> None:
    other = TEXT.replace(old, new)
    assert other != TEXT
    assert lines(TEXT, other) == lines(other)


words = st.text("ab1:#&*-. /=\"'\\[],{}|", min_size=1, max_size=5)


@given(words, words)
@pytest.mark.parametrize("form", ["x: {}\ny: [1, {}]\n", "- a: {}\n  name: b\n- {}\n", 'x: "{}"\n'])
def test_any_text(form: str, first: str, second: str) -> None:
    texts = [form.replace("{}", each) for each in (first, second)]
    assert lines(*texts) == lines(texts[1])
