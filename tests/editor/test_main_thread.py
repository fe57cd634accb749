"""What the language server computes runs in the main thread, where the limits of time hold."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from generator.editor.main_thread import MainThread


def test_what_is_submitted_runs_in_the_thread_that_started_the_server() -> None:
    executor, done = MainThread(), list[Future[bool]]()

    def serve() -> None:
        done.append(executor.submit(lambda: threading.current_thread() is threading.main_thread()))
        assert done[0].result(20)
        done.append(executor.submit(bool, int("0")))
        assert done[1].result(20) is False

    executor.run_beside(serve)
    assert [each.result() for each in done] == [True, False]


def test_a_problem_is_the_result_of_its_call_alone() -> None:
    executor, seen = MainThread(), list[str]()

    def serve() -> None:
        with pytest.raises(ZeroDivisionError):
            executor.submit(lambda: 1 / 0).result(20)
        seen.append(executor.submit(str, 5).result(20))

    executor.run_beside(serve)
    assert seen == ["5"]
