"""A daemon thread with an event loop of its own, for what a program does beside its work.

It never ends on its own: what fails is said in the log and begun anew after a pause.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable

from companyos_sdk.backoff import pause

_log = logging.getLogger(__name__)


class Background:
    """Runs `work` until it is stopped."""

    def __init__(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._ready = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._main, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def soon(self, act: Callable[[], object]) -> None:
        """Do something in the thread's event loop. May be called from any thread."""
        loop = self._loop
        if loop is None:
            return
        try:
            loop.call_soon_threadsafe(act)
        except RuntimeError:  # the loop has ended
            return

    def stop(self, *, within: float) -> None:
        """Cancel the work and wait for its thread, but no longer than `within` seconds."""
        self._stopping = True
        self._ready.wait(within)
        if self._task is not None:
            self.soon(self._task.cancel)
        if self._thread.is_alive() and threading.current_thread() is not self._thread:
            self._thread.join(within)

    def _main(self) -> None:
        try:
            asyncio.run(self._forever())
        except asyncio.CancelledError:
            return
        except Exception:
            _log.exception("the thread %s ended", self._thread.name)
        finally:
            self._ready.set()

    async def _forever(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        self._ready.set()
        failures = 0
        while not self._stopping:
            try:
                await self._work()
            except Exception:
                _log.exception("%s failed and begins anew", self._thread.name)
            failures += 1
            await asyncio.sleep(pause(failures, longest=30.0))
