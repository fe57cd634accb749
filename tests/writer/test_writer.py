"""Writing: only what changed, only what is ours, all or nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from generator import writer
from generator.findings import OetgenError
from generator.writer import File, Plan, read_manifest
from generator.writer.journal import JOURNAL


def files(**texts: str) -> dict[str, File]:
    return {name.replace("_", "/"): File(text, False, "t.j2") for name, text in texts.items()}


def plan(folder: Path, wanted: dict[str, File], **options: Any) -> Plan:
    return writer.plan(folder, "out/x", wanted, **options)


def write(folder: Path, wanted: dict[str, File]) -> None:
    writer.apply(plan(folder, wanted))


def contents(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != writer.MANIFEST
    }


def codes(planned: Plan) -> list[str]:
    return [finding.code for finding in planned.findings]


def test_files_are_created_updated_kept_and_deleted(tmp_path: Path) -> None:
    write(tmp_path, files(a="1", b_c="2", d="3"))
    change = plan(tmp_path, files(a="1", b_c="changed", e="new"))
    assert (change.keep, change.update, change.create, change.delete) == (("a",), ("b/c",), ("e",), ("d",))
    writer.apply(change)
    assert contents(tmp_path) == {"a": "1", "b/c": "changed", "e": "new"}


def test_a_folder_that_a_deletion_empties_goes_too(tmp_path: Path) -> None:
    write(tmp_path, files(a="1", deep_er_b="2"))
    write(tmp_path, files(a="1"))
    assert not (tmp_path / "deep").exists()


def test_the_manifest_lists_what_is_ours_sorted(tmp_path: Path) -> None:
    write(tmp_path, files(b="2", a="1"))
    lines = (tmp_path / ".oetgen").read_text("utf-8").splitlines()
    assert lines == [f"{writer.digest(b'1')}  a", f"{writer.digest(b'2')}  b"]


def test_nothing_to_do_writes_nothing(tmp_path: Path) -> None:
    write(tmp_path, files(a="1"))
    assert not plan(tmp_path, files(a="1")).changes


def test_a_hand_edited_file_stops_the_write(tmp_path: Path) -> None:
    write(tmp_path, files(a="1\n2\n"))
    (tmp_path / "a").write_text("1\nmine\n")
    change = plan(tmp_path, files(a="1\n3\n"))
    assert codes(change) == ["writer/hand-edited"]
    assert "+mine" in change.findings[0].notes[0].message


def test_a_hand_edit_that_is_what_the_template_makes_now_is_none(tmp_path: Path) -> None:
    write(tmp_path, files(a="1"))
    (tmp_path / "a").write_text("2")
    change = plan(tmp_path, files(a="2"))
    assert change.findings == ()
    writer.apply(change)
    assert read_manifest(tmp_path)["a"] == {writer.digest(b"2")}


def test_a_hand_edited_file_that_no_template_makes_any_more_is_not_deleted(tmp_path: Path) -> None:
    write(tmp_path, files(a="1", b="1"))
    (tmp_path / "b").write_text("mine")
    assert codes(plan(tmp_path, files(a="1"))) == ["writer/hand-edited"]


def test_a_foreign_file_in_the_way_stops_the_write(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    assert codes(plan(tmp_path, files(a="1"))) == ["writer/foreign-file"]


def test_foreign_files_elsewhere_are_not_touched(tmp_path: Path) -> None:
    write(tmp_path, files(k8s_a="1"))
    (tmp_path / "k8s" / "mine").write_text("mine")
    write(tmp_path, files(b="1"))
    assert contents(tmp_path) == {"b": "1", "k8s/mine": "mine"}


def test_overwrite_replaces_hand_edited_and_foreign_files(tmp_path: Path) -> None:
    write(tmp_path, files(a="1"))
    (tmp_path / "a").write_text("mine")
    (tmp_path / "b").write_text("mine")
    writer.apply(plan(tmp_path, files(a="2", b="2"), overwrite=True))
    assert contents(tmp_path) == {"a": "2", "b": "2"}


def test_other_line_endings_are_no_edit(tmp_path: Path) -> None:
    write(tmp_path, files(a="1\n2\n"))
    (tmp_path / "a").write_bytes(b"1\r\n2\r\n")
    assert plan(tmp_path, files(a="1\n2\n")).findings == ()
    assert plan(tmp_path, files(a="1\n3\n")).update == ("a",)


def test_a_merge_conflict_in_the_manifest_blocks_nothing(tmp_path: Path) -> None:
    write(tmp_path, files(a="1"))
    ours = (tmp_path / ".oetgen").read_text("utf-8")
    theirs = ours.replace(writer.digest(b"1"), writer.digest(b"2"))
    (tmp_path / ".oetgen").write_text(f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n")
    (tmp_path / "a").write_text("2")
    assert plan(tmp_path, files(a="3")).update == ("a",)


def test_a_link_or_a_folder_in_the_way_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    top = tmp_path / "top"
    top.mkdir()
    (top / "linked").symlink_to(elsewhere)
    (top / "a").mkdir()
    assert codes(plan(top, files(linked_b="1", a="1"), overwrite=True)) == ["writer/in-the-way"] * 2
    assert list(elsewhere.iterdir()) == []


def test_scripts_are_executable_and_a_lost_bit_comes_back(tmp_path: Path) -> None:
    script = {"s.sh": File("#!/bin/sh\n", True, "s.sh.j2")}
    write(tmp_path, script)
    assert os.access(tmp_path / "s.sh", os.X_OK)
    (tmp_path / "s.sh").chmod(0o644)
    write(tmp_path, script)
    assert os.access(tmp_path / "s.sh", os.X_OK)


def test_a_failure_while_staging_leaves_every_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, files(a="1", b="1"))
    before = contents(tmp_path), (tmp_path / ".oetgen").read_bytes()
    change = plan(tmp_path, files(a="2", b="2", c_d="2"))
    real, calls = os.write, 0

    def full(descriptor: int, data: bytes) -> int:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise OSError(28, "No space left on device")
        return real(descriptor, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OetgenError, match="No space left"):
        writer.apply(change)
    assert (contents(tmp_path), (tmp_path / ".oetgen").read_bytes()) == before
    assert not (tmp_path / "c").exists()


def test_files_to_keep_stay_ours(tmp_path: Path) -> None:
    write(tmp_path, files(a="1", c="1"))
    writer.apply(plan(tmp_path, files(b="1"), keep={"a"}))
    assert contents(tmp_path) == {"a": "1", "b": "1"}
    assert sorted(read_manifest(tmp_path)) == ["a", "b"]


def test_what_is_ours_and_a_link_now_is_left_alone(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    write(top, files(a="1", b="1"))
    (tmp_path / "elsewhere").write_text("1")
    (top / "b").unlink()
    (top / "b").symlink_to(tmp_path / "elsewhere")
    change = plan(top, files(a="1"), overwrite=True)
    assert (change.findings, change.delete) == ((), ())
    writer.apply(change)
    assert (top / "b").is_symlink()
    assert list(read_manifest(top)) == ["a"]


@pytest.mark.parametrize("kind", ["fifo", "socket"])
def test_a_device_in_the_way_is_not_opened(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket may have 100 characters only
    if kind == "fifo":
        os.mkfifo("a")
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("a")
    change = plan(tmp_path, files(a="1"), overwrite=True)
    assert codes(change) == ["writer/in-the-way"]
    assert "found a device, expected a file" in change.findings[0].message


def test_a_link_to_the_folder_itself_is_refused_below_the_project(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OetgenError, match="symbolic link"):
        plan(tmp_path / "out" / "x", files(a="1"), inside=tmp_path)
    assert plan(tmp_path / "out" / "x", files(a="1"), inside=tmp_path / "out").create == ("a",)


def test_names_that_differ_in_case_only_are_refused(tmp_path: Path) -> None:
    wanted = {path: File("1", False, "t.j2") for path in ("K8s/a", "k8s/b", "x/É", "x/e\u0301")}
    change = plan(tmp_path, wanted)
    assert codes(change) == ["writer/case-collision"] * 2
    assert "macOS, Windows" in change.findings[0].message


def test_a_file_that_was_renamed_in_case_only_is_not_deleted_where_both_are_one(tmp_path: Path) -> None:
    """A hard link stands for a file system on which `A` and `a` are the same file."""
    write(tmp_path, {"A": File("1", False, "t.j2")})
    os.link(tmp_path / "A", tmp_path / "a")
    change = plan(tmp_path, {"a": File("2", False, "t.j2")})
    assert (change.update, change.delete, change.findings) == (("a",), (), ())
    writer.apply(change)
    assert list(read_manifest(tmp_path)) == ["a"]


@pytest.mark.parametrize(
    "path", ["../x", "/etc/x", "a/../../x", "a//x", "C:/x", ".oetgen", "a/.oetgen-new-1", "a\nb"]
)
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, path: str) -> None:
    assert codes(plan(tmp_path, {path: File("1", False, "t.j2")})) == ["writer/unsafe-path"]


def test_a_line_of_the_manifest_that_leaves_the_folder_is_not_followed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    write(top, files(a="1"))
    (tmp_path / "victim").write_text("1")
    with (top / ".oetgen").open("a") as stream:
        stream.write(f"{writer.digest(b'1')}  ../victim\n")
    change = plan(top, files(a="1"))
    assert (codes(change), change.delete) == (["writer/unsafe-line"], ())
    writer.apply(change)
    assert (tmp_path / "victim").exists()
    assert list(read_manifest(top)) == ["a"]
    assert codes(plan(top, files(a="1"))) == []


def test_a_manifest_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".oetgen").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OetgenError, match="is not a regular file"):
        plan(tmp_path, files(a="1"))


def test_a_lost_line_of_the_manifest_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("# Made by oetgen from templates/a.j2: do not edit.\nold\n")
    [finding] = plan(tmp_path, files(a="1")).findings
    assert ".oetgen does not list it" in finding.notes[0].message


def test_markers_of_a_merge_conflict_go_with_the_next_write(tmp_path: Path) -> None:
    write(tmp_path, files(a="1"))
    text = (tmp_path / ".oetgen").read_text()
    (tmp_path / ".oetgen").write_text(f"<<<<<<< HEAD\n{text}=======\n>>>>>>> other\n")
    change = plan(tmp_path, files(a="1"))
    assert change.changes
    writer.apply(change)
    assert (tmp_path / ".oetgen").read_text() == text


def test_the_files_of_another_version_are_stale_and_not_edited(tmp_path: Path) -> None:
    """What another version of oetgen wrote is in its manifest, whatever this one would have made."""
    write(tmp_path, files(a="as version 1 has it"))
    change = plan(tmp_path, files(a="as version 2 has it"))
    assert (change.update, change.findings) == (("a",), ())


def test_a_name_that_is_too_long_is_said_before_anything_is_written(tmp_path: Path) -> None:
    write(tmp_path, files(a="1"))
    change = plan(tmp_path, files(a="2", **{"x" * 300: "1"}))
    assert codes(change) == ["writer/unreadable"]
    assert "shorten" in change.findings[0].hint


def test_the_longest_name_that_there_can_be_is_written(tmp_path: Path) -> None:
    name = "x" * 255
    write(tmp_path, {name: File("1", False, "t.j2")})
    assert (tmp_path / name).read_text() == "1"


def test_a_file_that_changes_after_the_plan_is_not_overwritten(tmp_path: Path) -> None:
    write(tmp_path, files(a="1", b="1"))
    change = plan(tmp_path, files(a="2", b="2", c="2"))
    for name in ("a", "c"):
        before = contents(tmp_path)
        (tmp_path / name).write_text("mine")
        with pytest.raises(OetgenError, match="changed while"):
            writer.apply(change)
        assert contents(tmp_path) == {**before, name: "mine"}
        (tmp_path / name).write_text("1") if name == "a" else (tmp_path / name).unlink()
    writer.apply(change)
    assert contents(tmp_path) == {"a": "2", "b": "2", "c": "2"}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach; those of pytest are for its own user alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Take the rights away that root has, who may read and write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_read_only_tree_is_said_and_stays_as_it_is(open_folder: Path) -> None:
    write(open_folder, files(sub_a="1"))
    for place in (open_folder / "sub", open_folder):
        place.chmod(0o555)
    with as_somebody_else(), pytest.raises(OetgenError, match="cannot write below"):
        write(open_folder, files(sub_a="2"))
    assert contents(open_folder) == {"sub/a": "1"}
    for place in (open_folder, open_folder / "sub"):
        place.chmod(0o755)


def test_a_file_that_cannot_be_deleted_stops_the_write_before_it_starts(open_folder: Path) -> None:
    write(open_folder, files(sub_a="1"))
    (open_folder / "sub").chmod(0o555)
    with as_somebody_else():
        assert codes(plan(open_folder, {})) == ["writer/read-only"]
    (open_folder / "sub").chmod(0o755)


def test_a_file_that_cannot_be_read_is_a_finding(open_folder: Path) -> None:
    write(open_folder, files(sub_a="1"))
    (open_folder / "sub" / "a").chmod(0)
    with as_somebody_else():
        assert codes(plan(open_folder, files(sub_a="2"))) == ["writer/unreadable"]


def test_a_folder_that_cannot_be_made_is_said(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    refused = pytest.raises(OetgenError, match="cannot write below out/x")
    with as_somebody_else(), refused, writer.locked(open_folder / "out" / "x", "out/x", print):
        pass
    open_folder.chmod(0o755)


def test_where_nothing_can_be_locked_the_journal_keeps_a_second_writer_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(descriptor: int, kind: int) -> None:
        raise OSError(errno.EOPNOTSUPP, "not supported")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with writer.locked(tmp_path, "out/x", print) as held:
        assert not held
        change = plan(tmp_path, files(a="1"))
        (tmp_path / ".oetgen-journal").write_text("")
        with pytest.raises(OetgenError, match="another oetgen is writing"):
            writer.apply(change, exclusive=held)
        assert contents(tmp_path) == {".oetgen-journal": ""}
        (tmp_path / ".oetgen-journal").unlink()
        writer.apply(change, exclusive=held)
    assert contents(tmp_path) == {"a": "1"}


def test_a_folder_that_was_made_for_nothing_goes_again(tmp_path: Path) -> None:
    with writer.locked(tmp_path / "out" / "x", "out/x", print):
        assert (tmp_path / "out" / "x").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_came_with_a_checkout_leads_to_no_other_file(tmp_path: Path) -> None:
    top = tmp_path / "top"
    top.mkdir()
    (tmp_path / "victim").write_text("1")
    (top / "mine").write_text("1")
    (top / ".oetgen-journal").write_text(
        "../victim\nmine\n/etc/passwd\n../top/.oetgen-new-0123456789abcdef\n"
    )
    write(top, files(a="1"))
    assert contents(tmp_path) == {"top/a": "1", "top/mine": "1", "victim": "1"}


def test_everything_in_the_folder_has_a_state(tmp_path: Path) -> None:
    write(tmp_path, files(current="1", stale="1", edited="1", missing="1", orphaned="1"))
    (tmp_path / "edited").write_text("mine")
    (tmp_path / "missing").unlink()
    (tmp_path / "foreign").write_text("mine")
    wanted = files(current="1", stale="2", edited="2", missing="1")
    change = plan(tmp_path, wanted)
    states = {status.path: status.state.value for status in change.states}
    assert states == {
        "current": "current",
        "edited": "hand-edited",
        "missing": "missing",
        "orphaned": "orphaned",
        "stale": "stale",
    }
    assert writer.untracked(tmp_path, states) == ["foreign"]
    assert writer.unfinished(tmp_path) == []


def test_modes_do_not_count_where_everything_is_executable(tmp_path: Path) -> None:
    """As on a Windows drive that is mounted below Linux."""
    write(tmp_path, files(a="1"))
    for path in tmp_path.iterdir():
        path.chmod(0o777)
    assert plan(tmp_path, files(a="1")).keep == ("a",)


def test_scripts_and_other_files_get_exact_modes(tmp_path: Path) -> None:
    write(tmp_path, {"run.sh": File("x", True, "t.j2"), "a.yaml": File("x", False, "t.j2")})
    modes = {path.name: path.stat().st_mode & 0o7777 for path in tmp_path.iterdir() if path.name[0] != "."}
    assert modes == {"run.sh": 0o755, "a.yaml": 0o644}


def test_the_journal_lists_the_folders_that_a_stopped_run_may_leave_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, files(old_a="1"))
    wanted = files(old_a="1", old_b="2", new_deep_c="3")
    journals: list[str] = []

    def stop(*arguments: Any) -> None:
        journals.append((tmp_path / JOURNAL).read_text("utf-8"))
        raise KeyboardInterrupt

    monkeypatch.setattr(import_module("generator.writer.apply"), "_stage_all", stop)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, wanted)
    assert {line for line in journals[0].splitlines() if line.endswith("/")} == {"new/", "new/deep/"}
