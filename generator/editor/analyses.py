"""When a project is analysed: after each change, and never twice for the same texts.

Analyses run in the main thread, where the limits of time hold, while the protocol has another one. A change only
sets a flag: however many there are, one analysis runs and at most one waits. What an analysis finds is published only
when no newer text has arrived; until then its answers stand. The rules run when nothing was typed for a moment, first
on the environment that is edited. Outside tools run when a file is saved, one at a time and in a thread of their own,
so that what is typed meanwhile is analysed as usual; it stops them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import TypeVar

from generator.editor.workspace import IsStale, Snapshot, StaleError, Workspace
from generator.project import BASE

_IDLE = 0.4  # seconds without a change, after which the rules run
_log = logging.getLogger("oetgen")
_T = TypeVar("_T")


class Analyses:
    """The task that analyses a workspace in `executor`, and calls `publish` with what it found.

    Outside tools run in `tools`.
    """

    def __init__(
        self,
        workspace: Workspace,
        executor: Executor,
        tools: Executor,
        publish: Callable[[Snapshot], None],
    ) -> None:
        self.settled = asyncio.Event()  # set while nothing is waiting or running
        self.analysed = asyncio.Event()  # set while what was typed last is analysed, without the rules
        self._workspace = workspace
        self._executor = executor
        self._tools = tools
        self._publish = publish
        self._changed = asyncio.Event()
        self._saved = False
        self._focus = ""  # the environment whose values were edited last
        self._asking: asyncio.Task[None] | None = None  # what runs the outside tools
        self._task = asyncio.get_running_loop().create_task(self._run())

    def change(self, path: str, text: str | None, *, saved: bool = False) -> None:
        """Note a new text, and ask for an analysis."""
        self._workspace.change(path, text)
        folders = self._workspace.project.folders
        if folders.is_values(path):
            self._focus = folders.environment(path)
        self._focus = self._focus or BASE
        self._saved = self._saved or saved
        self.settled.clear()
        self.analysed.clear()
        self._changed.set()

    def stop(self) -> None:
        """Stop the analyses, and the programs that they have started."""
        self._workspace.interrupt()
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await self._step(partial(self._workspace.analyse, focus=self._focus)):
                continue
            self.analysed.set()
            try:
                await asyncio.wait_for(self._changed.wait(), 0 if self._saved else _IDLE)
            except TimeoutError:
                workspace = self._workspace
                if await self._step(workspace.examine_first) and await self._step(workspace.examine):
                    self._end()

    def _end(self) -> None:
        """Note that all is known; after a save, only when the outside tools have run."""
        if self._saved:
            self._saved = False
            self._asking = asyncio.get_running_loop().create_task(self._ask())
        else:
            self.settled.set()

    async def _ask(self) -> None:
        """Show what outside tools find, unless newer texts arrive."""
        generation = self._workspace.generation
        reported = await self._ran(self._tools, self._workspace.ask_tools)
        if reported:
            await self._step(partial(self._workspace.examine, reported=reported))
        if self._workspace.generation == generation:
            self.settled.set()

    async def _step(self, step: Callable[[IsStale], Snapshot]) -> bool:
        """Run a part of the analysis; publish what it found, unless newer texts have arrived."""

        def locked(is_stale: IsStale) -> Snapshot:
            with self._workspace.busy:
                return step(is_stale)

        generation = self._workspace.generation
        snapshot = await self._ran(self._executor, locked)
        if snapshot is not None:
            self._publish(snapshot)
        return self._workspace.generation == generation

    async def _ran(self, executor: Executor, work: Callable[[IsStale], _T]) -> _T | None:
        """Return what a part of the analysis gives; None where it fails, or newer texts have arrived."""
        generation = self._workspace.generation

        def is_stale() -> bool:
            return self._workspace.generation != generation

        loop = asyncio.get_running_loop()
        try:
            result = await loop.run_in_executor(executor, work, is_stale)
        except StaleError:
            return None
        except Exception:  # the editor goes on with what was known before
            _log.exception("the analysis failed")
            return None
        return None if is_stale() else result
