"""In a process that stays, a template is read again only where it may have changed."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from generator.project import folder
from generator.project.cache import ProcessCache
from generator.project.folder import find
from generator.render.engine import sources
from generator.render.engine.errors import RenderError
from generator.render.engine.sources import Sources
from tests.conftest import Sandbox

README = "README.md.j2"
LATER = 10**9  # ns


def test_a_template_is_read_again_where_it_may_have_changed(
    small: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, project, read = ProcessCache(), find(small.root), list[str]()
    path, old = f"templates/{README}", small.read(f"templates/{README}")
    now = max((small.root / path).stat().st_mtime_ns, (small.root / path).stat().st_ctime_ns)
    clock = {"now": now + LATER}
    monkeypatch.setattr(time, "time_ns", lambda: clock["now"])

    def noted(*arguments: object) -> object:
        read.append(str(arguments[1]))
        return folder.read_with_state(*arguments)  # type: ignore[arg-type]

    def text(unsaved: dict[str, str] | None = None) -> tuple[str, int]:
        """Return the text that a new engine has, and how often it read the file."""
        read.clear()
        found = Sources(replace(project, unsaved=unsaved or {}), cache=cache).text(README)
        return found, read.count(path)

    monkeypatch.setattr(sources, "read_with_state", noted)
    assert [text(), text()] == [(old, 1), (old, 0)]
    assert text({path: "typed\n"}) == ("typed\n", 1)
    assert text() == (old, 0), "what was typed is not what is saved"
    small.write(path, f"{old}more\n")
    clock["now"] += LATER
    assert [text(), text()] == [(f"{old}more\n", 1), (f"{old}more\n", 0)]
    (small.root / path).chmod(0o755)
    assert text() == (f"{old}more\n", 1)
    clock["now"] = now  # the file has just been written, and may be written again without a new time
    assert [text(), text()] == [(f"{old}more\n", 1), (f"{old}more\n", 1)]


def test_a_template_that_cannot_be_read_is_reported_each_time(small: Sandbox) -> None:
    cache = ProcessCache()
    small.root.joinpath("templates", README).write_bytes(b"\xff")
    for _ in range(2):
        with pytest.raises(RenderError):
            Sources(find(small.root), cache=cache).text(README)
