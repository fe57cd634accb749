"""When a project is analysed: after each change, and never twice for the same texts.

Analyses run in the main thread, where the limits of time hold, while the protocol has another one. A change only
sets a flag: however many there are, one analysis runs and at most one waits. What an analysis finds is published only
when no newer text has arrived; until then its answers stand. The rules run when nothing was typed for a moment,
outside tools when a file is saved.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial

from generator.editor.workspace import Snapshot, StaleError, Workspace
from generator.project import BASE

_IDLE = 0.4  # seconds without a change, after which the rules run
_log = logging.getLogger("oetgen")


class Analyses:
    """The task that analyses a workspace in `executor`, and calls `publish` with what it found."""

    def __init__(self, workspace: Workspace, executor: Executor, publish: Callable[[Snapshot], None]) -> None:
        self.settled = asyncio.Event()  # set while nothing is waiting or running
        self._workspace = workspace
        self._executor = executor
        self._publish = publish
        self._changed = asyncio.Event()
        self._saved = False
        self._focus = ""  # the environment whose values were edited last
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
        self._changed.set()

    def stop(self) -> None:
        """Stop the analyses."""
        self._task.cancel()

    async def _run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not await self._step(partial(self._workspace.analyse, focus=self._focus)):
                continue
            tools, self._saved = self._saved, False
            try:
                await asyncio.wait_for(self._changed.wait(), 0 if tools else _IDLE)
            except TimeoutError:
                if await self._step(partial(self._workspace.examine, tools=tools)):
                    self.settled.set()
            else:
                self._saved = tools

    async def _step(self, step: Callable[[Callable[[], bool]], Snapshot]) -> bool:
        """Run a part of the analysis; publish what it found, unless newer texts have arrived."""
        generation = self._workspace.generation

        def is_stale() -> bool:
            return self._workspace.generation != generation

        loop = asyncio.get_running_loop()
        try:
            snapshot = await loop.run_in_executor(self._executor, step, is_stale)
        except StaleError:
            return False
        except Exception:  # the editor goes on with what was known before
            _log.exception("the analysis failed")
            return not is_stale()
        if is_stale():
            return False
        self._publish(snapshot)
        return True
