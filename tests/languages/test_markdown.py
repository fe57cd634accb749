"""Markdown: a reader is shown the value as it is, and the page around it stays as it was."""

from __future__ import annotations

import html
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from generator.languages import Scalar
from tests.conftest import rows
from tests.languages.helpers import (
    HOLE,
    as_text,
    filled,
    has_one_site_per_mark,
    proves,
    refuses,
    render,
    rendered,
    scalars,
    shapes,
)
from tests.languages.shells import BOTH, run

_READER = MarkdownIt("commonmark").enable("table")
_READER.validateLink = lambda url: True  # type: ignore[method-assign]  # else it drops links to `javascript:`

Item = tuple[str, Any]


def items(tokens: list[Token]) -> list[Item]:
    """Return a page as a list of its elements, with the text of each; neighbouring texts are one."""
    found: list[Item] = []
    for token in tokens:
        if token.type == "inline":
            found += items(token.children or [])
        elif token.type == "text":
            text = token.content
            if found and found[-1][0] == "text":
                text = found.pop()[1] + text
            found.append(("text", text))
        elif token.type in ("code_inline", "fence", "code_block", "html_inline", "html_block"):
            found.append((token.type, token.content))
        else:
            found.append((token.type, target(token) if token.type in ("link_open", "image") else token.tag))
    return found


def target(token: Token) -> str:
    """Return where a link leads, and its title."""
    return f"{token.attrGet('src' if token.type == 'image' else 'href')} {token.attrGet('title') or ''}"


def read(text: str) -> list[Item]:
    return items(_READER.parse(text))


def test_ordinary_values_stand_as_they_are() -> None:
    text = render("markdown", "# The •\n\nRun `make •` in [•](docs/•.md).\n", "oet-api", "x|y", "api", "api")
    assert text == "# The oet-api\n\nRun `make x|y` in [api](docs/api.md).\n"


def test_what_would_mean_something_is_escaped() -> None:
    assert render("markdown", "a •\n\n•\n", "*b* <c>", "1. x") == "a \\*b\\* \\<c\\>\n\n1\\. x\n"


def test_what_follows_brackets_makes_no_link_of_them() -> None:
    assert render("markdown", "see [x]•\n", "(y)") == "see [x]\\(y)\n"
    assert render("markdown", "[x]•\n", ": y") == "[x]\\: y\n"


PAGES = (
    "•",
    "a • b",
    "a •",
    "# •",
    "## • ##",
    "- •\n- x",
    "1. •",
    "> •",
    "- [ ] •",
    "• is",
    "**•** x",
    "_•_",
    "[•](x)",
    "[x](•)",
    "[x]•",
    "![•](x)",
    "•[x](y)",
    "| a | • |\n|---|---|\n| • | `•` |",
    "`•`",
    "a `x •` b",
    "a ` b • c",
    "`` • `` `•`",
    "a\n•\nb",
    "a\n•",
    "•. x",
    "••",
    "<b title='•'>x</b>",
    "<!-- • -->",
    "<•>",
    "&•;",
    "\\\\•",
    "```\nx •\n```",
    "    x •",
    "```yaml\na: •\n```\n\n•",
    "~~~\n•\n~~~",
    "[a]: •\n\n[a]",
    "https://x/•",
    "<https://x/•>",
    "<summary>•</summary>",
    "<div>\n•\n</div>",
    "- <b>\n  •\n  </b>\n",
    "<details>\n\n•\n\n</details>",
)


@given(st.sampled_from(PAGES), st.lists(scalars(), min_size=3, max_size=3))
@proves
def test_a_page(shape: str, values: list[Scalar]) -> None:
    values = values[: shape.count(HOLE)]
    page = f"x\n\n{shape}\n\ny\n"
    for text in rendered("markdown", page, *values):
        holes = iter("ÀÁÂ")
        marked = "".join(next(holes) if char == HOLE else char for char in page)
        meanings = dict(zip("ÀÁÂ", map(as_text, values), strict=False))
        pattern = [(kind, with_values(content, meanings)) for kind, content in read_marked(marked)]
        assert entities_as_text(trimmed(read(text))) == entities_as_text(trimmed(pattern)), text
        assert tags(read(text)) == tags(read(page)), text


