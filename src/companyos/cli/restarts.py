"""A child process that is kept running: started again when it ends, each time a little later."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

READY = b"R"
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, STEADY_SECONDS = 0.5, 30.0, 60.0
_STOPS_WITHIN_SECONDS = 2.0


def wait_before_restart(failures: int) -> float:
    """Return the seconds to wait before the next start, after so many failures one after the other."""
    return float(min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** min(failures, 16)))


class Kept:
    """Keeps one command running in a process of its own, from a thread of this one.

    The child gets one end of a socket as `--bell-fd`: it says there when it is ready, hears there what `heard`
    makes of the other end, and learns from its end that we are gone.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        inherits: Sequence[int],
        heard: Callable[[socket.socket], None],
        gave_up: Callable[[int], bool],
    ) -> None:
        self.is_up = False
        self._command, self._inherits, self._heard, self._gave_up = command, inherits, heard, gave_up
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="keeps-a-child", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def stop(self) -> None:
        """Tell the child to stop, and start it no more. Returns at once; may be called from a signal handler."""
        if not self._stopping.is_set():  # a second signal would break off its own stopping
            self._stopping.set()
            self._signal(signal.SIGINT)

    def ended(self) -> None:
        """Wait for the end of the child; kill one that does not end."""
        self._thread.join(_STOPS_WITHIN_SECONDS)
        if self._thread.is_alive():
            self._signal(signal.SIGKILL)
            self._thread.join()

    def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            code = self._run()
            if self._stopping.is_set() or self._gave_up(code):
                return
            failures = 0 if time.monotonic() - began > STEADY_SECONDS else failures
            wait = wait_before_restart(failures)
            failures += 1
            print(
                f"companyos: the pages' process ended ({code}); it starts again in {wait:.1f} s.",
                file=sys.stderr,
            )
            self._stopping.wait(wait)

    def _run(self) -> int:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            command = [*self._command, "--bell-fd", str(theirs.fileno())]
            inherits = [*self._inherits, theirs.fileno()]
            self._process = subprocess.Popen(command, pass_fds=inherits, start_new_session=True)  # noqa: S603
            theirs.close()
            if self._stopping.is_set():  # the signal to stop came before there was a child to tell
                self._signal(signal.SIGINT)
            self._heard(ours)
            while said := _hear(ours):
                self.is_up = self.is_up or READY in said
            self.is_up = False
            return self._process.wait()

    def _signal(self, number: int) -> None:
        if (pid := self.pid) is not None:
            os.kill(pid, number)


def _hear(end: socket.socket) -> bytes:
    select.select([end], [], [])
    try:
        return end.recv(64)
    except OSError:
        return b""
