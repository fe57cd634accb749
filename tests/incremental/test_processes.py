"""Several processes: what comes of it is what comes of one."""

from __future__ import annotations

import multiprocessing
import os
import re
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from generator import writer
from generator.findings import OetgenError
from generator.incremental import processes as workers
from generator.incremental.processes import fitting, in_steps
from tests.conftest import SMALL, Result, Sandbox, copy_project

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that are not forked are not used")

HERE = os.getpid()
COUNTS = (1, 2, 3, 9)


@contextmanager
def steps_of(*steps: Callable[[int], Any], items: int, processes: int) -> Iterator[list[Iterator[Any]]]:
    try:
        with in_steps(range(items), steps, processes) as results:
            yield results
    finally:
        assert multiprocessing.active_children() == []


@pytest.fixture(autouse=True)
def limit_of_time() -> Iterator[None]:
    """What goes wrong between processes is often that one waits for ever."""

    def late(*arguments: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("processes", COUNTS)
@pytest.mark.parametrize("items", [0, 1, 2, 7, 100])
def test_results_come_in_the_order_of_the_items(items: int, processes: int) -> None:
    with steps_of(str, lambda item: item * item, items=items, processes=processes) as (texts, squares):
        assert list(texts) == [str(item) for item in range(items)]
        assert list(squares) == [item * item for item in range(items)]


@pytest.mark.parametrize("processes", [2, 3])
def test_each_process_has_a_share(processes: int) -> None:
    with steps_of(lambda item: os.getpid(), items=7, processes=processes) as (pids,):
        shares = Counter(pids).values()
    assert len(shares) == processes
    assert max(shares) - min(shares) <= 1


@pytest.mark.parametrize("processes", COUNTS)
def test_an_item_stays_in_the_process_that_began_with_it(processes: int) -> None:
    kept: dict[int, int] = {}

    def keep(item: int) -> None:
        kept[item] = os.getpid()

    with steps_of(keep, lambda item: kept[item] == os.getpid(), items=9, processes=processes) as (
        first,
        second,
    ):
        assert list(first) == [None] * 9
        assert list(second) == [True] * 9


@pytest.mark.parametrize("processes", COUNTS)
def test_a_step_that_is_not_asked_for_does_not_begin(processes: int, tmp_path: Path) -> None:
    def touch(item: int) -> None:
        (tmp_path / str(item)).touch()

    with steps_of(str, touch, items=9, processes=processes) as (texts, _):
        list(texts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("processes", COUNTS)
@pytest.mark.parametrize("wrong", [0, 4, 8])
def test_a_problem_is_raised_behind_all_results_that_there_are(
    wrong: int, processes: int, tmp_path: Path
) -> None:
    def step(item: int) -> int:
        if item == wrong:
            raise OetgenError("no room", "make room")
        (tmp_path / str(item)).touch()
        return item

    got: list[int] = []
    with pytest.raises(OetgenError) as caught, steps_of(step, items=9, processes=processes) as (results,):
        got.extend(results)
    assert (caught.value.message, caught.value.hint) == ("no room", "make room")
    assert got == sorted(int(path.name) for path in tmp_path.iterdir())
    assert got[:wrong] == list(range(wrong))


def test_an_exit_in_another_process_is_one_here() -> None:
    def step(item: int) -> None:
        if item == 8:
            sys.exit(1)

    with pytest.raises(SystemExit) as caught, steps_of(step, items=9, processes=2) as (results,):
        list(results)
    assert caught.value.code == 1


def test_of_a_bug_in_another_process_the_whole_story_is_told() -> None:
    def faulty(item: int) -> float:
        return 1 / (8 - item)

    with (
        pytest.raises(RuntimeError, match=r"in faulty(.|\n)*ZeroDivisionError"),
        steps_of(faulty, items=9, processes=2) as (results,),
    ):
        list(results)


def test_a_process_that_was_killed_is_missed() -> None:
    def step(item: int) -> None:
        if os.getpid() != HERE:
            os.kill(os.getpid(), signal.SIGKILL)

    with (
        pytest.raises(OetgenError, match="was killed") as caught,
        steps_of(step, items=9, processes=3) as (results,),
    ):
        list(results)
    assert "--jobs 1" in caught.value.hint


def test_a_process_that_was_killed_between_two_steps_is_missed() -> None:
    with (
        pytest.raises(OetgenError, match="was killed"),
        steps_of(lambda item: os.getpid(), str, items=4, processes=2) as (pids, texts),
    ):
        list(pids)
        (other,) = multiprocessing.active_children()
        other.kill()
        other.join()
        list(texts)


def test_when_this_process_has_a_problem_the_others_do_no_further_item() -> None:
    fork = multiprocessing.get_context("fork")
    begun, told = fork.Event(), fork.Event()
    send = Connection.send

    def noted(link: Connection, message: object) -> None:
        send(link, message)
        if message is None:
            told.set()

    def step(item: int) -> int:
        if item == 0:
            assert begun.wait(60)
            raise OetgenError("no room")
        begun.set()
        assert told.wait(60)
        return item

    got: list[int] = []
    with (
        mock.patch.object(Connection, "send", noted),
        pytest.raises(OetgenError, match="no room"),
        steps_of(step, items=8, processes=2) as (results,),
    ):
        got.extend(results)
    assert got == [4]


def test_an_interrupt_in_this_process_loses_no_result_of_the_others() -> None:
    begun = multiprocessing.get_context("fork").Event()

    def step(item: int) -> int:
        if item == 0:
            assert begun.wait(60)
            raise KeyboardInterrupt
        begun.set()
        return item

    got: list[int] = []
    with pytest.raises(KeyboardInterrupt), steps_of(step, items=4, processes=2) as (results,):
        got.extend(results)
    assert got in ([2], [2, 3])


def test_an_interrupt_while_this_process_waits_loses_no_result_of_the_others() -> None:
    waits = multiprocessing.get_context("fork").Event()
    poll = Connection.poll

    def noted(link: Connection, timeout: float | None = 0.0) -> bool:
        if timeout is None:
            waits.set()
        return poll(link, timeout)

    def step(item: int) -> int:
        if item == 2:
            assert waits.wait(60)
            for pid in (HERE, os.getpid()):  # as Ctrl-C does
                os.kill(pid, signal.SIGINT)
        return item

    got: list[int] = []
    with (
        mock.patch.object(Connection, "poll", noted),
        pytest.raises(KeyboardInterrupt),
        steps_of(step, items=4, processes=2) as (results,),
    ):
        got.extend(results)
    assert got in ([0, 1, 2], [0, 1, 2, 3])


def test_a_process_that_waits_for_a_lock_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fork = multiprocessing.get_context("fork")
    begun, never = fork.Event(), fork.Event()

    def step(item: int) -> None:
        if item == 0:
            assert begun.wait(60)
            raise OetgenError("no room")
        begun.set()
        never.wait()

    monkeypatch.setattr(workers, "_PATIENCE", 0.01)
    with pytest.raises(OetgenError, match="no room"), steps_of(step, items=2, processes=2) as (results,):
        list(results)


def test_when_the_results_are_not_wanted_any_more_the_others_end() -> None:
    with pytest.raises(KeyError), steps_of(str, items=9, processes=3) as (results,):
        next(results)
        raise KeyError


@pytest.mark.parametrize("there_are", [0, 1, 2])
def test_where_the_system_has_no_more_processes_there_are_fewer(there_are: int) -> None:
    fork, calls = os.fork, iter(range(9))

    def few() -> int:
        if next(calls) >= there_are:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return fork()

    with (
        mock.patch.object(os, "fork", few),
        steps_of(lambda item: os.getpid(), items=9, processes=4) as (pids,),
    ):
        assert len(set(pids)) == there_are + 1


def test_as_many_processes_as_there_are_processors_and_work_for() -> None:
    with (
        mock.patch.object(sys, "platform", "linux"),
        mock.patch.object(os, "sched_getaffinity", lambda process: set(range(64))),
    ):
        assert [fitting(items) for items in (0, 4, 49, 50, 100, 1000)] == [1, 1, 1, 2, 4, 8]
        assert [fitting(items, 3) for items in (0, 1, 4, 1000)] == [1, 1, 3, 3]


def test_where_a_fork_is_not_safe_it_must_be_asked_for() -> None:
    with mock.patch.object(sys, "platform", "darwin"):
        assert (fitting(1000), fitting(1000, 4)) == (1, 4)


def test_without_fork_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert (fitting(1000), fitting(1000, 4)) == (1, 1)


NAMES = [f"e{number}" for number in range(7)]


def all_are_new(small: Sandbox) -> None:
    pass


def some_are_as_they_were(small: Sandbox) -> None:
    small.oetgen("render", *NAMES)
    for name in ("e1", "e2", "e6"):
        small.replace(f"environments/{name}.yaml", "hello", "goodbye")


def all_were_rendered_before_and_are_gone(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    shutil.rmtree(small.root / "out")


def a_warning_about_each(small: Sandbox) -> None:
    small.replace("environments/schema.json", '"greeting": {', '"nobody": {"type": "string"}, "greeting": {')
    for name in NAMES:
        small.write(f"environments/{name}.yaml", f"nobody: reads-{name}\n")


def a_wrong_value_in_the_last(small: Sandbox) -> None:
    small.write("environments/e6.yaml", "greeting: [1]\n")


def values_with_no_place_to_go_in_two(small: Sandbox) -> None:
    for name in ("e2", "e5"):
        small.write(f"environments/{name}.yaml", 'greeting: "a\\0b"\n')


def hand_edits_in_two(small: Sandbox) -> None:
    small.oetgen("render", "--all")
    for name in NAMES:
        small.replace(f"environments/{name}.yaml", "hello", "goodbye")
    for name in ("e3", "e6"):
        small.replace(f"out/{name}/README.md", "hello", "HELLO")


def a_folder_in_the_way_of_a_file(small: Sandbox) -> None:
    (small.root / "out/e5/README.md").mkdir(parents=True)


def a_file_in_the_way_of_a_folder(small: Sandbox) -> None:
    small.write("out/e5", "mine")


def a_template_that_fails(small: Sandbox) -> None:
    small.write("templates/more.md.j2", "{{ greeting.nothing }}")


@pytest.mark.parametrize(
    ("scene", "says"),
    [
        (all_are_new, "out/e6: 7 created"),
        (some_are_as_they_were, "out/e0: 7 unchanged"),
        (all_were_rendered_before_and_are_gone, "out/e6: 7 created"),
        (a_warning_about_each, "no template reads nobody"),
        (a_wrong_value_in_the_last, "environments/e6.yaml:1:"),
        (values_with_no_place_to_go_in_two, "render/cannot-encode"),
        (hand_edits_in_two, "out/e6/README.md:"),
        (a_folder_in_the_way_of_a_file, "out/e5/README.md"),
        (a_file_in_the_way_of_a_folder, "is not a folder"),
        (a_template_that_fails, "templates/more.md.j2:1:"),
    ],
)
def test_output_and_messages_are_the_same_whatever_their_number(
    scene: Callable[[Sandbox], None], says: str, tmp_path: Path
) -> None:
    one, *several = [rendered(scene, tmp_path / processes, processes) for processes in ("1", "2", "3", "9")]
    assert says in one[0].out + one[0].err
    for each in several:
        assert each == one


def make_environments(small: Sandbox) -> None:
    for name in NAMES:
        small.write(f"environments/{name}.yaml", f"greeting: hello {name}\n")


def rendered(
    scene: Callable[[Sandbox], None], root: Path, processes: str
) -> tuple[Result, dict[str, tuple[bytes, int]]]:
    small = copy_project(SMALL, root)
    make_environments(small)
    scene(small)
    result = small.oetgen("render", "--all", "--jobs", processes)
    return replace(result, err=result.err.replace(str(root), "")), small.snapshot()


def test_what_was_written_with_several_processes_is_known_to_be_current(small: Sandbox) -> None:
    assert small.oetgen("render", "--all", "--jobs", "2").out.count(" created") == 2
    with mock.patch("generator.cli.group.run", side_effect=AssertionError("it is looked at again")):
        assert small.oetgen("render", "--all").out.count(" unchanged") == 2


COUNTS_OF_JOBS = pytest.mark.parametrize("jobs", ["1", "2", "3", "9"])


@COUNTS_OF_JOBS
def test_when_one_folder_cannot_be_written_every_other_that_is_written_is_named(
    small: Sandbox, jobs: str
) -> None:
    def apply(plan: writer.Plan, **keywords: Any) -> None:
        if plan.folder.name in ("e1", "e4"):
            raise OetgenError(f"cannot write below {plan.folder.name}")
        really(plan, **keywords)

    really = writer.apply
    make_environments(small)
    with mock.patch.object(writer, "apply", apply):
        result = small.oetgen("render", "--all", "--jobs", jobs)
    assert (result.status, result.err) == (2, "oetgen: cannot write below e1\n")
    written = {path.name for path in (small.root / "out").iterdir() if (path / ".oetgen").exists()}
    assert written == set(re.findall(r"^out/(\S+): \d+ created$", result.out, re.M))
    assert "e0" in written


@contextmanager
def edits_made_meanwhile(*names: str) -> Iterator[None]:
    """Let somebody edit a file of these environments, and another run write, when they are going to be written."""
    lock = writer.locked

    def locked(folder: Path, *arguments: Any) -> Any:
        if folder.name in names and (folder / "README.md").exists():
            (folder / "README.md").write_text("mine\n")
            (folder / ".oetgen").write_text((folder / ".oetgen").read_text() + "\n")
        return lock(folder, *arguments)

    with mock.patch.object(writer, "locked", locked):
        yield


def test_edits_made_meanwhile_stop_their_own_environments_alone(tmp_path: Path) -> None:
    with edits_made_meanwhile("e1", "e6"):
        one, *several = [
            rendered(some_are_as_they_were, tmp_path / jobs, jobs) for jobs in ("1", "2", "3", "9")
        ]
    assert one[0].status == 1
    assert re.findall(r"^(out/\S+): nothing was written$", one[0].out, re.M) == ["out/e1", "out/e6"]
    assert "out/e2: 7 updated" in one[0].out
    assert "2 errors" in one[0].err
    for each in several:
        assert each == one


@COUNTS_OF_JOBS
def test_they_are_told_also_when_another_folder_cannot_be_written(tmp_path: Path, jobs: str) -> None:
    def apply(plan: writer.Plan, **keywords: Any) -> None:
        if plan.folder.name == "e6" and plan.update:
            raise OetgenError("cannot write below e6")
        really(plan, **keywords)

    really = writer.apply
    with mock.patch.object(writer, "apply", apply), edits_made_meanwhile("e1"):
        result, _ = rendered(some_are_as_they_were, tmp_path, jobs)
    assert result.status == 2
    assert "out/e1/README.md:1" in result.err
    assert result.err.endswith("oetgen: cannot write below e6\n")
