"""Writing: only what changed, only what is ours, all or nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from generator import writer
from generator.findings import OetgenError
from generator.writer import File, Plan, read_manifest


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
