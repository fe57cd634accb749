"""Whatever happens to the tree, in any order: what others wrote is never lost, and a good render is clean."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.conftest import examples
from tests.crash.lab import ERRORS, KILL, Lab, Outcome
from tests.crash.tiny import TEMPLATES, make, values

PATHS = st.sampled_from([*TEMPLATES, "k8s/mine.yaml", "new/mine.yaml", "mine.txt"])
NAMES = st.sampled_from(["one", "two", "three"])
CALLS = st.integers(min_value=1, max_value=140)


class Tree(RuleBasedStateMachine):
    """The committed tree of one environment, and what people and oetgen do to it.

    `others` has the bytes that somebody else wrote, by path: foreign files and hand edits.
    """

    lab: Lab

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.root = Path(self.folder).resolve() / "project"
        self.out = self.root / "out" / "prod"
        self.others: dict[str, bytes] = {}
        self.written = 0
        make(self.root)
        self.lab.warm("-C", str(self.root), "check", "--no-tools", "prod")
        assert self.render().status == 0

    def teardown(self) -> None:
        shutil.rmtree(getattr(self, "folder", ""), ignore_errors=True)

    def run(self, *arguments: str, at: int = 0, how: str = "") -> Outcome:
        return self.lab.run("-C", str(self.root), *arguments, at=at, how=how)

    def render(self, *options: str) -> Outcome:
        done = self.run("render", "prod", *options)
        assert done.status in (0, 1), done
        assert done.status == 1 or self.run("check", "--no-tools", "prod").status == 0, (
            "check is not clean after a render"
        )
        return done

    @rule(name=NAMES, copies=st.integers(0, 3), extra=st.booleans())
    def change_values(self, name: str, copies: int, extra: bool) -> None:
        values(self.root, name, copies, extra)

    @rule(path=PATHS)
    def write(self, path: str) -> None:
        """Somebody makes a file, or edits one."""
        self.written += 1
        data = f"mine {self.written}\n".encode()
        (self.out / path).parent.mkdir(parents=True, exist_ok=True)
        (self.out / path).write_bytes(data)
        self.others[path] = data

    @rule(path=PATHS)
    def delete(self, path: str) -> None:
        (self.out / path).unlink(missing_ok=True)
        self.others.pop(path, None)

    @rule(path=PATHS)
    def other_line_endings(self, path: str) -> None:
        if (self.out / path).is_file() and path not in self.others:
            data = (self.out / path).read_bytes()
            (self.out / path).write_bytes(data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))

    @rule()
    def render_plainly(self) -> None:
        done = self.render()
        in_the_way = [path for path in self.others if path in TEMPLATES]
        assert done.status == 0 or in_the_way, done

    @precondition(lambda self: self.others)
    @rule()
    def render_over_everything(self) -> None:
        before = dict(self.others)
        assert self.render("--overwrite").status == 0
        self.others = {
            path: data for path, data in before.items() if path not in TEMPLATES or self.is_there(path, data)
        }

    def is_there(self, path: str, data: bytes) -> bool:
        return (self.out / path).is_file() and (self.out / path).read_bytes() == data

    @rule(at=CALLS)
    def killed(self, at: int) -> None:
        self.run("render", "prod", at=at, how=KILL)

    @rule(at=CALLS, error=st.sampled_from(ERRORS))
    def failed(self, at: int, error: str) -> None:
        assert self.run("render", "prod", at=at, how=error).status in (0, 1, 2)

    @rule(at=CALLS, name=NAMES)
    def at_once(self, at: int, name: str) -> None:
        """A second render, of other values, while the first one is stopped somewhere."""
        stopped = self.lab.pause("-C", str(self.root), "render", "prod", at=at)
        values(self.root, name, 1, at % 2 == 0)
        self.lab.second("-C", str(self.root), "render", "prod")
        first, second = self.lab.resume()
        assert {first.status, second.status} <= {0, 1}, (first, second)
        if stopped and second.status == 0:
            self.render()

    @invariant()
    def what_others_wrote_is_there(self) -> None:
        for path, data in getattr(self, "others", {}).items():
            assert self.is_there(path, data), f"{path} is lost"


def test_any_order_of_what_may_happen() -> None:
    with Lab() as lab:
        Tree.lab = lab
        run_state_machine_as_test(
            Tree,
            settings=settings(
                max_examples=examples(10),
                stateful_step_count=12,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
