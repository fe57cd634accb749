"""`oetgen report`: one file with all in it. What it does in a browser is tried in tests/consumers/page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import zlib
from html import unescape
from typing import Any

import pytest

from generator.report.page import highlight
from generator.report.text import shortened
from tests.conftest import ROOT, Sandbox, rows

HOSTILE = "</script><script>window.pwned = 1</script>"


def reported(project: Sandbox, *names: str) -> str:
    target = project.root / "report.html"
    assert project.oetgen("render", *names).status == 0
    result = project.oetgen("report", *names, "-o", str(target))
    assert result.status == 0, result.err
    assert result.err == "", "no progress bar where there is no terminal"
    return target.read_text("utf-8")


def data_of(page: str) -> Any:
    found = re.search(r'<script type="application/octet-stream" id="data">([A-Za-z0-9+/=]*)</script>', page)
    assert found
    return json.loads(zlib.decompress(base64.b64decode(found[1])))


def test_a_report_is_one_file_that_loads_nothing_and_runs_nothing_else(project: Sandbox) -> None:
    page = reported(project, "prod", "staging")
    assert len(page.encode()) < 700_000
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    rules = dict(rule.split(" ", 1) for rule in unescape(policy[1]).split("; "))
    assert rules["default-src"] == "'none'"
    for name, tag in (("script-src", "script"), ("style-src", "style")):
        [text] = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert rules[name] == f"'sha256-{digest}'"
    assert not re.search(r"(src|href)=.https?:", page)


def test_a_report_holds_every_file_and_what_made_each_line(project: Sandbox) -> None:
    data = data_of(reported(project, "prod"))
    [environment] = data["environments"]
    texts = {each["path"]: data["files"][each["is"]]["text"] for each in environment["files"]}
    out = ROOT / "out" / "prod"
    committed = {
        path.relative_to(out).as_posix(): path.read_text("utf-8")
        for path in out.rglob("*")
        if path.is_file() and path.name != ".oetgen"
    }
    assert texts == committed
    for each in environment["files"]:
        lines = data["maps"][each["made"]]["lines"]
        marks = data["files"][each["is"]]["marks"]
        assert len(lines) == texts[each["path"]].count("\n")
        assert re.fullmatch(r"(\d+[a-z])*", marks)
        assert sum(map(int, re.findall(r"\d+", marks))) == len(texts[each["path"]])
    assert environment["reach"]["services.backend.port"]
    nodes = next(each for each in environment["costs"] if each["what"] == "nodes")
    assert (nodes["size"], nodes["at"]["path"]) == (
        "3 to 10 of t3.medium, ON_DEMAND, each with a disk",
        "out/prod/terraform/main.tf",
    )
    assert environment["unjudged"] == {}


def test_what_a_value_says_is_never_markup(small: Sandbox) -> None:
    small.write("environments/prod.yaml", f"greeting: {json.dumps(HOSTILE)}\n")
    page = reported(small, "prod", "test")
    assert page.count("<script") == 2
    shown = {each["path"]: each["value"] for each in data_of(page)["environments"][0]["values"]}
    assert "window.pwned" in shown["greeting"]


def test_each_two_environments_are_compared(small: Sandbox) -> None:
    for name, greeting in (("prod", "a"), ("staging", "b"), ("test", "b")):
        small.write(f"environments/{name}.yaml", f"greeting: {greeting}\n")
    compared = {
        (each["old"], each["new"]): [file["new"] for file in each["files"]]
        for each in write(small, "prod", "staging", "test")[1]["comparisons"]
    }
    assert list(compared) == [("prod", "staging"), ("prod", "test"), ("staging", "test")]
    assert compared["prod", "staging"] == compared["prod", "test"] != []
    assert compared["staging", "test"] == []


def test_an_environment_with_errors_has_its_findings_in_the_report(small: Sandbox) -> None:
    small.write("environments/prod.yaml", "greting: x\n")
    target = small.root / "report.html"
    assert small.oetgen("report", "prod", "-o", str(target)).status == 1
    [environment] = data_of(target.read_text("utf-8"))["environments"]
    assert "schema/unknown-key" in {each["code"] for each in environment["findings"]}
    assert environment["files"] == []


def write(project: Sandbox, *names: str) -> tuple[int, Any]:
    target = project.root / "report.html"
    status = project.oetgen("report", *names, "-o", str(target)).status
    return status, data_of(target.read_text("utf-8"))


def test_the_exit_status_counts_every_error_that_the_page_shows(small: Sandbox) -> None:
    """A stale file and what a rule finds are errors like those that stop a render."""
    assert small.oetgen("render", "prod").status == 0
    assert write(small, "prod")[0] == 0
    small.write("out/prod/README.md", "changed by hand\n")
    status, page = write(small, "prod")
    assert [each["severity"] for each in page["environments"][0]["findings"]] == ["error"]
    assert status == 1


def test_the_exit_status_counts_hazards_that_are_errors(small: Sandbox) -> None:
    git = ("git", "-C", str(small.root), "-c", "user.name=n", "-c", "user.email=e@example.com")
    small.write("templates/terraform/data.tf.j2", 'resource "aws_db_instance" "main" {}\n')
    assert small.oetgen("render", "prod").status == 0
    for arguments in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "first")):
        subprocess.run([*git, *arguments], check=True)
    (small.root / "templates/terraform/data.tf.j2").unlink()
    assert small.oetgen("render", "prod").status == 0
    status, page = write(small, "prod")
    assert "error" in {each["severity"] for each in page["environments"][0]["hazards"]}
    assert status == 1


@pytest.mark.parametrize(
    ("base", "prod", "rows"),
    [
        ("names: [a, b]", "", {"names": "[a, b]"}),
        ("names: [a, b]", "names: []", {"names": "[]"}),
        ("names: []", "", {"names": "[]"}),
        ("tags: {}", "", {"tags": "{}"}),
        ("tags: {}", "tags: {a: b}", {"tags.a": "b"}),
        ("pairs: [{a: x}, {b: z}]", "", {"pairs": "[{a: x}, {b: z}]"}),
        ("pairs: [{names: [x]}]", "", {"pairs": "[{names: [x]}]"}),
        ("tags: {a: [x]}", "", {"tags.a": "[x]"}),
        ("flag: false", "", {"flag": "false"}),
        ("text: ''", "", {"text": '""'}),
        ("count: 0", "", {"count": "0"}),
    ],
)
def test_every_value_that_is_set_has_a_row_with_its_value(
    small: Sandbox, base: str, prod: str, rows: dict[str, str]
) -> None:
    """Also a list that no template reads, or reads only item by item."""
    small.write("environments/schema.json", "{}")
    small.write("environments/base.yaml", f"{base}\n")
    small.write("environments/prod.yaml", f"{prod}\n")
    _, page = write(small, "prod")
    [environment] = page["environments"]
    shown = {each["path"]: each["value"] for each in environment["values"]}
    assert {path: shown[path] for path in environment["rows"]} == rows


def test_a_second_page_is_the_same_without_highlighting_anything_again(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.oetgen("render", "--all")
    assert small.oetgen("report", "-o", "first.html").status == 0
    monkeypatch.setattr(highlight, "highlighted", None)
    assert small.oetgen("report", "-o", "second.html").status == 0
    assert small.read("second.html") == small.read("first.html")


CONTAINER, PAINTED = "spec.initContainers[copy]", "\x1b[33m~\x1b[0m"


@rows(
    "line, width, shown",
    [
        ("abcdefgh", 0, "abcdefgh"),
        ("abcdefgh", 8, "abcdefgh"),
        ("abcdefgh", 5, "abcd…"),
        ("\x1b[1mabcdef\x1b[0m gh", 4, "\x1b[1mabc…\x1b[0m"),
        ("\x1b[1mab\x1b[0mcdef", 4, "\x1b[1mab\x1b[0mc…"),
        ("世界世界", 6, "世界…"),
        ("世界世界", 5, "世界…"),
        ("abc", 1, "…"),
        (f"  ~ spec.template.{CONTAINER}.cpu: 1 → 2", 45, f"  ~ …{CONTAINER}.cpu: 1 → 2"),
        (f"  {PAINTED} {'a.b' * 20}: 1 → 2", 45, f"  {PAINTED} …{'ba.' * 10}b: 1 → 2"),
        ("  ~ a.path: " + "x" * 30, 20, "  ~ a.path: xxxxxxx…"),
    ],
)
def test_a_line_is_cut_to_the_columns_that_it_has(line: str, width: int, shown: str) -> None:
    assert shortened(line, width) == shown
