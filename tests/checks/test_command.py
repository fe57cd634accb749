"""`oetgen check`: what it is asked for, and what it says of itself."""

from __future__ import annotations

import json
import re

import pytest

from generator.checks.registry import documentation, rules
from generator.checks.validators import VALIDATORS
from tests.checks.helpers import TODAY
from tests.conftest import Result, Sandbox

NEVER = "checks: [{skip: checks/one-database, reason: There is one database in this environment.}]\n"


def check(project: Sandbox, *arguments: str) -> Result:
    return project.oetgen("check", "--today", TODAY.isoformat(), *arguments)


def absent(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    for name in names:
        monkeypatch.setattr(VALIDATORS[name], "version", lambda _: None)


def test_a_warning_fails_only_when_strict(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    small.write("environments/prod.yaml", small.read("environments/prod.yaml") + NEVER)
    assert check(small, "--no-tools").status == 0
    result = check(small, "--no-tools", "--strict")
    assert result.status == 1
    assert "warning[checks/idle-switch]" in result.out


def test_a_tool_that_is_not_there_is_named_with_how_to_install_it(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.oetgen("render", "--all")
    absent(monkeypatch, *VALIDATORS)
    result = check(small)
    assert result.status == 0, result.out
    assert "not installed: check-jsonschema, " in result.out
    assert "(pip install 'oetgen[check]')" in result.out


@pytest.mark.parametrize("required", ["zizmor", "all"])
def test_a_required_tool_that_is_not_there_is_an_error(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, required: str
) -> None:
    small.oetgen("render", "--all")
    absent(monkeypatch, *VALIDATORS)
    result = check(small, "--require", required)
    assert result.status == 1
    assert "error[checks/not-installed] zizmor is not installed" in result.out
    assert "= hint: install it: pip install 'oetgen[check]'" in result.out


def test_what_cannot_be_required_is_said(small: Sandbox) -> None:
    assert "did you mean" in check(small, "--require", "zizmr").err
    assert "contradict" in check(small, "--require", "all", "--no-tools").err
    assert "write it as 2026-11-24" in small.oetgen("check", "--today", "tomorrow").err


def test_that_no_tool_was_to_run_is_said(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    assert "not run: external tools (--no-tools)" in check(small, "--no-tools").out


def test_verbose_says_what_does_not_apply_and_what_is_not_ours(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    small.write("out/prod/notes.txt", "mine\n")
    assert "notes.txt" not in check(small, "--no-tools").out
    result = check(small, "--no-tools", "--verbose")
    assert "out/prod/notes.txt:1:1: info[committed/foreign]" in result.out
    assert "does not apply: checks/compose to prod, test: there is no Compose file" in result.out
    assert result.status == 0


def test_support_ends_on_its_day(project: Sandbox) -> None:
    def said(day: str) -> list[str]:
        result = project.oetgen("check", "prod", "--no-tools", "--today", day, "--format", "json")
        findings = json.loads(result.out)["findings"]
        return [each["message"] for each in findings if each["code"] == "checks/support"]

    assert said("2026-11-24") == []
    assert said("2026-11-26") == []
    (soon,) = said("2026-11-27")
    assert soon == "the support of Kubernetes on Amazon EKS 1.35 ends on 2027-03-27, in 120 days"
    assert any("the support of Node.js 24 ended on" in message for message in said("2029-01-01"))


def test_an_old_table_is_itself_a_finding(project: Sandbox) -> None:
    result = project.oetgen("check", "prod", "--no-tools", "--today", "2028-06-01")
    assert "warning[checks/support] the support data is 649 days old" in result.out


def test_every_rule_has_what_explain_says_of_it() -> None:
    assert {f"checks/{name}" for name in rules()} <= dict(documentation()).keys()


def test_what_the_api_server_refuses_is_reported_once(project: Sandbox) -> None:
    """By the rule that explains it, where there is one."""
    project.replace(
        "environments/base.yaml", "requests: {memory: 512Mi, cpu: 500m}", "requests: {memory: 2Gi, cpu: 500m}"
    )
    assert re.findall(r"error\[(.*)\]", project.oetgen("check", "--no-tools", "prod").out) == [
        "committed/missing",
        "checks/resources",
    ]


def test_environments_that_cannot_be_rendered_are_not_counted(small: Sandbox) -> None:
    small.write("environments/test.yaml", "extends: old")
    assert "files of prod (test cannot be rendered): " in small.oetgen("check", "--no-tools").out
