"""The values of the proof: hostile ones, those that are made of hostile pieces, and ordinary ones."""

from __future__ import annotations

import random
from collections.abc import Iterator

from generator.languages import Scalar
from tests.languages.helpers import LOOKALIKES, PIECES

HOSTILE = (
    *(
        "$(:>CANARY)",
        "`:>CANARY`",
        "'; :>CANARY; '",
        '"; :>CANARY; "',
        "\n:>CANARY\n",
        "; :>CANARY #",
        "|| :>CANARY",
    ),
    *(
        "& :>CANARY",
        "| :>CANARY",
        "> CANARY",
        ">CANARY",
        "2>CANARY",
        "<(:>CANARY)",
        "a[$(:>CANARY)]",
        "$((a[$(:>CANARY)]))",
    ),
    *(
        "${x:=$(:>CANARY)}",
        "'$(:>CANARY)'",
        '"$(:>CANARY)"',
        "\\'; :>CANARY #",
        "'\\''; :>CANARY #",
        "\\\n:>CANARY",
    ),
    *(
        "\nEOF\n:>CANARY\n",
        "EOF",
        "EOF\n",
        "\nEOF",
        "\tEOF",
        "\n  EOF\n:>CANARY\n",
        "a\nEOF\nb",
        "x\r\ny",
        "\r:>CANARY\r",
    ),
    *(
        "${var.secret}",
        "%{ if true }x%{ endif }",
        "$${x}",
        "%%{x}",
        "$",
        "%",
        "{",
        "${",
        "%{",
        "$$${x}",
        '${file("/etc/passwd")}',
    ),
    *(
        '"',
        '\\"',
        '", "evil": "x',
        '"}, {"a": "b',
        "\\",
        "\\\\",
        "\\u0022",
        '"\n}\nresource "x" "y" {',
        '"]',
        "']",
        '\\\\"',
    ),
    *(
        "a: b",
        "a:\n  b: c",
        "- a",
        "\n- a",
        "\nevil: true\n",
        "\n  evil: true",
        "  evil: true",
        "x # y",
        "x #",
        "#",
        "[a, b]",
    ),
    *(
        "{a: b}",
        "*alias",
        "&anchor x",
        "!!python/object:os.system x",
        "|",
        ">",
        "?",
        ": x",
        "x:",
        "---\na: b",
        "\n---\n",
        "\n...\n",
    ),
    *(
        "${{ secrets.X }}",
        "${{",
        "}}",
        "${{ '}}' }}",
        "$${{ x }}",
        "{{ x }}",
        "{{",
        "<< pipeline.x >>",
        "<<",
        "$X",
        "${X}",
        "$$X",
    ),
    *(
        "<script>x</script>",
        "<img src=x onerror=y>",
        "</summary>",
        "</div>\n\n# x",
        "<!-- x -->",
        "-->",
        "&lt;b&gt;",
        "&amp;",
        "lt",
        "#60",
        "lt;",
        "&lt",
        "javascript:x",
    ),
    *(
        "[a](javascript:x)",
        "![a](b)",
        "](x)",
        "](",
        "[x]: y",
        "**b**",
        "`x`",
        "``",
        "```",
        "\n```\nx",
        "~~~",
        "|",
        "a|b",
        "# x",
    ),
    *(
        "\n# x",
        "1. x",
        "- [ ] x",
        "> x",
        "    x",
        "\tx",
        "http://a.b/c",
        "www.a.bc",
        "a@b.cd",
        "<http://x>",
        "\n===",
        "***",
        "a  \nb",
    ),
    *(
        "x,y",
        "a,target=/etc",
        "id=x,readwrite",
        "--privileged",
        "-v /:/host",
        "--from=x",
        "a b",
        "a=b",
        "\nRUN x",
        "\\\nRUN x",
    ),
    *(
        "'''",
        '"""',
        "'\nimport os\n'",
        "';import os;'",
        "`${x}`",
        "*/",
        "/*",
        "//",
        "</script>",
        "\u2028x",
        "\u2029",
        "\u0085",
        "\ufeff",
    ),
    *(
        "\x00",
        "\x1b[0m",
        "\x7f",
        "é",
        "e\u0301",
        "😀",
        "\u202ex",
        "\ud800",
        "a\tb",
        " ",
        "  ",
        "",
        "\n",
        "\n\n",
        "a\n",
        "\na",
        " a",
        "a ",
    ),
    *(
        "a\n\nb",
        "a\n  b\nc",
        "a\n\tb",
        "-----BEGIN X-----\nabc/+=\n-----END X-----\n",
        "server {\n  listen 80;\n}",
        "a;b",
        "a=b\nc=d",
    ),
    *(
        "[section]",
        "\n[section]\nx=y",
        "x = 1",
        '"""\nx = 1\n"""',
        "%(x)s",
        "=x",
        ";x",
        "!x",
        "~",
        "~root",
        "*",
        "?",
        "a*",
    ),
)
ORDINARY = (
    *(
        "web",
        "api-1",
        "my_app",
        "Prod",
        "v1.2.3",
        "1.27-alpine",
        "eu-west-1",
        "example.com",
        "api.example.com:8443",
    ),
    *(
        "https://example.com/a/b",
        "https://example.com/?a=b&c=d#e",
        "/var/lib/app",
        "./run.sh",
        "user@example.com",
        "10.0.0.0/16",
    ),
    *(
        "registry.example.com/team/app:1.2",
        "arn:aws:iam::123456789012:role/app",
        "A sentence with words.",
        "It's a test, isn't it?",
    ),
    *(
        "100m",
        "3h30m",
        "a,b,c",
        "key=value",
        "Team Blue",
        "50%",
        "cost: 5$",
        "(none)",
        "C:\\app",
        "fünf",
        "x/y@sha256:abc",
    ),
)


def hostile(count: int, seed: str) -> Iterator[Scalar]:
    """Yield `count` values: the fixed list, then values that are made of its pieces, the same for the same seed."""
    fixed = [*HOSTILE, *LOOKALIKES]
    source = random.Random(seed)
    if count < len(fixed):
        fixed = source.sample(fixed, count)
    yield from fixed
    for _ in range(count - len(fixed)):
        yield _made(source)


def _made(source: random.Random) -> Scalar:
    kind = source.random()
    if kind < 0.04:
        return source.choice((0, -1, 7, 2**53, -(2**70), 1.5, -0.0, 1e300, True, False))
    pieces = PIECES if kind < 0.5 else (*PIECES, *HOSTILE)
    text = "".join(source.choice(pieces) for _ in range(source.randint(1, 4)))
    if kind > 0.95:
        text = "".join(
            chr(source.choice((source.randrange(32, 127), source.randrange(0x300)))) for _ in range(8)
        )
    return text
