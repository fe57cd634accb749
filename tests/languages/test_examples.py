"""Files in which a value once left its place, each with a value that did, and what is written now."""

from __future__ import annotations

from generator.languages import language_of
from tests.conftest import rows
from tests.languages.helpers import refuses, render

MANIFEST = "apiVersion: v1\nkind: ConfigMap\n"
POD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - "
STEP = "jobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n    - "

# The path, the text around the value, the value, and the line that is written for that of the value.
WRITTEN = (
    (".github/workflows/a.yaml", f"{STEP}run: p •\n", "$(id)", "    - run: \"p '$(id)'\""),
    (".github/workflows/a.yaml", "name: •\n", "a: b", 'name: "a: b"'),
    (
        ".github/actions/a/action.yml",
        "runs:\n  steps:\n  - run: p •\n    shell: sh\n",
        "`id`",
        "  - run: \"p '`id`'\"",
    ),
    ("compose.yml", "services: {a: {command: p •}}\n", "$(id)", "services: {a: {command: \"p '$$(id)'\"}}"),
    ("docker-compose.yml", "x-a: •\n", "${A}", 'x-a: "$${A}"'),
    ("docker-compose.yaml", "x-a: •\n", "a: b", 'x-a: "a: b"'),
    ("k8s/a.yml", f"{MANIFEST}data: {{k: •}}\n", "a: b", 'data: {k: "a: b"}'),
    ("deploy/a.yaml", f"{POD}args: [•]\n", "$(A)", '  - args: ["$$(A)"]'),
    (
        "deploy/a.yaml",
        f"{POD}command: [sh, -c, 'p \"•\"']\n",
        "`id`",
        "  - command: [sh, -c, 'p \"\\`id\\`\"']",
    ),
    ("main.tf.json", '{"a": "•"}\n', '${x}"', '{"a": "$${x}\\""}'),
    (".gitlab-ci.yml", "a:\n  script: [p •]\n", "`id`", "  script: [\"p '`id`'\"]"),
    (
        "cloudbuild.yaml",
        "steps: [{name: bash, args: [-c, p •]}]\n",
        "$(id)",
        "steps: [{name: bash, args: [-c, \"p '$$(id)'\"]}]",
    ),
    (
        ".circleci/config.yml",
        "jobs:\n  a:\n    steps: [{run: p •}]\n",
        "`id`",
        "    steps: [{run: \"p '`id`'\"}]",
    ),
    ("Taskfile.yml", "tasks:\n  a: {cmds: [p •]}\n", "`id`", "  a: {cmds: [\"p '`id`'\"]}"),
    ("user-data", "#cloud-config\nruncmd:\n- p •\n", "`id`", "- \"p '`id`'\""),
    ("m.yaml", f"{MANIFEST}data:\n  a.yaml: |\n    k: •\n", "a: b", '    k: "a: b"'),
    ("m.yaml", f'{MANIFEST}data:\n  a.json: |\n    {{"k": "•"}}\n', '"\n', '    {"k": "\\"\\n"}'),
    (
        "m.yaml",
        f"{MANIFEST}metadata:\n  annotations:\n    a/actions.x: '[\"•\"]'\n",
        '"',
        '    a/actions.x: \'["\\""]\'',
    ),
    ("m.yaml", f'{MANIFEST}data:\n  a.toml: |\n    k = "•"\n', '"\n', '    k = "\\"\\n"'),
    ("m.yaml", f"{MANIFEST}data:\n  a.properties: |\n    k=•\n", "a\nb", "    k=a\\nb"),
    ("m.yaml", f"{MANIFEST}data:\n  nginx.conf: |\n    a •;\n", "a;b", '    a "a;b";'),
    ("m.yaml", f"{MANIFEST}data:\n  a.py: |\n    a = '•'\n", "'", "    a = '\\''"),
    ("m.yaml", f"{MANIFEST}data:\n  ca.pem: |\n    x\n    •\n    y\n", "a\nb", "    a"),
    ("a.tf", "user_data = <<EOF\n#!/bin/bash\np •\nEOF\n", "$(id) ${x}", "p '$(id) $${x}'"),
    ("a.tf", 'policy = <<EOF\n{"a": "•"}\nEOF\n', '", "b": "', '{"a": "\\", \\"b\\": \\""}'),
    ("a.tf", 'policy = "{\\"a\\": \\"•\\"}"\n', '"', 'policy = "{\\"a\\": \\"\\\\\\"\\"}"'),
    ("a.tf", 'provisioner "local-exec" {\n  command = "p •"\n}\n', "`id`", "  command = \"p '`id`'\""),
    (
        ".github/workflows/a.yml",
        f"{STEP}uses: azure/cli@v2\n      with: {{inlineScript: p •}}\n",
        "`id`",
        "      with: {inlineScript: \"p '`id`'\"}",
    ),
    ("a.md", "<summary>•</summary>\n", "<img src=x>", "<summary>&#60;img src=x&#62;</summary>"),
    ("a.md", "<div>\n•\n</div>\n", "<img src=x>", "&#60;img src=x&#62;"),
    ("a.md", "[a](b '•')\n", "'>", "[a](b '\\'\\>')"),
    ("Dockerfile", "FROM a\nENV A=•\n", "b C=d", 'ENV A="b C=d"'),
    ("Dockerfile", "FROM a\nRUN <<EOF\np •\nEOF\n", "$(id)", "p '$(id)'"),
    ("Dockerfile", 'FROM a\nCOPY <<EOF /a.json\n["•"]\nEOF\n', '$A"', '["\\$A\\\\""]'),
)
# The path, the text around the value, a value that cannot stand there, and a part of the reason.
REFUSED = (
    *(
        ("m.yaml", f"{MANIFEST}data:\n  {name}: |\n    {text}\n", "a\nb", "cannot hold")
        for name, text in (
            ("a.conf", "a •;"),
            ("nginx.conf", "a •;"),
            ("a.ini", "a=•"),
            ("a.rb", "a = '•'"),
            ("Corefile", "a •"),
        )
    ),
    (
        ".github/workflows/a.yml",
        f"{STEP}uses: a/b@v1\n      with: {{run: p •}}\n",
        "`id`",
        "a program inside a string",
    ),
    (".github/workflows/a.yml", f'{STEP}run: echo "A=•" >> "$GITHUB_ENV"\n', "a\nB=c", "read line by line"),
    (
        ".github/workflows/a.yml",
        f"{STEP}run: |\n        {{ echo A=•; }} >> $GITHUB_OUTPUT\n",
        "a\nB=c",
        "read line by line",
    ),
    (
        "Dockerfile",
        "FROM a\nRUN --mount=type=secret,id=• p\n",
        "a,target=/etc",
        "an option of an instruction",
    ),
    ("Dockerfile", "FROM a\nRUN --mount=type=secret,id=• p\n", "a=b", "an option of an instruction"),
    ("a.md", "<div onclick='•'>\n", "a()", "cannot hold"),
    ("a.md", "[a](•)\n", "javascript:a", "cannot be a script"),
    ("a.tf", "a = <<EOF\nx\n•\nEOF\n", "y\nEOF\nz", "would end the heredoc"),
    ("a.tf", "a = <<EOF\nx • EOF\nEOF\n", "y\n", "ends the heredoc"),
    ("Dockerfile", "FROM a\nRUN <<EOF\np x•EOF\nEOF\n", "y\n", "cannot stand"),
    (
        "a.tf",
        'provisioner "local-exec" {\n  command = "p(•)"\n  interpreter = ["python3", "-c"]\n}\n',
        "'a'",
        "a program",
    ),
)


