"""Texts made at random for the reader of values and for the checker of templates: they raise nothing but our own."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from generator.findings import OetgenError
from generator.project.folder import Project
from generator.render.engine import Engine, RenderError
from generator.render.typecheck import check_templates
from generator.values.schema import load_schema
from generator.values.source import load

_YAML = (
    *(
        "a: ",
        "b:\n",
        "- ",
        "  ",
        "\n",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&x ",
        "*x",
        "<<: ",
        "!!str ",
        "!t ",
        "? ",
    ),
    *(
        "|\n",
        ">-\n",
        "# c",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "no",
        "012",
        "1:30",
        "1e3",
        "~",
        "=",
        "\t",
        "\r",
    ),
    *("\ufeff", "\x00", "\u2028", "\ud800", "\U0001f600", "\\", "@", "`"),
)
_JINJA = (
    *(
        "{{ ",
        " }}",
        "{% ",
        " %}",
        "{# ",
        " #}",
        "{%- ",
        "-}}",
        "if ",
        "elif ",
        "else",
        "endif",
        "for x in ",
        "endfor",
    ),
    *(
        "set y = ",
        "set z",
        "endset",
        "macro m(a, b=1)",
        "endmacro",
        "call(c) m(1)",
        "endcall",
        "include ",
        "import ",
    ),
    *(
        "extends ",
        "block b",
        "endblock",
        "with ",
        "endwith",
        "filter upper",
        "endfilter",
        "raw",
        "endraw",
        "from ",
    ),
    *(
        "greeting",
        "services",
        "services.api.",
        "replicas",
        "env",
        ".items()",
        "labels",
        "x",
        "y",
        "m(",
        "loop.index",
    ),
    *(
        "'k8s/_labels.yaml.j2'",
        "'text'",
        "1",
        "-1",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ",",
        " | upper",
        " | default(",
        " | map(",
    ),
    *(
        " is defined",
        " is none",
        " in ",
        " not ",
        " and ",
        " or ",
        " ~ ",
        " + ",
        " ** ",
        " // ",
        " == ",
        "recursive",
    ),
    *(
        "\n",
        " ",
        "#",
        "$",
        "${{ x }}",
        "a: ",
        "\ue000",
        "\x07",
        "é",
        "self.b()",
        "super()",
        "varargs",
        "caller()",
    ),
)


def limits(count: int) -> settings:
    """Return the settings of a run of `count` texts, the same ones every time."""
    return settings(
        max_examples=count,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _texts(pieces: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(pieces) | st.text(max_size=3), max_size=30).map("".join)


def values(count: int) -> int:
    """Read `count` texts as values; return how many had findings."""
    wrong = 0

    @limits(count)
    @given(_texts(_YAML))
    def read(text: str) -> None:
        nonlocal wrong
        wrong += bool(load(text, "environments/prod.yaml").findings)

    read()
    return wrong


def templates(count: int, root: Path) -> int:
    """Check `count` texts as templates of the project at `root`; return how many had findings."""
    wrong = 0
    project = Project(root)
    schema = load_schema(project)
    place = root / "templates" / "k8s" / "fuzz.yaml.j2"

    @limits(count)
    @given(_texts(_JINJA))
    def check(text: str) -> None:
        nonlocal wrong
        place.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            wrong += bool(check_templates(Engine(project), schema, [])[1])
        except (OetgenError, RenderError):
            wrong += 1

    check()
    return wrong