def trimmed(page: list[Item]) -> list[Item]:
    """Return a page without blanks at the end of its lines, which no reader shows."""
    cut = [(kind, content.rstrip(" ") if kind == "text" else content) for kind, content in page]
    return [item for item in cut if item != ("text", "")]


def entities_as_text(page: list[Item]) -> list[Item]:
    return [(kind, html.unescape(content) if kind.startswith("html") else content) for kind, content in page]


def tags(page: list[Item]) -> list[str]:
    """Return what makes tags in the HTML of a page."""
    return [re.sub("[^<>\"']", "", content) for kind, content in page if kind.startswith("html")]


def read_marked(page: str) -> list[Item]:
    """Read a page in which accented letters are values; in a link they come back as bytes."""
    names = {"%C3%80": "À", "%C3%81": "Á", "%C3%82": "Â"}
    found = []
    for kind, content in read(page):
        for code, char in names.items():
            content = content and content.replace(code, char)
        found.append((kind, content))
    return found


def with_values(content: str | None, meanings: dict[str, str]) -> str | None:
    return content and "".join(meanings.get(char, char) for char in content)


BLOCKS = (
    ("```bash\np •\n```", ["•"]),
    ('```sh\np "•" \\\n  x•\n```\n', ["•", "x•"]),
    ("- a\n\n  ```bash\n  p •\n  p x\n  ```\n", ["•", "x"]),
    ("~~~bash\np '•'\n~~~", ["•"]),
)


@given(st.lists(st.tuples(st.sampled_from(BLOCKS), scalars()), max_size=12))
@proves
def test_a_block_of_shell(samples: list[tuple[tuple[str, list[str]], Scalar]]) -> None:
    scripts, results = [], []
    for (shape, words), value in samples:
        for text in rendered("markdown", f"a\n\n{shape}\n\nb\n", *[value] * shape.count(HOLE)):
            found = read(text)
            assert [kind for kind, _ in found] == [kind for kind, _ in read(f"a\n\n{shape}\n\nb\n")]
            scripts.append(next(content for kind, content in found if kind == "fence"))
            results.append(filled(words, [value] * shape.count(HOLE)))
    for shell in BOTH:
        assert run(shell, scripts) == results


@rows(
    "reason, shape, value",
    [
        ("inline code", "`•`", "a`b"),
        ("a table", "| a |\n|---|\n| `•` |", "x|y"),
        ("a comment", "<!-- • -->", "-->"),
        ("HTML element", "<•>", "b"),
        ("target of a link", "[x](•)", "a b"),
        ("emphasis", "**•**", ""),
        ("cannot begin with", "•", " x"),
        ("cannot begin with", "a\n•\nb", ""),
        ("cannot begin with", "•. x", "1"),
        ("end of a line", "a •", "x "),
        ("a line of Markdown", "a •", "x\ny"),
        ("the marks of its fence", "```sh\np •\n```", "\n```\n"),
        ("the marks of its fence", "```\n•\n```", "```"),
        ("run of backticks", "a ``` • ``` b", "x"),
        ("cannot be a script", "[x](•)", "javascript:alert"),
        ("cannot be a script", "[x](java•)", "script:alert"),
        ("cannot be a script", "[x](•:alert)", "JavaScript"),
        ("cannot be a script", '<a href="•">x</a>', "javascript:x"),
        ("character's name", "a &•; b", "lt"),
        ("blank line", "<div>\n•\n</div>", " "),
        ("this place", "<script>\n•\n</script>", "a();"),
        ("this place", '<b onclick="•">x</b>', "a()"),
        ("lone backslash", "a \\•", "x"),
    ],
)
def test_what_a_place_cannot_hold_is_refused(reason: str, shape: str, value: str) -> None:
    assert reason in refuses("markdown", shape, value)


@given(
    shapes(
        "# ",
        "- ",
        "> ",
        "`",
        "``",
        "```",
        "\n```bash\n",
        "~~~",
        "[",
        "](",
        ")",
        "<",
        ">",
        "<!--",
        "-->",
        "*",
        "|",
        "    ",
        "\\",
        "'",
        "$(",
    )
)
@proves
def test_every_mark_has_a_site(shape: str) -> None:
    has_one_site_per_mark("markdown", shape)
