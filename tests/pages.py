"""Pages of docs/ that are made from the program: what they say cannot differ from what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby

from generator.languages import FORMATS, CannotEncode, Site, encode
from generator.languages.site import MARK
from generator.project.folder import Project
from generator.report.explain import Explanation, explanations
from generator.report.reference import reference
from generator.values.schema import load_schema
from tests.conftest import ROOT

_MADE = (
    "<!-- Made by the tests: change the texts that it is made from, then run pytest --update-golden. -->\n"
)


def findings_page() -> str:
    """Return the page of all codes, as `oetgen explain` says them."""
    head = f"""# Findings

{_MADE}
What can be wrong, by its code: the word in brackets behind `error` or `warning`. The word before the slash is the
module that says it. `oetgen explain CODE` prints the same.
"""
    known = explanations().values()
    parts = [head]
    for module, group in groupby(known, key=lambda each: each.code.split("/")[0]):
        parts.append(f"## {module}\n")
        parts += [_finding(each) for each in group]
    return "\n".join(parts)


def _finding(each: Explanation) -> str:
    return (
        f"### {each.code}\n\n{each.what}\n\nWhy: {each.why}\n\nBad:\n\n{each.bad}\n\nGood:\n\n{each.good}\n"
    )


def values_page() -> str:
    """Return the reference of this project's values."""
    text = reference(load_schema(Project(ROOT)))
    note = "`NAME` stands for a key of your own, `[]` for each item of a list. `oetgen schema` prints the same.\n"
    heading, _, rest = text.partition("\n\n")
    return f"{heading}\n\n{_MADE}\n{note}\n{rest}"


# A line or more of each language, with a bullet where a value lands.
_SHAPES: tuple[tuple[str, str], ...] = (
    ("yaml", "name: •"),
    ("yaml", 'name: "•"'),
    ("yaml", "name: '•'"),
    ("yaml", "name: a-•"),
    ("yaml", "•: x"),
    ("yaml", "[a, •]"),
    ("yaml", "text: |\n  •"),
    ("yaml", "text: >-\n  •"),
    ("yaml", "# •"),
    ("kubernetes", "args:\n- •"),
    ("kubernetes", "env:\n- name: X\n  value: •"),
    ("kubernetes", 'kind: ConfigMap\ndata:\n  x.json: |\n    {"a": "•"}'),
    ("github", "on: push\njobs:\n  x:\n    name: •"),
    ("github", "on: push\njobs:\n  x:\n    steps:\n    - run: echo •"),
    ("github", 'on: push\njobs:\n  x:\n    steps:\n    - run: echo "•"'),
    ("github", "on: push\njobs:\n  x:\n    if: github.ref == '•'"),
    ("compose", "services:\n  x:\n    environment:\n      A: •"),
    ("json", '{"a": •}'),
    ("json", '{"a": "•"}'),
    ("json", '{"•": 1}'),
    ("hcl", "a = •"),
    ("hcl", 'a = "•"'),
    ("hcl", "a = <<EOT\n•\nEOT"),
    ("hcl", "•= 1"),
    ("hcl", "# •"),
    ("dockerfile", "FROM x\nENV A=•"),
    ("dockerfile", 'FROM x\nENV A="•"'),
    ("dockerfile", "FROM x\nRUN echo •"),
    ("dockerfile", 'FROM x\nCMD ["•"]'),
    ("dockerfile", "FROM •"),
    ("dockerfile", "# •"),
    ("shell", "echo •"),
    ("shell", 'echo "•"'),
    ("shell", "echo '•'"),
    ("shell", "cat <<EOF\n•\nEOF"),
    ("shell", "cat <<'EOF'\n•\nEOF"),
    ("shell", "•=1"),
    ("shell", "# •"),
    ("typescript", "const a = •;"),
    ("typescript", 'const a = "•";'),
    ("typescript", "const a = `•`;"),
    ("typescript", "// •"),
    ("markdown", "Text •"),
    ("markdown", "Text `•`"),
    ("markdown", "```sh\necho •\n```"),
    ("plain", "•"),
    ("plain", "# •"),
)
# What is put there: what it is called in the head of the table, and the value.
_SAMPLES: Mapping[str, str] = {
    "a word": "web",
    "looks like a number": "1e3",
    "quotes": 'it\'s "x"',
    "expands": "${x} $(y) ${{ z }}",
    "a line break": "a\nb: c",
}


def encoding_page() -> str:
    """Return the page of what becomes of a value at each position."""
    head = f"""# What becomes of a value at each place

{_MADE}
A value is encoded for the place that it lands in, so that its reader reads that value, and nothing beside it. `•` is
the place of a value in a template, where a template has `{{{{ … }}}}`. The tables show what is written for five
texts, or what is said where the place cannot hold one. [How it works](architecture.md) says how the place is found.

The texts:
"""
    samples = "".join(f"- {name}: `{_visible(value)}`\n" for name, value in _SAMPLES.items())
    parts = [head, samples]
    for language, shapes in groupby(_SHAPES, key=lambda pair: pair[0]):
        parts.append(f"## {language}\n")
        parts += [_position(language, shape) for _, shape in shapes]
    return "\n".join(parts)


def _position(language: str, shape: str) -> str:
    (site,) = FORMATS[language].sites(f"{shape}\n".replace("•", MARK))
    rows = "".join(f"| {name} | {_written(site, value)} |\n" for name, value in _SAMPLES.items())
    lines = "".join(f"    {line}\n" for line in shape.split("\n"))
    return f"{_called(site)}:\n\n{lines}\n| Value | What is written |\n| --- | --- |\n{rows}"


def _called(site: Site) -> str:
    chain = [f"{each.language}, {each.position}" for each in _chain(site)]
    return "Place: " + ", inside of ".join(chain)


def _chain(site: Site | None) -> Iterator[Site]:
    while site:
        yield site
        site = site.outer


def _written(site: Site, value: str) -> str:
    try:
        return f"`` {_visible(encode(site, value))} ``"
    except CannotEncode as problem:
        return f"refused: {_cell(str(problem))}"


def _visible(text: str) -> str:
    return _cell(text.replace("\n", "⏎"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


PAGES: Mapping[str, Callable[[], str]] = {
    "findings.md": findings_page,
    "values.md": values_page,
    "encoding.md": encoding_page,
}
