"""What holds for every format: the sites of a file are found in about one pass over it."""

from __future__ import annotations

import sys
from types import FrameType

from generator.languages import LANGUAGES
from tests.conftest import rows
from tests.languages.helpers import HOLE, sites

# A format, and a file of it in three parts: the one in the middle is repeated.
FILES = {
    "circleci": ("circleci", "", '- run: echo "•"\n', ""),
    "cloudbuild": ("cloudbuild", "steps:\n", "- args: [-c, echo '•' $$x]\n  entrypoint: bash\n", ""),
    "cloudinit": ("cloudinit", "runcmd:\n", "- echo '•'\n", ""),
    "code": ("code", "", "x = '•'\n", ""),
    "compose": ("compose", "", "- a: 'it''s •' # \"•\"\n", ""),
    "compose, one command": ("compose", "a:\n  command:\n", "  - x$$•\n", ""),
    "dockerfile": ("dockerfile", "", 'RUN echo "it\'s •" \\\n  && [ -f x ] # •\nENV A="•"\n', ""),
    "dockerfile, one instruction": ("dockerfile", "ENV \\\n", 'A="•" \\\n# •\n', "B=1\n"),
    "dockerfile, one command": ("dockerfile", "RUN a \\\n", "\"•\" 'x' \\\n", "b\n"),
    "dockerfile, one list": ("dockerfile", 'CMD ["a"', ', \\\n "•"', "]\n"),
    "github": ("github", "", "- run: |\n    echo \"${{ a }} •\" 'x' # •\n", ""),
    "github, one script": ("github", "steps:\n- run: |\n", "    echo \"${{ a }} •\" 'x' # •\n", ""),
    "gitlab": ("gitlab", "a:\n  script:\n", "  - echo '•'\n", ""),
    "hcl": ("hcl", "", 'a = "x${b}-•" # •\n', ""),
    "hcl, one heredoc": ("hcl", "a = <<EOT\n", "x ${b} •\n", "EOT\n"),
    "hcl, one script": ("hcl", "user_data = <<-EOT\n  #!/bin/sh\n", "  echo '•' $${A} ${b}\n", "EOT\n"),
    "hcl, one policy": ("hcl", "policy = <<EOT\n[\n", '{"a": "•"},\n', "{}]\nEOT\n"),
    "hcl, many policies": ("hcl", "", 'a = "{\\"a\\": \\"•\\"}"\n', ""),
    "terraform_json": ("terraform_json", "[", '"${a} •",\n', "1]"),
    "dockerfile, one here-document": ("dockerfile", "FROM a\nRUN <<EOF\n", "echo '•' \\\n", "x\nEOF\n"),
    "markdown, HTML": ("markdown", "", "<div title='•'>\n•\n</div>\n\n<b>\n•\n", ""),
    "json": ("json", "{", '"a": {"b\\n": "•"},\n', '"c": 1}'),
    "kubernetes": ("kubernetes", "", "- args: [sh, -c, \"echo '•' $(A)\"]\n", ""),
    "kubernetes, one command": ("kubernetes", "containers:\n- args:\n", "  - x$$•\n", ""),
    "kubernetes, one file": ("kubernetes", "data:\n  a.json: |\n", '    ["•", •],\n', ""),
    "markdown": ("markdown", "", "- `a` [b](c) • **d**\n", ""),
    "markdown, one block": ("markdown", "```bash\n", 'echo "it\'s" •\n', "```\n"),
    "pipeline": ("pipeline", "a:\n  script:\n", "  - echo '•'\n", ""),
    "plain": ("plain", "", "a/•/b\n", ""),
    "shell": ("shell", "", "echo \"it's ${A:-x} $(b '•')\" • # •\n", ""),
    "shell, one here-document": ("shell", "cat <<EOF\n", "x ${A} • $(b)\n", "EOF\n"),
    "shell, one command": ("shell", "a \\\n", '"•" [[ a•b \\\n', "b\n"),
    "shell, one line": ("shell", "a ", "[[ • -x • ", "\n"),
    "taskfile": ("taskfile", "tasks:\n  a:\n    cmds:\n", "    - echo '•'\n", ""),
    "text": ("text", "", "a • b\n", ""),
    "crontab": ("crontab", "", "* * * * * p '•' \\% # •\n", ""),
    "dotenv": ("dotenv", "", "A=•\nB='•'\n# •\n", ""),
    "helm": ("helm", "", "a: {{ .x }} •\n", ""),
    "ini": ("ini", "[s]\n", "k = a •\n# •\n", ""),
    "jsonc": ("jsonc", "{", '"a": {"b\\n": "•"}, // •\n', '"c": 1}'),
    "lines": ("lines", "", "a • b # x\n", ""),
    "makefile": ("makefile", "", "a: b\n\tp '•' $(A) $$b \\\n\t  •\n", ""),
    "makefile, one recipe": ("makefile", ".ONESHELL:\na: b\n", "\tp '•' $(A)\n", ""),
    "nginx": ("nginx", "", 'server { server_name •; root "a•"; } # •\n', ""),
    "procfile": ("procfile", "", "web: p '•'\n", ""),
    "properties": ("properties", "", "k=a•\\\n  •\n# •\n", ""),
    "prometheus": (
        "prometheus",
        "groups:\n- rules:\n",
        "  - {alert: '•', expr: 'up{a=\"•\"} > •'}\n",
        "",
    ),
    "python": ("python", "", "k = ['•', •, f'{a} •'] # •\n", ""),
    "sql": ("sql", "", "insert into t values ('•', •); -- •\n", ""),
    "systemd": ("systemd", "[Service]\n", "ExecStart=/bin/sh -c 'p \"•\"' a •\n", ""),
    "systemd, one command": ("systemd", "[Service]\nExecStart=/x \\\n", "  '•' \\\n", "  b\n"),
    "toml": ("toml", "", "[a.•]\nk = [•, '•', { a = • }] # •\n", ""),
    "html": ("html", "<body>", "<b title='•' lang=•>•</b><a href=\"/•\"></a><!-- • -->\n", "</body>"),
    "xml": ("xml", "<a>", "<b k='•'>•</b><!-- • -->\n", "</a>"),
    "verbatim": ("verbatim", "", "a • b\n", ""),
    "typescript": ("typescript", "", "const a = { b: `c${d}•`, e: '•' } // •\n", ""),
    "typescript, one template": ("typescript", "const a = `\n", "x ${b} • /\n", "`\n"),
    "yaml": ("yaml", "", '- "x •"\n- |\n  c •\n# •\n', ""),
    "yaml, one block": ("yaml", "a: |\n", "  x • y\n", ""),
    "yaml, one map": ("yaml", "{", '"•": •,\n', "x: 1}"),
}


def calls(kind: str, head: str, line: str, tail: str, lines: int) -> int:
    """Return how many functions are called to find the sites of a file with so many lines."""
    text = head + line * lines + tail
    count = 0

    def note(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sites(kind, head + tail)  # once before, since it imports what it needs
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        found = sites(kind, text)
    finally:
        sys.setprofile(before)
    assert len(found) == text.count(HOLE)
    return count


def test_every_format_is_looked_at() -> None:
    assert {kind for kind, *_ in FILES.values()} == set(LANGUAGES)


@rows("name", list(FILES))
def test_the_work_for_a_file_grows_with_its_length(name: str) -> None:
    few = calls(*FILES[name], 50)  # first, since what is found is remembered
    assert calls(*FILES[name], 400) < 10 * few  # of 8 times the lines; the square is 64
