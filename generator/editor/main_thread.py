"""The main thread as an executor: only there do signals limit the time that an analysis may take."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Thread
from typing import ParamSpec, TypeVar

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


class MainThread(Executor):
    """Runs what is submitted in the thread that calls `run_beside`, one call after the other."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._is_over = False

    def submit(
        self,
        call: Callable[_Arguments, _Result],
        /,
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> Future[_Result]:
        """Have a call run by the main thread."""
        future: Future[_Result] = Future()

        def run() -> None:
            if self._is_over or not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(call(*arguments, **named))
            except Exception as problem:
                future.set_exception(problem)

        self._calls.put(run)
        return future

    def run_beside(self, serve: Callable[[], None]) -> None:
        """Run `serve` in another thread and, until it ends, what it submits in this one."""
        thread = Thread(target=self._serve, args=(serve,), daemon=True)
        thread.start()
        while not self._is_over:
            self._calls.get()()
        thread.join()

    def _serve(self, serve: Callable[[], None]) -> None:
        try:
            serve()
        finally:
            self._is_over = True
            self._calls.put(lambda: None)