CERTIFICATE = "-----BEGIN X-----\nab+/=\n-----END X-----"
# The path, the text around a value of many lines, and the indentation of its lines.
BLOCKS = (
    ("m.yaml", f"{MANIFEST}data:\n  nginx.conf: |\n    •\n", "    "),
    ("m.yaml", f"{MANIFEST}data:\n  a.yaml: |\n    k: |\n      x\n      •\n      y\n", "      "),
    ("m.yaml", f"{MANIFEST}data:\n  a.sh: |\n    p '\n    •'\n", "    "),
    ("user-data", "#cloud-config\nwrite_files:\n- path: /a.pem\n  content: |\n    •\n", "    "),
    ("a.tf", "a = <<EOF\n•\nEOF\n", ""),
    ("a.tf", "a = <<-EOF\n    •\n  EOF\n", "    "),
    (
        "a.tf",
        "a = <<-EOF\n    #cloud-config\n    write_files:\n    - path: /a\n      content: |\n        •\n  EOF\n",
        "        ",
    ),
    (".github/workflows/a.yml", f"{STEP}run: |\n        p '\n        •'\n", "        "),
    ("Dockerfile", "FROM a\nCOPY <<EOF /a.pem\n•\nEOF\n", ""),
    ("a.md", "```text\n•\n```\n", ""),
)


@rows("path, text, indent", BLOCKS)
def test_a_value_of_many_lines_fits_into_a_block(path: str, text: str, indent: str) -> None:
    lines = CERTIFICATE.replace("\n", f"\n{indent}")
    assert render(language_of(path, text), text, CERTIFICATE) == text.replace("•", lines)


@rows("path, text, value, line", WRITTEN)
def test_a_value_is_written_for_its_language(path: str, text: str, value: str, line: str) -> None:
    number = text[: text.index("•")].count("\n")
    assert render(language_of(path, text), text, value).split("\n")[number] == line


@rows("path, text, value, reason", REFUSED)
def test_a_value_that_cannot_be_written_is_refused(path: str, text: str, value: str, reason: str) -> None:
    assert reason in refuses(language_of(path, text), text, value)
