"""One call reads a file of any language that has a reader."""

from __future__ import annotations

from generator.languages import language_of, read
from generator.languages.node import Leaf, Map, Node, Problem, Seq, children, leaves
from generator.languages.source import Source
from tests.conftest import rows


def tree(path: str, text: str) -> Node:
    result = read(Source(path, text, language_of(path) or "", path))
    assert result
    assert result.problems == ()
    return result.node


def problems(text: str) -> tuple[Problem, ...]:
    result = read(Source("a.yaml", text, "yaml", "a.yaml"))
    assert result
    return result.problems


@rows("path", ["a.yaml", "a.json", "compose.yaml", "k8s/a.yaml", ".github/workflows/a.yml"])
def test_languages_that_are_yaml(path: str) -> None:
    assert tree(path, '{"a": [1, true]}') == Seq((Map({"a": Seq((Leaf(1), Leaf(True)))}),))


def test_a_file_of_no_known_language_has_no_tree() -> None:
    assert read(Source("notes", "one", "", "notes")) is None
    assert read(Source("notes.txt", "one", "plain", "notes.txt")) is None


def test_an_alias_counts_as_all_that_it_repeats() -> None:
    """A file of a few lines that stands for a million nodes is refused, and one that repeats a little is not."""
    lines = ["a0: &a0 [x, y]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 3))]
    assert sum(1 for _ in leaves(tree("a.yaml", "\n".join(lines)))) == 2 + 18 + 162
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(3, 9)]
    [problem] = problems("\n".join(lines))
    assert problem.message == "the YAML is nested too deeply or too large"
    assert problem.at.text.startswith("a5: "), "the place is that of the node that is repeated"


def test_an_alias_has_the_depth_of_what_it_repeats() -> None:
    lines = ["a0: &a0 [x]", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 200))]
    [problem] = problems("\n".join(lines))
    assert problem.message == "the YAML is nested too deeply or too large"
    assert problem.at.text.startswith("a98: ")


def test_a_problem_at_the_end_of_the_text_is_in_its_last_line() -> None:
    [problem] = problems("a: [")
    assert (problem.at.line, problem.at.column, problem.at.text) == (1, 5, "a: [")


def test_children_are_what_is_directly_below() -> None:
    [document] = children(tree("a.yaml", "a: {b: 1}\nc: 2\n"))
    assert list(children(document)) == [Map({"b": Leaf(1)}), Leaf(2)]
