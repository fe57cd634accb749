"""Files that are copied byte for byte, and what a rendered file keeps of the form of its template."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.render.engine.form import Form
from generator.render.tokens.delimiters import DELIMITERS, STANDARD, hide_others, show_braces
from tests.conftest import Sandbox

CONTENTS = {
    "bin/logo.png": b"\x89PNG\r\n\x1a\n\x00\xff",
    "conf/crlf.ini": b"[a]\r\nb = 1\r\n",
    "conf/mixed.txt": b"a\r\nb\nc\r",
    "conf/bom.json": b'\xef\xbb\xbf{"a": 1}',
    "conf/no-end.conf": b"listen 80;",
    "empty": b"",
    "blank.txt": b"\n\n",
    "latin1.txt": "Gr\u00fc\u00dfe\n".encode("latin-1"),
    "broken.yaml.txt": b"a: [\n\tb: }\n",
    "chart/_helpers.tpl": b'{{- define "name" -}}{{ .Chart.Name }}{{- end }}\n',
    "pkg/__init__.py": b"",
    "with space/a b.txt": b"x",
    ".editorconfig": b"root = true\n",
}


def put(project: Sandbox, path: str, data: bytes) -> None:
    target = project.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def output(project: Sandbox, path: str) -> bytes:
    return (project.root / "out" / "prod" / path).read_bytes()


@pytest.fixture
def copies(small: Sandbox) -> Sandbox:
    for path, data in CONTENTS.items():
        put(small, f"templates/{path}", data)
    return small


def test_any_file_without_the_ending_is_copied_byte_for_byte_and_owned(copies: Sandbox) -> None:
    assert copies.oetgen("render", "prod").status == 0
    assert {path: output(copies, path) for path in CONTENTS} == CONTENTS
    assert set(CONTENTS) <= {line[66:] for line in copies.read("out/prod/.oetgen").splitlines()}
    assert copies.oetgen("check", "prod", "--no-tools").status == 0
    assert "unchanged" in copies.oetgen("render", "prod").out
    (copies.root / "templates/bin/logo.png").unlink()
    assert copies.oetgen("render", "prod").status == 0
    assert not (copies.root / "out/prod/bin").exists()


def test_what_editors_leave_is_not_copied(small: Sandbox) -> None:
    for name in ("a.conf~", ".a.swp", ".DS_Store"):
        put(small, f"templates/{name}", b"x")
    assert small.oetgen("render", "prod").status == 0
    assert not {path for path in small.snapshot() if path.endswith(("~", ".swp", ".DS_Store"))}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no executable bit")
def test_the_executable_bit_is_kept(small: Sandbox) -> None:
    for path in ("run.py", "run.py.j2", "plain.sh", "tool.sh"):
        put(small, f"templates/bin/{path.replace('run.py.j2', 'made.py.j2')}", b"#!/bin/sh\n")
    for path in ("run.py", "made.py.j2", "tool.sh"):
        (small.root / "templates/bin" / path).chmod(0o755)
    assert small.oetgen("render", "prod").status == 0
    found = {path[5:]: bool(mode & 0o100) for path, (_, mode) in small.snapshot().items() if "/bin/" in path}
    assert {path.removeprefix("bin/"): bit for path, bit in found.items()} == {
        "run.py": True,
        "made.py": True,
        "plain.sh": False,
        "tool.sh": True,
    }
    (small.root / "templates/bin/plain.sh").chmod(0o755)
    assert "bin/plain.sh" in small.oetgen("render", "prod").out


def test_a_copy_and_a_template_cannot_claim_one_path(small: Sandbox) -> None:
    put(small, "templates/a.txt", b"1\n")
    put(small, "templates/a.txt.j2", b"2\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "render/claimed-twice" in result.err


def test_a_secret_in_a_copied_file_is_refused(small: Sandbox) -> None:
    put(small, "templates/key.conf", b"aws = AKIA" + b"QWERTYUIOPASDFGH\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "templates/key.conf:1:7" in result.err


def test_a_link_is_not_copied(small: Sandbox) -> None:
    (small.root / "templates/passwd").symlink_to("/etc/passwd")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "project/unreadable" in result.err


def test_line_ends_alone_are_a_difference_that_is_written(small: Sandbox) -> None:
    put(small, "templates/a.bat.j2", b"echo 1\necho 2\n")
    small.write("oetgen.yaml", "header: false\n")
    assert small.oetgen("render", "prod").status == 0
    put(small, "templates/a.bat.j2", b"echo 1\r\necho 2\r\n")
    shown = small.oetgen("diff", "prod")
    assert shown.status == 1 and "+echo 1\u240d" in shown.out
    assert "a.bat" in small.oetgen("render", "prod").out
    assert output(small, "a.bat") == b"echo 1\r\necho 2\r\n"
    put(small, "out/prod/a.bat", b"echo 1\necho 2\n")  # as git may check it out
    assert small.oetgen("render", "prod").status == 0
    assert output(small, "a.bat") == b"echo 1\r\necho 2\r\n"


def test_a_change_by_hand_of_a_binary_file_stops_the_render(copies: Sandbox) -> None:
    copies.oetgen("render", "prod")
    put(copies, "out/prod/bin/logo.png", b"\x00other")
    result = copies.oetgen("render", "prod")
    assert result.status == 1 and "a binary file of 6 bytes" in result.err
    assert copies.oetgen("render", "prod", "--overwrite").status == 0
    assert output(copies, "bin/logo.png") == CONTENTS["bin/logo.png"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (("blame", "out/prod/conf/no-end.conf:1"), "templates/conf/no-end.conf:1"),
        (("blame", "out/prod/bin/logo.png"), "binary file"),
        (("plan", "prod"), "conf/no-end.conf"),
    ],
)
def test_copies_are_explained(copies: Sandbox, command: tuple[str, ...], expected: str) -> None:
    assert expected in copies.oetgen(*command).out


FORMS = {
    "a\n": "a\n",
    "a": "a",
    "\n\na\n\n\n": "\n\na\n\n\n",
    "{% set x = 1 %}\n\n\na\n": "a\n",
    "{% if true %}\na\n{% endif %}\n": "a\n",
    "a{% if true %}b{% endif %}\n": "ab\n",
    "a{% if true %}b{% endif %}": "ab",
    "{% if true %}\na\n\n\n{% endif %}\n\n": "a\n\n",
    "\n{%- if true %}a{% endif -%}\n\n": "a\n",
    "a{% if true %}\n\n\n{% endif %}": "a\n\n",
    "a\n{% if true %}\n\n{% endif %}": "a\n\n",
    "{# note #}\na\n{# end #}\n": "a\n",
    "a\r\nb\r\n": "a\r\nb\r\n",
    "a\r\nb": "a\r\nb",
    "a\r\nb\n": "a\nb\n",
}


@pytest.mark.parametrize("source", FORMS)
def test_the_ends_of_a_template_are_kept(small: Sandbox, source: str) -> None:
    put(small, "templates/a.txt.j2", source.encode())
    small.write("oetgen.yaml", "header: false\n")
    assert small.oetgen("render", "prod").status == 0
    assert output(small, "a.txt").decode() == FORMS[source]
    shown = small.oetgen("blame", "out/prod/a.txt")
    assert shown.status == 0 and "unknown" not in shown.out


@given(st.text(alphabet="a \n", max_size=12))
def test_text_of_its_own_keeps_both_ends(text: str) -> None:
    if text.strip():
        assert Form.of(text).applied(text) == text
        assert Form.of(text.replace("\n", "\r\n")).applied(text) == text


def test_the_header_is_left_out_where_the_settings_say_so(small: Sandbox) -> None:
    put(small, "templates/k8s/a.yaml.j2", b"a: 1\n")
    small.write("oetgen.yaml", 'header: {"k8s/**": false}\n')
    small.oetgen("render", "prod")
    assert output(small, "k8s/a.yaml") == b"a: 1\n"
    assert output(small, "README.md").startswith(b"<!-- Made by oetgen")
    small.write("oetgen.yaml", "header: true\n")
    assert "k8s/a.yaml" in small.oetgen("render", "prod").out
    assert output(small, "k8s/a.yaml").startswith(b"# Made by oetgen")


FOREIGN = """alert: {{ $labels.instance }} {% if x %} ${{ github.sha }} {{{ y }}} {# z #}
name: [[ regions[0] ]]-{{ .Release.Name }}
[% if true -%]
  [# {% not #} a comment #]
list: [[ [regions][0][1] ]] [[ "]]" | line ]]
[% endif %]
[% raw %][[ kept ]][% endraw %]
"""
FILLED = """alert: {{ $labels.instance }} {% if x %} ${{ github.sha }} {{{ y }}} {# z #}
name: eu-west-1-{{ .Release.Name }}
list: us-east-1 ]]
[[ kept ]]
"""


@pytest.mark.parametrize("delimiters", [each for each in DELIMITERS if each != STANDARD])
def test_other_delimiters_leave_braces_to_other_programs(small: Sandbox, delimiters: str) -> None:
    begin, end = delimiters.split()
    text, expected = FOREIGN, FILLED
    for old, new in (("[[", begin), ("[%", f"{begin[0]}%"), ("[#", f"{begin[0]}#")):
        text = text.replace(old, new)
    for old, new in (("]]", end), ("%]", f"%{end[1]}"), ("#]", f"#{end[1]}")):
        text = text.replace(old, new)
    expected = expected.replace("[[ kept ]]", f"{begin} kept {end}").replace(" ]]", f" {end}")
    put(small, "templates/rules/a.txt.j2", text.encode())
    small.write("oetgen.yaml", f'header: false\ndelimiters: {{"rules/*": "{delimiters}"}}\n')
    result = small.oetgen("render", "prod")
    assert result.status == 0, result.err
    assert output(small, "rules/a.txt").decode() == expected
    shown = small.oetgen("blame", "out/prod/rules/a.txt:2")
    assert "templates/rules/a.txt.j2:2" in shown.out and "regions" in shown.out


@given(st.text(alphabet="[]{}%#<>()@ '\"\\nx", max_size=30), st.sampled_from(DELIMITERS))
def test_positions_stay_whatever_the_delimiters(source: str, delimiters: str) -> None:
    hidden = hide_others(source, delimiters)
    assert [len(line) for line in hidden.split("\n")] == [len(line) for line in source.split("\n")]
    if delimiters == STANDARD:
        assert show_braces(hidden) == source


def test_a_mistake_in_a_template_with_other_delimiters_is_at_its_place(small: Sandbox) -> None:
    put(small, "templates/a.txt.j2", b"{{ x }} [[ suffx ]]\n")
    small.write("oetgen.yaml", 'delimiters: {"a.txt": "[[ ]]"}\n')
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "templates/a.txt.j2:1:12" in result.err
    put(small, "templates/a.txt.j2", b"{{ x }} [[ suffix\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and "templates/a.txt.j2:1:9: error[engine/syntax]" in result.err


def test_a_mistake_in_one_template_does_not_hide_those_in_others(small: Sandbox) -> None:
    put(small, "templates/a.yaml.j2", b"a: {{ suffx }}\n")
    put(small, "templates/b.yaml.j2", b"a: b: {{ suffix }}\n")
    result = small.oetgen("render", "prod")
    assert result.status == 1 and not (small.root / "out").exists()
    assert "templates/a.yaml.j2:1:7" in result.err and "templates/b.yaml.j2:1" in result.err
