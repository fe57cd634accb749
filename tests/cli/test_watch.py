"""`oetgen watch`, in a process of its own: it renders on save, and never writes a tree with errors."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO

import pytest

from tests.conftest import SMALL, Sandbox, copy_project


def test_a_save_is_rendered_and_errors_come_and_go(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    path = "environments/prod.yaml"
    with _watching(small) as lines:
        assert _until(lines, "watching").startswith("watching environments/ and templates/ for prod, test")
        small.replace(path, "replicas: 3", "replicas: 4")
        assert _until(lines, "out/prod:") == "out/prod: 1 updated, 9 unchanged"
        _until(lines, "out/test:")
        before = small.snapshot()
        small.replace(path, "replicas: 4", "replicas: many")
        assert 'found "many"' in _until(lines, "error[")
        _until(lines, "waiting for the next save")
        assert small.snapshot() == before
        small.replace(path, "replicas: many", "replicas: 4")
        _until(lines, "the errors are gone")
        assert small.snapshot() == before


def test_an_editor_that_saves_by_rename_is_seen(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    with _watching(small) as lines:
        _until(lines, "watching")
        new = small.root / "templates" / "README.md.j2.new"
        new.write_text("# Changed\n", "utf-8")
        new.rename(small.root / "templates" / "README.md.j2")
        assert "~ out/prod/README.md" in _until(lines, "README.md")


def test_a_shared_template_is_watched(tmp_path: Path) -> None:
    small = copy_project(SMALL, tmp_path / "app")
    shared = tmp_path / "platform"
    shared.mkdir()
    (tmp_path / ".git").mkdir()
    (shared / "note.txt.j2").write_text("first\n", "utf-8")
    small.write("oetgen.yaml", "shared: [../platform]\n")
    small.oetgen("render", "--all")
    with _watching(small) as lines:
        _until(lines, "watching")
        (shared / "note.txt.j2").write_text("second\n", "utf-8")
        assert "~ out/prod/note.txt" in _until(lines, "note.txt")


def test_a_hand_edit_in_the_output_is_reported_and_kept(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    path = "out/prod/README.md"
    with _watching(small) as lines:
        _until(lines, "watching")
        small.write(path, "mine\n")
        _until(lines, "waiting for the next save")
        assert small.read(path) == "mine\n"


def test_the_report_is_served_to_this_machine_and_renewed(small: Sandbox) -> None:
    with _watching(small, "--report", "--port", "0") as lines:
        address = _until(lines, "the report is at").rpartition(" ")[2]
        _until(lines, "out/prod:")
        small.replace("environments/prod.yaml", "replicas: 3", "replicas: many")
        _until(lines, "waiting for the next save")
        assert "<iframe" in _page(address)
        assert _page(f"{address}version") != _page(f"{address}page")
        with pytest.raises(urllib.error.HTTPError):
            _page(f"{address}../environments/prod.yaml")
        with pytest.raises(urllib.error.HTTPError):
            _page(urllib.request.Request(address, headers={"Host": "example.com"}))


def _page(address: str | urllib.request.Request) -> str:
    with urllib.request.urlopen(address) as answer:
        return str(answer.read().decode())


@contextmanager
def _watching(project: Sandbox, *options: str) -> Iterator[IO[str]]:
    """Run `oetgen watch` on all environments, and yield what it prints; it is stopped when a test takes too long."""
    command = [sys.executable, "-u", "-m", "generator", "watch", *options]
    with subprocess.Popen(
        command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        timer = Timer(120, process.kill)
        timer.start()
        try:
            yield process.stdout
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
            timer.cancel()


def _until(lines: IO[str], words: str) -> str:
    """Return the first line with `words`."""
    for line in lines:
        if words in line:
            return line.rstrip("\n")
    raise AssertionError(f"it ended before {words!r}")
