"""`oetgen.yaml`: languages by path, and what looks like a secret but is not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generator.languages import LANGUAGES
from generator.project.globs import matches
from generator.values.settings import schema_text
from tests.conftest import Sandbox, oetgen, rows

MATCHES = """
config/*.conf        config/nginx.conf          yes
config/*.conf        config/a/nginx.conf        no
config/*.conf        a/config/nginx.conf        no
config/**/*.conf     config/nginx.conf          yes
config/**/*.conf     config/a/b/nginx.conf      yes
**/Makefile.*        Makefile.am                yes
**/Makefile.*        a/b/Makefile.am            yes
**/Makefile.*        a/Makefile                 no
*.conf               nginx.conf                 yes
*.conf               a/b/nginx.conf             yes
*.conf               a/nginx.conf.example       no
k8s/**               k8s/a/b.yaml               yes
k8s/**               k8s                        no
**                   a/b                        yes
a?c                  abc                        yes
a?c                  a/c                        no
v[0-9].txt           v3.txt                     yes
v[!0-9].txt          v3.txt                     no
v[!0-9].txt          v/.txt                     no
a.c                  abc                        no
a+(b)$               a+(b)$                     yes
.env                 x/.env                     yes
"""


@rows("line", MATCHES.strip().split("\n"))
def test_a_pattern_matches_whole_paths(line: str) -> None:
    pattern, path, expected = line.split()
    assert matches(pattern, path) == (expected == "yes")


def test_no_file_an_empty_file_and_an_empty_map_are_the_same(small: Sandbox) -> None:
    small.oetgen("--no-cache", "render", "--all")
    plain = small.snapshot()
    for text in ("", "{}\n", "# nothing\n", "languages: {}\nsecrets: []\n"):
        small.write("oetgen.yaml", text)
        result = small.oetgen("--no-cache", "render", "--all")
        assert (result.status, result.err) == (0, "")
        assert small.snapshot() == plain


def test_the_last_pattern_that_matches_counts(small: Sandbox) -> None:
    small.write("templates/app/site.conf.j2", "x {{ greeting }}\n")
    small.write("environments/prod.yaml", 'greeting: "a b # c"\n')
    small.write("oetgen.yaml", 'languages:\n  app/*: yaml\n  "*.conf": text\n')
    assert small.oetgen("render", "prod").status == 1  # text cannot hold #
    small.write("oetgen.yaml", 'languages:\n  "*.conf": text\n  app/*: yaml\n')
    assert small.oetgen("render", "prod").status == 0
    assert "a b # c" in small.read("out/prod/app/site.conf")
    small.write("oetgen.yaml", 'languages:\n  app/*: yaml\n  "*.conf": shell\n')
    result = small.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert small.read("out/prod/app/site.conf").endswith("x 'a b # c'\n")
    assert small.read("out/prod/app/site.conf").startswith("#")  # the header of a script


def test_a_change_of_the_settings_is_seen_by_every_render(small: Sandbox) -> None:
    small.write("templates/app/site.conf.j2", "x {{ greeting }}\n")
    small.write("environments/prod.yaml", "greeting: hello\n")
    assert small.oetgen("render", "prod").status == 0
    assert not small.read("out/prod/app/site.conf").startswith("#")
    small.write("oetgen.yaml", 'languages: {"*.conf": shell}\n')
    assert small.oetgen("render", "prod").status == 0
    assert small.read("out/prod/app/site.conf").startswith("#")
    assert small.oetgen("render", "prod").out == "out/prod: 8 unchanged\n"
    small.write("oetgen.yaml", 'languages: {"*.conf": shel}\n')
    assert small.oetgen("render", "prod").status == 1
    (small.root / "oetgen.yaml").unlink()
    assert small.oetgen("render", "prod").status == 0
    assert not small.read("out/prod/app/site.conf").startswith("#")


def test_a_verbatim_file_has_no_header_and_takes_no_value(small: Sandbox) -> None:
    small.write("templates/app/run.sh.j2", "{% if suffix is defined %}#!/bin/sh\necho $HOME{% endif %}\n")
    small.write("oetgen.yaml", "languages: {app/run.sh: verbatim}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert small.read("out/prod/app/run.sh") == "#!/bin/sh\necho $HOME\n"
    small.write("templates/app/run.sh.j2", "echo {{ greeting }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1
    assert "templates/app/run.sh.j2:1:6: error[render/cannot-encode]" in result.err


LOOKS = "x9Kq2mN8pR5tW7yC1dF4gH3z"


@pytest.mark.parametrize(
    "entry",
    [f"value: {LOOKS}", "path: environments/prod.yaml", f"{{value: {LOOKS}, path: environments/*.yaml}}"],
)
def test_what_is_public_is_allowed_in_values_and_in_the_output(small: Sandbox, entry: str) -> None:
    small.write("environments/prod.yaml", f"greeting: {LOOKS}\n")
    assert "leaks/secret" in small.oetgen("render", "prod").err
    entry = entry.strip("{}").replace(", ", "\n  ")
    small.write("oetgen.yaml", f"secrets:\n- {entry}\n  reason: the public key of analytics\n")
    result = small.oetgen("render", "--all")
    assert result.status == 0, result.err
    for _ in range(2):  # also with what the first run remembered
        result = small.oetgen("check", "--no-tools")
        assert "oetgen.yaml" not in result.out
        assert "looks like" not in result.out
    small.write("oetgen.yaml", "")
    assert "leaks/secret" in small.oetgen("render", "prod").err


def test_what_is_public_is_allowed_in_a_template(small: Sandbox) -> None:
    small.write("templates/app/key.yaml.j2", f"key: {LOOKS}\n")
    small.write(
        "oetgen.yaml", "secrets:\n- {path: templates/app/*.j2, reason: the public key of analytics}\n"
    )
    assert small.oetgen("render", "--all").status == 0
    assert "looks like" not in small.oetgen("check", "--no-tools").out
    small.write("templates/other/key.yaml.j2", f"key: {LOOKS}\n")
    assert "templates/other/key.yaml.j2:1:6: error[leaks/secret]" in small.oetgen("render", "prod").err


def test_an_unused_entry_is_reported_where_everything_is_checked(small: Sandbox) -> None:
    small.write(
        "oetgen.yaml", f'languages: {{"*.conf": text}}\nsecrets:\n- {{value: {LOOKS}, reason: is public}}\n'
    )
    small.oetgen("render", "--all")
    found = small.oetgen("check", "--no-tools").out
    assert "oetgen.yaml:1:13: warning[settings/unused] no file matches" in found
    assert "oetgen.yaml:3:3: warning[settings/unused] nothing that looks like a secret" in found
    assert "settings/unused" not in small.oetgen("check", "prod", "--no-tools").out


def test_a_mapped_file_is_compared_as_its_language(small: Sandbox) -> None:
    small.write("templates/app/x.data.j2", "b: 1\na: 2\n")
    small.write("oetgen.yaml", 'languages: {"*.data": yaml}\n')
    small.oetgen("render", "--all")
    small.write("templates/app/x.data.j2", "a: 2\nb: {{ 1 if suffix is defined else 3 }}\n")
    found = small.oetgen("diff", "prod", "test").out
    assert "b: 1" in found or "1" in found
    assert "compared by line" not in found


def described(rule: Any) -> Any:
    """Yield each property of a schema, and the schemas below it."""
    for name, inner in rule.get("properties", {}).items():
        yield name, inner
        yield from described(inner)
    for inner in (rule.get("items"), rule.get("additionalProperties")):
        if isinstance(inner, dict):
            yield from described(inner)


def test_the_schema_is_printed_and_describes_every_setting() -> None:
    result = oetgen("schema", "--settings")
    assert result.out == schema_text()
    schema = json.loads(result.out)
    Draft202012Validator.check_schema(schema)
    assert schema["properties"]["languages"]["additionalProperties"]["enum"] == sorted(LANGUAGES)
    for name, rule in described(schema):
        assert rule.get("description"), name
        for example in rule.get("examples", []):
            assert Draft202012Validator(rule).is_valid(example), name


def test_a_value_decides_which_environments_have_a_file_and_how_its_lines_end(small: Sandbox) -> None:
    small.write("templates/tools/start.txt.j2", "echo {% if suffix %}1{% endif +%}\necho end\n")
    small.write("templates/tools/copied.txt", "a\n")
    small.write("oetgen.yaml", "only: {tools/**: tools.enabled}\ncrlf: {'*.txt': tools.windows}\n")
    schema = json.loads((small.root / "environments/schema.json").read_text())
    flags = {name: {"type": "boolean", "description": "A flag."} for name in ("enabled", "windows")}
    tools = {"type": "object", "description": "Tools.", "properties": flags, "additionalProperties": False}
    schema["properties"]["tools"] = {**tools, "required": ["enabled", "windows"]}
    small.write("environments/schema.json", json.dumps(schema))
    base = (small.root / "environments/base.yaml").read_text()
    files = small.root / "out/prod/tools"
    for enabled, windows in ((True, True), (True, False), (False, True)):
        flags_ = f"tools: {{enabled: {json.dumps(enabled)}, windows: {json.dumps(windows)}}}\n"
        small.write("environments/base.yaml", base + flags_)
        result = small.oetgen("render", "prod")
        assert result.status == 0, result
        assert "unread-value" not in result.err
        assert files.joinpath("copied.txt").exists() is enabled
        if enabled:
            assert files.joinpath("start.txt").read_bytes().endswith(b"\r\necho end\r\n") is windows
    small.write("environments/base.yaml", base + "tools: {enabled: true, windows: true}\n")
    assert "tools/copied.txt" in small.oetgen("impact", "tools.enabled", "prod").out
    assert small.oetgen("render", "prod").status == 0
    assert "tools.windows" in small.oetgen("blame", "out/prod/tools/start.txt").out
