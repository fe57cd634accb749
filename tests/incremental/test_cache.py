"""The cache: what it spares, that it never changes a result, and that every change of an input or output is seen."""

from __future__ import annotations

import configparser
import hashlib
import itertools
import marshal
import os
import random
import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from generator.checks import outcome, remembered
from generator.checks.remembered import Remembered
from generator.checks.rule import Context, Rule
from generator.incremental import cache
from generator.incremental.unchanged import summary_if_unchanged
from generator.pipeline import Pipeline
from generator.project.folder import find
from generator.render import typecheck
from generator.system.tracked import Tracked
from tests.conftest import ROOT, Sandbox, breadth


@pytest.fixture
def rendered(
    small: Sandbox, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Sandbox:
    """The small project, rendered twice, so that everything that can be remembered is."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    for _ in range(2):
        assert small.oetgen("render", "--all").status == 0
    return small


def is_quick(project: Sandbox, *names: str) -> bool:
    return summary_if_unchanged(["-q", "-C", str(project.root), "render", *(names or ("--all",))]) is not None


def records() -> list[Path]:
    return sorted(path for path in Path(os.environ["XDG_CACHE_HOME"]).rglob("*") if path.is_file())


def test_nothing_to_do_is_said_before_anything_is_imported(rendered: Sandbox) -> None:
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules)); from generator.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "-C", str(rendered.root), "render", "prod"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
        check=True,
    )
    said, modules = result.stdout.splitlines()
    assert said == "out/prod: 10 unchanged"
    assert not {"click", "jinja2", "yaml", "jsonschema", "dataclasses"} & set(modules.split())


def test_it_says_the_same_as_the_usual_way(rendered: Sandbox) -> None:
    usual = rendered.oetgen("--no-cache", "render", "--all")
    assert f"{summary_if_unchanged(['-C', str(rendered.root), 'render', '--all'])}\n" == usual.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--no-tools"],
        ["render"],
        ["render", "prod", "--out", "x"],
        ["render", "prdo"],
        ["--no-cache", "render", "prod"],
        ["-C"],
    ],
)
def test_whatever_else_is_asked_for_is_left_to_the_usual_way(rendered: Sandbox, arguments: list[str]) -> None:
    assert summary_if_unchanged(["-q", "-C", str(rendered.root), *arguments]) is None


INPUTS = [
    "environments/base.yaml",
    "environments/prod.yaml",
    "environments/schema.json",
    "templates/README.md.j2",
    "templates/k8s/_labels.yaml.j2",
]


@pytest.mark.parametrize("path", INPUTS)
def test_a_change_of_any_input_is_seen(rendered: Sandbox, path: str) -> None:
    rendered.write(path, rendered.read(path) + "\n")
    assert not is_quick(rendered, "prod")


def test_new_changed_and_deleted_settings_are_seen(rendered: Sandbox) -> None:
    rendered.write("oetgen.yaml", "")
    assert not is_quick(rendered, "prod")
    rendered.oetgen("render", "prod")
    assert is_quick(rendered, "prod")
    rendered.write("oetgen.yaml", "{}")
    assert not is_quick(rendered, "prod")
    rendered.oetgen("render", "prod")
    (rendered.root / "oetgen.yaml").unlink()
    assert not is_quick(rendered, "prod")


def test_a_new_and_a_deleted_template_are_seen(rendered: Sandbox) -> None:
    rendered.write("templates/new.md.j2", "# New\n")
    assert not is_quick(rendered, "prod")
    (rendered.root / "templates/new.md.j2").unlink()
    assert is_quick(rendered, "prod")
    (rendered.root / "templates/README.md.j2").unlink()
    assert not is_quick(rendered, "prod")


@pytest.mark.parametrize(
    "extends",
    [
        "extends: prod",
        "extends:   prod  # as prod",
        '"extends": prod',
        "? extends\n: prod",
        "extends: &x prod",
    ],
)
def test_a_change_of_an_extended_environment_is_seen_however_it_is_named(
    rendered: Sandbox, extends: str
) -> None:
    rendered.replace("environments/test.yaml", "extends: prod", extends)
    rendered.oetgen("render", "test")
    assert is_quick(rendered, "test")
    rendered.replace("environments/prod.yaml", "replicas: 3", "replicas: 4")
    assert not is_quick(rendered, "test")


def test_another_environment_does_not_matter(rendered: Sandbox) -> None:
    rendered.replace("environments/test.yaml", "greeting: plain", "greeting: other")
    assert is_quick(rendered, "prod")
    assert not is_quick(rendered, "test")


@pytest.mark.parametrize("what", ["edited", "deleted", "mode", "link", "manifest"])
def test_a_change_of_an_output_is_seen(rendered: Sandbox, what: str) -> None:
    target = rendered.root / "out/prod/scripts/greet.sh"
    text = target.read_text("utf-8")
    if what == "edited":
        target.write_text(text.replace("Says", "Said"), "utf-8")
    elif what == "mode":
        target.chmod(0o644)
    elif what == "manifest":
        (rendered.root / "out/prod/.oetgen").write_text("")
    else:
        target.unlink()
        if what == "link":
            (rendered.root / "elsewhere").write_text(text, "utf-8")
            target.symlink_to(rendered.root / "elsewhere")
    assert not is_quick(rendered, "prod")


def test_an_edit_of_the_same_length_at_the_same_time_is_seen(rendered: Sandbox) -> None:
    target = rendered.root / "out/prod/README.md"
    before = target.stat()
    target.write_text(target.read_text("utf-8").replace("Say", "Sag"), "utf-8")
    os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert target.stat().st_size == before.st_size
    assert not is_quick(rendered, "prod")


def test_files_that_were_only_touched_are_still_unchanged(rendered: Sandbox) -> None:
    for path in (rendered.root / "out/prod").rglob("*"):
        os.utime(path)
    assert is_quick(rendered, "prod")


def test_a_damaged_record_is_as_if_it_were_not_there(rendered: Sandbox) -> None:
    """Every record is cut, emptied, overwritten and swapped for another; the result is always the same bytes."""
    dice = random.Random(4711)
    expected = rendered.snapshot()
    for path in records():
        data = path.read_bytes()
        flipped = bytearray(data)
        flipped[dice.randrange(len(data))] ^= 1 + dice.randrange(255)
        other = dice.choice(records()).read_bytes()
        for damage in (b"", data[: len(data) // 2], bytes(flipped), dice.randbytes(200), other):
            path.write_bytes(damage)
            result = rendered.oetgen("render", "--all", "--out", "again")
            assert result.status == 0, result.err
            assert rendered.snapshot("again") == expected
        path.write_bytes(data)
    assert len(records()) >= 6


def test_a_record_of_another_project_at_the_same_place_is_not_taken(rendered: Sandbox) -> None:
    rendered.replace("environments/base.yaml", "team: web", "team: other")
    rendered.oetgen("render", "--all")
    assert "team: other" in rendered.read("out/prod/k8s/api.yaml")


def test_without_a_cache_the_bytes_are_the_same_and_nothing_is_kept(rendered: Sandbox) -> None:
    before = {path: path.read_bytes() for path in records()}
    assert rendered.oetgen("--no-cache", "render", "--all", "--out", "again").status == 0
    assert rendered.snapshot("again") == rendered.snapshot()
    assert {path: path.read_bytes() for path in records()} == before


def test_a_cache_that_cannot_be_written_stops_nothing(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    (small.root / "a file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(small.root / "a file"))
    assert small.oetgen("render", "--all").status == 0


def test_what_was_found_out_is_kept_although_an_environment_is_wrong(
    small: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    small.write("environments/wrong.yaml", "greeting: [1]\n")
    assert small.oetgen("render", "--all").status == 1
    kinds = {path.name.partition("-")[0] for path in records()}
    assert {"templates", "shapes", "accepted", "tree"} <= kinds


def test_findings_are_found_again_each_time(rendered: Sandbox) -> None:
    rendered.write("templates/_unused.j2", "nobody uses this")
    first, second = (rendered.oetgen("render", "prod") for _ in range(2))
    assert "typecheck/unused-template" in first.err
    assert first.err == second.err


def test_a_file_is_made_again_when_a_value_only_equals_what_it_was(rendered: Sandbox) -> None:
    """Of the files that other values left alone, the texts are taken from the last render."""
    rendered.replace(
        "environments/schema.json",
        '"greeting": {"type": "string", ',
        '"greeting": {"type": ["string", "number", "boolean"], ',
    )
    rendered.replace("environments/test.yaml", "greeting: plain", "greeting: 0")
    for before, value in itertools.pairwise(
        ["0", '"0"', "0.0", "-0.0", "false", "1", "1.0", "true", '"true"']
    ):
        rendered.replace("environments/test.yaml", f"greeting: {before}\n", f"greeting: {value}\n")
        assert rendered.oetgen("render", "test").status == 0
        assert rendered.oetgen("--no-cache", "render", "test", "--out", "anew").status == 0
        assert rendered.snapshot("anew/test") == rendered.snapshot("out/test"), value


def test_templates_are_not_checked_again_for_environments_that_took_turns(
    rendered: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered.replace("templates/k8s/config.yaml.j2", "hello", "good day")
    asked = (["test"], ["prod"], ["prod", "test"])
    for names in asked:
        rendered.oetgen("render", *names)

    def checked_again(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(typecheck, "_check", checked_again)
    for names in asked:
        pipeline = Pipeline(find(rendered.root), cache.default_cache())
        assert all(result.tree for result in pipeline.validate_and_render(names))


def test_templates_are_checked_again_for_a_key_only_where_they_need_it(
    rendered: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[object] = []
    check = typecheck._check

    def counted(*arguments: Any) -> Any:
        checked.append(arguments)
        return check(*arguments)

    monkeypatch.setattr(typecheck, "_check", counted)
    rendered.replace("environments/base.yaml", "MODE: fast", "MODE: fast\n      OTHER: text")
    assert rendered.oetgen("render", "--all").status == 0
    assert "OTHER" in rendered.read("out/prod/k8s/api.yaml")
    assert not checked
    for name in ("base", "prod"):
        text = rendered.read(f"environments/{name}.yaml")
        rendered.write(f"environments/{name}.yaml", re.sub(r"^regions: .*\n", "", text, flags=re.M))
    result = rendered.oetgen("render", "--all")
    assert (result.status, len(checked)) == (1, 1)
    assert rendered.oetgen("--no-cache", "render", "--all").err == result.err


@pytest.mark.parametrize(
    ("path", "text", "installed", "beside"),
    [
        ("oetgen-0.1.0.dist-info/RECORD", "generator/a.py,sha256=new,1", True, True),
        ("generator/a.py", "other", False, True),
        ("generator/b/new.py", "", False, True),
        ("generator/report/new.py", "", False, False),
        ("generator/a.py", "other", True, False),
        ("jinja2-3.1.6.dist-info/RECORD", "new", True, False),
    ],
)
def test_another_version_of_our_own_files_is_known_by_the_hashes_of_those_installed_or_by_each_file(
    tmp_path: Path, path: str, text: str, installed: bool, beside: bool
) -> None:
    (tmp_path / "generator/b").mkdir(parents=True)
    (tmp_path / "generator/report").mkdir()
    for name in ("oetgen-0.1.0", "jinja2-3.1.6"):
        (tmp_path / f"{name}.dist-info").mkdir()
        if installed:
            (tmp_path / f"{name}.dist-info/RECORD").write_text("generator/a.py,sha256=old,1")
    (tmp_path / "generator/a.py").write_text("a")
    before = cache.own_files(str(tmp_path / "generator"))
    (tmp_path / path).write_text(text)
    assert (cache.own_files(str(tmp_path / "generator")) != before) == beside


def test_what_was_accepted_under_another_schema_is_judged_again(rendered: Sandbox) -> None:
    rendered.replace(
        "environments/schema.json", '"greeting": {"type": "string", ', '"greeting": {"maxLength": 4, '
    )
    assert "schema/length" in rendered.oetgen("render", "test").err


def test_what_is_current_is_said_in_its_place_beside_what_is_written(rendered: Sandbox) -> None:
    for before, after in (("3", "4"), ("4", "5")):
        rendered.replace("environments/prod.yaml", f"replicas: {before}", f"replicas: {after}")
        rendered.oetgen("render", "prod")
        lines = rendered.oetgen("render", "--all").out.splitlines()
        assert lines == [
            "out/prod: 10 unchanged",
            "~ out/test/k8s/api.yaml",
            "out/test: 1 updated, 6 unchanged",
        ]


def hostile_record(path: Path, value: Any) -> None:
    """Replace the value of a record, with a hash that fits."""
    kind, place, key, _ = marshal.loads(path.read_bytes()[20:])
    data = marshal.dumps((kind, place, key, value))
    path.write_bytes(hashlib.blake2b(data, digest_size=20).digest() + data)


def test_every_record_of_a_run_has_the_type_that_is_expected(rendered: Sandbox) -> None:
    rendered.oetgen("blame", "out/prod/k8s/config.yaml")
    rendered.oetgen("check")
    rendered.oetgen("report", "--output", "page.html")
    kinds = {path.name.partition("-")[0] for path in records()}
    assert kinds | {"version"} == set(cache._TYPES)  # only programs outside of Python have one
    for path in records():
        kind, _, _, value = marshal.loads(path.read_bytes()[20:])
        assert cache._fits(kind, value), kind


OTHER_TYPES = [5, None, "text", [], {}, (), [5], {"a": 5}, {"a": ()}, (1, [5]), [("a",)], [()]]


@breadth("value", OTHER_TYPES, 6, kind=bool)
def test_a_record_of_another_type_counts_as_missing(rendered: Sandbox, value: object) -> None:
    expected = rendered.snapshot()
    rendered.oetgen("check")
    for path in records():
        hostile_record(path, value)
    result = rendered.oetgen("render", "--all")
    assert (result.status, result.err) == (0, "")
    assert rendered.oetgen("check").status in (0, 1)
    rendered.replace("environments/prod.yaml", "replicas: 3", "replicas: 4")
    assert rendered.oetgen("render", "--all").status == 0
    assert rendered.oetgen("blame", "out/prod/k8s/config.yaml").status == 0
    assert rendered.snapshot().keys() == expected.keys()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no modes on Windows")
@pytest.mark.parametrize(
    ("where", "how"),
    [
        *product(["", "oetgen", "version", "record"], ["group", "others", "owner"]),
        *product(
            ["oetgen", "version", "record"], ["link"]
        ),  # the cache folder itself may be reached through one
    ],
)
def test_a_cache_that_others_may_write_to_is_neither_read_nor_filled(
    rendered: Sandbox, monkeypatch: pytest.MonkeyPatch, where: str, how: str
) -> None:
    top = Path(os.environ["XDG_CACHE_HOME"])
    (version,) = (top / "oetgen").iterdir()
    places = {"": [top], "oetgen": [version.parent], "version": [version], "record": records()}[where]
    before = {path: path.read_bytes() for path in records()}
    for place in places:
        if how == "link":
            place.rename(top.with_name(f"{top.name}-{place.name}"))
            place.symlink_to(top.with_name(f"{top.name}-{place.name}"))
        elif how != "owner":
            place.chmod(place.stat().st_mode | {"group": 0o020, "others": 0o002}[how])
    if how == "owner":
        foreign = {os.stat(place).st_ino for place in places}
        monkeypatch.setattr(cache, "_is_only_ours", lambda found: found.st_ino not in foreign)
    assert not is_quick(rendered)
    assert rendered.oetgen("render", "--all").status == 0
    if where != "record":
        assert {path: path.read_bytes() for path in before} == before


def test_a_key_in_another_spelling_is_seen(rendered: Sandbox) -> None:
    """YAML has escapes in double quotes: this is `extends: staging`."""
    for number, key in enumerate(
        [
            '"\\u0065xtends"',
            '"\\x65xtends"',
            '"\\U00000065xtends"',
            '? "ext\\\n    ends"\n',
            '? "e\\x78tends"\n',
        ]
    ):
        rendered.write("environments/staging.yaml", f"greeting: plain {number}\n")
        rendered.write("environments/late.yaml", f"{key}: staging\n")
        for _ in range(2):
            assert rendered.oetgen("render", "late").status == 0
        assert is_quick(rendered, "late")
        rendered.write("environments/staging.yaml", f"greeting: changed {number}\n")
        assert not is_quick(rendered, "late"), key
        assert rendered.oetgen("render", "late").status == 0
        assert f"changed {number}" in rendered.read("out/late/k8s/config.yaml"), key


@pytest.mark.parametrize(
    "place", ["templates/more", "environments/test.yaml", "out/prod/k8s", "out/prod/README.md"]
)
def test_a_link_is_never_quick(rendered: Sandbox, place: str) -> None:
    """Also not when what it leads to is the same: the command itself refuses it."""
    path = rendered.root / place
    elsewhere = rendered.root / "elsewhere"
    if path.exists():
        path.rename(elsewhere)
    else:
        elsewhere.mkdir()
    path.symlink_to(elsewhere)
    assert not is_quick(rendered)
    assert rendered.oetgen("render", "--all").status == 1


def test_a_second_check_finds_the_same_and_a_changed_file_is_checked_again(rendered: Sandbox) -> None:
    first = rendered.oetgen("check", "--today", "2026-11-24")
    assert rendered.oetgen("check", "--today", "2026-11-24") == first
    rendered.write("templates/extra.sh.j2", "#!/bin/sh\nif true\n")
    changed = rendered.oetgen("check", "--today", "2026-11-24")
    assert "extra.sh" in changed.out
    assert rendered.oetgen("check", "--today", "2026-11-24") == changed
    assert rendered.oetgen("--no-cache", "check", "--today", "2026-11-24") == changed
    (rendered.root / "templates" / "extra.sh.j2").unlink()
    assert rendered.oetgen("check", "--today", "2026-11-24") == first


def test_only_rules_that_read_what_has_changed_are_applied_again(
    rendered: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied: set[str] = set()
    apply = remembered._applied

    def noted(rule: Rule, context: Context, system: Tracked, key: str) -> remembered._Applied:
        applied.add(vars(rule)["CODE"])
        return apply(rule, context, system, key)

    monkeypatch.setattr(remembered, "_applied", noted)
    rendered.oetgen("check", "--no-tools")
    assert {"checks/selectors", "checks/stages"} <= applied
    applied.clear()
    rendered.replace("environments/prod.yaml", "replicas: 3", "replicas: 4")
    again = rendered.oetgen("check", "--no-tools")
    assert "checks/selectors" in applied
    assert "checks/stages" not in applied
    assert again == rendered.oetgen("--no-cache", "check", "--no-tools")


def test_every_package_that_a_result_depends_on_is_part_of_the_version() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    required = settings["options"]["install_requires"].split("\n")
    names = {line.split()[0].replace("-", "_") for line in required if line} - {"click"}
    assert len(names) > 3
    assert names <= {prefix.removesuffix("-") for prefix in cache._PACKAGES}


@pytest.mark.parametrize("kind", ["checked", "tool"])
@pytest.mark.parametrize(
    "record",
    [
        ("checks/x", "error", "m", ("p", 1, 1, 1), [], "", ""),
        ("checks/x", "fatal", "m", None, [], "", ""),
        ("checks/x", "error", 5, None, [], "", ""),
        ("checks/x", "error", "m", ("p", "1", 1, 1, ""), [], "", ""),
        ("checks/x", "error", "m", None, [("n", 5)], "", ""),
        ("checks/x", "error", "m", None, 5, "", ""),
    ],
)
def test_a_remembered_finding_of_another_form_counts_as_missing(
    rendered: Sandbox, kind: str, record: tuple[object, ...]
) -> None:
    check = ["check", "--no-tools"] if kind == "checked" else ["check"]
    expected = rendered.oetgen(*check)
    value: object = ([record], []) if kind == "checked" else [record]
    found = [path for path in records() if path.name.startswith(f"{kind}-")]
    assert found
    for path in found:
        hostile_record(path, value)
    assert rendered.oetgen(*check) == expected


def test_other_rules_another_day_and_other_templates_are_not_remembered(
    rendered: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    own = outcome.apply_rules

    def counted(context: Context, remembered: Remembered) -> outcome.RuleFindings:
        asked.append(context.system.env)
        return own(context, remembered)

    monkeypatch.setattr(outcome, "apply_rules", counted)
    rendered.oetgen("check", "--no-tools", "--today", "2026-11-24")
    count = len(asked)
    assert count
    rendered.oetgen("check", "--no-tools", "--today", "2026-11-24")
    assert len(asked) == count
    rendered.oetgen("check", "--no-tools", "--today", "2026-11-25")
    assert len(asked) == 2 * count
    monkeypatch.setattr(outcome, "rule_set", lambda: "another")
    rendered.oetgen("check", "--no-tools", "--today", "2026-11-25")
    assert len(asked) == 3 * count
