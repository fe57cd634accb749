"""What a person sees at a terminal: the verdict first, the worst first, lines that fit, help and suggestions."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from generator.cli.group import cli
from generator.cli.session import Console
from generator.findings import Span, error
from generator.report.text import finding_text, wrapped
from generator.report.written import many_lines
from tests.conftest import ROOT, Sandbox, oetgen, rows


def at_terminal(project: Sandbox, *arguments: str, columns: int = 80) -> tuple[int, str]:
    """Run the command with a terminal for both streams."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": str(columns), "NO_COLOR": "1"}
    command = [sys.executable, "-m", "generator", "-C", str(project.root), *arguments]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
    os.close(ours)
    return process.returncode, b"".join(parts).decode().replace("\r\n", "\n")


def test_a_stage_reports_what_it_does_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without waiting: the timer is called at once."""
    reported: list[str] = []

    class Timer:
        def __init__(self, seconds: float, act: Callable[[str], None], arguments: list[str]) -> None:
            assert seconds == 1
            self.start = lambda: act(*arguments)
            self.daemon = False

        def cancel(self) -> None: ...

    monkeypatch.setattr("threading.Timer", Timer)
    monkeypatch.setattr(Console, "wait", lambda self, text: reported.append(text))
    for is_terminal, quiet in ((True, False), (False, False), (True, True)):
        monkeypatch.setattr("sys.stderr.isatty", lambda found=is_terminal: found, raising=False)
        with Console(False, quiet).stage("checking prod"):
            pass
    assert reported == ["checking prod …"]


@pytest.mark.parametrize(
    ("arguments", "stages"),
    [
        (("check", "--no-tools"), ["validating prod, test", "rendering prod, test", "checking prod, test"]),
        (("plan", "prod"), ["validating prod", "rendering prod", "comparing prod with the files on disk"]),
        (
            ("diff", "prod", "test"),
            ["validating prod, test", "rendering prod, test", "comparing prod with test"],
        ),
        (("graph", "prod"), ["validating prod", "rendering prod", "drawing prod"]),
    ],
)
def test_each_step_is_a_stage(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], stages: list[str]
) -> None:
    seen: list[str] = []

    @contextmanager
    def stage(self: Console, what: str) -> Iterator[None]:
        seen.append(what)
        yield

    monkeypatch.setattr(Console, "stage", stage)
    small.oetgen("render", "--all")
    seen.clear()
    small.oetgen(*arguments)
    assert [each for each in dict.fromkeys(seen) if each in stages] == stages


def test_oetgen_alone_shows_the_help() -> None:
    assert oetgen() == oetgen("--help")
    assert oetgen().status == 0


def test_the_help_groups_the_commands_and_cuts_none() -> None:
    shown = oetgen("--help").out
    assert "…" not in shown and "..." not in shown.replace("[ARGS]...", "")
    assert max(map(len, shown.split("\n"))) <= 80
    listed = [line.split()[0] for line in shown.split("\n") if line[:2] == "  " and line[2:3].isalpha()]
    context = cli.make_context("oetgen", ["explain"])
    assert set(cli.list_commands(context)) <= set(listed)
    groups = [line for line in shown.split("\n") if line.endswith(":") and line[0] != " "]
    assert {"Write files:", "Check a change:", "Find out why:"} <= set(groups)


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("rendr", "prod"), 'did you mean "render"?'),
        (("chekc",), 'did you mean "check"?'),
        (("imapct", "greeting"), 'did you mean "impact"?'),
        (("Render", "prod"), 'did you mean "render"?'),
        (("frobnicate",), "run: oetgen --help"),
        (("render", "prdo"), 'did you mean "prod"?'),
        (("check", "tset"), 'did you mean "test"?'),
        (("plan", "prd"), 'did you mean "prod"?'),
        (("values", "prd"), 'did you mean "prod"?'),
        (("diff", "prod", "tes"), 'did you mean "test"?'),
        (("report", "tst", "-o", "x.html"), 'did you mean "test"?'),
        (("graph", "prodd"), 'did you mean "prod"?'),
    ],
)
def test_a_misspelt_command_or_environment_is_suggested(
    small: Sandbox, arguments: tuple[str, ...], hint: str
) -> None:
    result = small.oetgen(*arguments)
    assert result.status == 2
    assert hint in result.err


def test_quiet_prints_findings_alone(small: Sandbox) -> None:
    small.oetgen("render", "prod")
    small.replace("out/prod/k8s/api.yaml", "apiVersion", "apiVersio")
    found = small.oetgen("-q", "check", "prod", "--no-tools").out
    assert "writer/hand-edited" in found
    assert "ran: " not in found


def test_common_options_are_accepted_after_the_command(small: Sandbox) -> None:
    start = ("-C", str(small.root))
    assert oetgen("render", "prod", *start).status == 0
    assert oetgen("render", *start, "test", "-q") == oetgen("-q", *start, "render", "test")
    assert "\x1b[" in oetgen("render", "--all", "--color", "always", "--no-cache", *start, "--out", "x").out
    assert oetgen("check", "-q", "--no-tools", *start).out == ""
    assert (
        oetgen("values", *start, "prod", "greeting").out == oetgen(*start, "values", "prod", "greeting").out
    )
    assert oetgen("render", "prod", "-C", "/no/such/folder").status == 2
    assert oetgen("-C", "/", "render", "prod", *start).status == 0, "the last one counts"


def test_no_command_has_an_option_with_the_name_of_a_common_one() -> None:
    context = cli.make_context("oetgen", ["explain"])
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command
        options = [option for parameter in command.params for option in parameter.opts if option[0] == "-"]
        assert len(options) == len(set(options)), name
        assert {"-C", "--color", "--no-cache", "--quiet"} <= set(options), name


def test_check_puts_the_verdict_first_and_the_worst_first(small: Sandbox) -> None:
    base = small.read("environments/base.yaml").partition("checks:")[0]
    reason = "Only a test."
    small.write(
        "environments/base.yaml", f"{base}checks: [{{warn: checks/workflow-keys, reason: {reason}}}]\n"
    )
    small.oetgen("render", "--all")
    for name in ("README.md", "k8s/api.yaml", "terraform/main.tf", "scripts/greet.sh"):
        small.write(f"out/prod/{name}", "")
    (small.root / "out/test/README.md").unlink()
    command = ("check", "--no-tools", "--today", "2026-11-24")
    lines = small.oetgen(*command).out.split("\n")
    found = json.loads(small.oetgen(*command, "--format", "json").out)
    errors, warnings = found["summary"]["errors"], found["summary"]["warnings"]
    assert lines[0].startswith(f"17 files of prod, test: {errors} errors, {warnings} warnings (")
    assert lines[-2] == lines[0]
    accepted = [line for line in lines if "warning[checks/workflow-keys]" in line]
    assert accepted
    assert f"({len(accepted)} accepted)" in lines[0]
    assert not any("accepted  " in line for line in lines), "one line each"
    marks = [line.split("[")[0].split()[-1] for line in lines if "error[" in line or "warning[" in line]
    assert marks == sorted(marks), "errors first"
    whole = small.oetgen(*command, "--verbose").out
    assert reason in whole
    assert whole.count("accepted  ") == len(accepted)


def test_stale_files_are_one_line_with_the_command(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    small.replace("environments/base.yaml", "team: web", "team: api")
    out = small.oetgen("check", "--no-tools").out
    (line,) = [line for line in out.split("\n") if "committed/stale" in line]
    assert line.endswith("Run: oetgen render prod test")
    assert "out/prod/k8s/api.yaml" in small.oetgen("check", "--no-tools", "--verbose").out


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_findings_fit_the_terminal(small: Sandbox, columns: int) -> None:
    base = small.read("environments/base.yaml").partition("checks:")[0]
    small.write("environments/base.yaml", base)
    status, shown = at_terminal(small, "check", "--no-tools", columns=columns)
    assert status == 1
    long = [line for line in shown.split("\n") if len(line) > columns and " " in line.strip()[:-1]]
    assert not [line for line in long if "|" not in line and len(line.split()[-1]) < columns - 12], long


@pytest.mark.parametrize(
    "arguments", [("plan", "prod"), ("diff", "prod", "test"), ("explain", "render/bad-shape"), ("explain",)]
)
def test_what_a_command_prints_fits_the_terminal(small: Sandbox, arguments: tuple[str, ...]) -> None:
    small.write("environments/prod.yaml", f"greeting: {'hello world ' * 20}\n")
    _, shown = at_terminal(small, *arguments)
    words = [line.removeprefix("  source").split() for line in shown.split("\n") if len(line) > 80]
    # A long address stands alone, or beside its label.
    assert not [line for line in words if len(line) > 1], shown


def test_colours_take_no_room() -> None:
    assert wrapped("\x1b[1mabc\x1b[0m def", 7, "  ") == "\x1b[1mabc\x1b[0m def"
    assert wrapped("\x1b[1mabc\x1b[0m def", 6, "  ") == "\x1b[1mabc\x1b[0m\n  def"


def test_a_pipe_gets_whole_lines(small: Sandbox) -> None:
    base = small.read("environments/base.yaml").partition("checks:")[0]
    small.write("environments/base.yaml", base)
    for form in ("text", "github"):
        out = small.oetgen("check", "--no-tools", "--format", form).out
        assert max(map(len, out.split("\n"))) > 100, form


def test_a_long_stage_is_named_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Now:
        """A timer that does not wait."""

        def __init__(self, seconds: float, act: object, arguments: list[str]) -> None:
            assert seconds == 1
            Console(color=False, quiet=False).wait(*arguments)

        def start(self) -> None: ...

        def cancel(self) -> None: ...

    monkeypatch.setattr("threading.Timer", Now)
    with Console(color=False, quiet=False).stage("checking prod"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with Console(color=False, quiet=True).stage("checking prod"):
        pass
    assert capsys.readouterr().err == ""


@rows(
    "text, width, expected",
    [
        ("a b c", 0, "a b c"),
        ("a b c", 3, "a b\n  c"),
        ("  a b c", 5, "  a b\n  c"),
        ("https://example.com/long", 9, "https://example.com/long"),
        ("see https://example.com/long", 9, "see\n  https://example.com/long"),
    ],
)
def test_lines_are_wrapped_at_blanks(text: str, width: int, expected: str) -> None:
    assert wrapped(text, width, "  ") == expected


def test_source_lines_are_never_wrapped() -> None:
    at = Span("environments/prod.yaml", 1, 1, 3, "key: " + "long text " * 20)
    shown = finding_text(error("schema/type", "wrong", at), width=40).split("\n")
    assert any(line.endswith(at.text) for line in shown)


def test_many_environments_are_summed_up() -> None:
    one = ["+ out/a/x", "out/a: 1 created, 2 unchanged"]
    same = ["out/b: 3 unchanged"]
    assert many_lines([one, same, same]) == [
        "+ out/a/x", "out/a: 1 created, 2 unchanged", "3 environments: 1 created, 8 unchanged",
    ]  # fmt: skip
    every = [
        [*(f"+ out/{env}/{file}" for file in range(9)), f"out/{env}: 9 created"] for env in "abcdefghijk"
    ]
    assert many_lines(every) == [
        "out/a, out/b, out/c, out/d, out/e, out/f, out/g, out/h, out/i and 2 more: 9 created",
        "11 environments: 99 created",
    ]


def test_many_environments_read_the_same_from_earlier_results(small: Sandbox) -> None:
    for number in range(9):
        small.write(f"environments/e{number}.yaml", "suffix: -e\n")
    first = small.oetgen("render", "--all").out
    assert len(first.split("\n")) < 8
    assert first.endswith("11 environments: 80 created\n")
    again = small.oetgen("render", "--all").out
    assert again == "11 environments: 80 unchanged\n"
    assert small.oetgen("--no-cache", "render", "--all").out == again


def test_a_word_that_no_line_holds_stays_beside_its_label() -> None:
    address = "https://example.com/" + "a" * 90
    assert wrapped(f"  source  {address}", 80, " " * 10) == f"  source  {address}"
    assert wrapped(f"  source  one of {address}", 80, " " * 10) == f"  source  one of\n{' ' * 10}{address}"
