"""`checks:` in an environment's file: what is turned off, for which files, and what is said of it."""

from __future__ import annotations

import re

import pytest

from tests.checks.helpers import TODAY
from tests.conftest import Result, Sandbox

REASON = "This is a project for tests."


@pytest.fixture
def bare(small: Sandbox) -> Sandbox:
    """The small project with nothing turned off, and with images of which the user is known."""
    text = small.read("environments/base.yaml")
    small.write("environments/base.yaml", text.partition("checks:")[0])
    dockerfile = small.read("templates/{service}/Dockerfile.j2")
    small.write("templates/{service}/Dockerfile.j2", dockerfile.replace("{{ service.image }}", "node:24"))
    return small


def check(project: Sandbox, entry: str) -> Result:
    own = project.read("environments/prod.yaml").partition("checks:")[0]
    project.write("environments/prod.yaml", f"{own}checks: [{entry}]\n")
    project.oetgen("render", "prod")
    return project.oetgen("check", "prod", "--no-tools", "--today", TODAY.isoformat())


def test_what_is_skipped_is_not_shown_but_its_reason_is(bare: Sandbox) -> None:
    result = check(bare, f"{{skip: checks/resources, reason: {REASON}}}")
    assert "[checks/resources]" not in result.out
    assert "warning[checks/user]" in result.out
    assert "skipped: checks/resources in prod (8 findings), environments/prod.yaml:" in result.out
    assert REASON in result.out


def test_what_only_warns_says_why(bare: Sandbox) -> None:
    result = check(bare, f"{{warn: checks/user, reason: {REASON}}}")
    assert "warning[checks/user]" in result.out
    assert "warning only: checks/user in prod (2 findings), environments/prod.yaml:" in result.out
    assert REASON in result.out
    whole = bare.oetgen("check", "prod", "--no-tools", "--verbose", "--today", TODAY.isoformat()).out
    assert re.search(rf"  accepted +environments/prod\.yaml:\d+  {re.escape(REASON)}", whole)


def test_a_star_stands_for_all_rules(bare: Sandbox) -> None:
    result = check(bare, f'{{skip: "checks/*", reason: {REASON}}}')
    assert result.status == 0, result.out


@pytest.mark.parametrize(
    ("files", "shown"),
    [('"api/*"', "of worker runs"), ("worker/Dockerfile", "of api runs"), ("[api/*, worker/*]", None)],
)
def test_only_the_files_that_it_names_are_meant(bare: Sandbox, files: str, shown: str | None) -> None:
    out = check(bare, f"{{skip: checks/user, files: {files}, reason: {REASON}}}").out
    assert ("[checks/user]" in out) == (shown is not None)
    assert shown is None or shown in out


def test_another_environment_is_held_to_it(bare: Sandbox) -> None:
    check(bare, f"{{skip: checks/user, reason: {REASON}}}")
    bare.oetgen("render", "test")
    assert "warning[checks/user]" in bare.oetgen("check", "test", "--no-tools").out


def test_a_rule_that_is_not_there_names_the_nearest(bare: Sandbox) -> None:
    result = check(bare, f"{{skip: checks/usr, reason: {REASON}}}")
    assert "error[checks/unknown-rule] no rule has the code checks/usr" in result.out
    assert 'did you mean "checks/user"?' in result.out


def test_an_entry_needs_a_reason(project: Sandbox) -> None:
    text = project.read("environments/dev.yaml")
    project.write("environments/dev.yaml", f"{text}\nchecks: [{{skip: checks/user}}]\n")
    result = project.oetgen("check", "dev", "--no-tools")
    assert "error[schema/missing-key]" in result.out
    assert "reason" in result.out


def test_an_entry_for_what_another_one_covers_names_it(bare: Sandbox) -> None:
    base = bare.read("environments/base.yaml")
    line = base.count("\n") + 1
    bare.write("environments/base.yaml", f'{base}checks: [{{warn: "checks/*", reason: {REASON}}}]\n')
    check(bare, f"{{skip: checks/user, reason: {REASON}}}")
    out = bare.oetgen("check", "--no-tools", "--today", TODAY.isoformat()).out
    assert f"[checks/idle-switch] skips checks/user, as environments/base.yaml:{line} does already" in out


def test_an_entry_for_files_that_are_not_there_is_not_what_another_one_does(bare: Sandbox) -> None:
    base = bare.read("environments/base.yaml")
    line = base.count("\n") + 1
    bare.write("environments/base.yaml", f'{base}checks: [{{warn: "checks/*", reason: {REASON}}}]\n')
    check(bare, f'{{skip: checks/user, files: "nope/*", reason: {REASON}}}')
    out = bare.oetgen("check", "--no-tools", "--today", TODAY.isoformat()).out
    assert (
        f"skips checks/user in nope/*, where it finds nothing that environments/base.yaml:{line} leaves"
        in out
    )
    assert "correct files" in out
