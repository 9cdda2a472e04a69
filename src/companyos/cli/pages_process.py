"""`companyos serve-pages`: the pages and the worker, as the child of the process that owns port and inbox log."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from companyos.analytics.folder_lock import FolderInUse
from companyos.cli.ground import migrate, use_django
from companyos.cli.program import read_program
from companyos.cli.restarts import READY

_LAST_SECONDS = 3.0
_GIVES_WAY = (
    10  # where processors are short, acknowledgements and flags go before the drain, the merges and the pages
)


def serve_pages(options: argparse.Namespace) -> int:
    """Serve until our parent says stop, or is gone. 1 asks for another start."""
    try:
        return _serve(options)
    except KeyboardInterrupt:
        return 0  # told to stop before it had begun
    except BrokenPipeError:
        return 1  # our parent is gone, and with it whoever reads what we print
    except FolderInUse as in_use:
        print(f"companyos: {in_use}", file=sys.stderr)
        return 1  # the pages of an edge that was killed are still leaving


def _give_way() -> None:
    """Step back behind whoever acknowledges. Linux weighs sessions first and niceness only within one (autogroup)."""
    os.nice(_GIVES_WAY)
    with suppress(OSError):  # another system, or a kernel without it
        Path("/proc/self/autogroup").write_text(str(_GIVES_WAY))


def _serve(options: argparse.Namespace) -> int:
    from companyos.kernel.clock import WallClock

    _give_way()
    program = read_program(options.program)
    use_django(options.data)
    migrate()

    from companyos.analytics.inbox import InboxReader
    from companyos.cli.fronts import Pages
    from companyos.cli.process import Process
    from companyos.cli.serving import Server
    from companyos.cli.up import prepare, sign_in_token

    clock = WallClock()
    prepare(program, clock.now())
    bell = socket.socket(fileno=options.bell_fd)
    inbox = InboxReader(options.data / "inbox", bell, _leave)
    process = Process(options.data, program, clock, inbox)
    token = sign_in_token(program, clock.now())
    print(f"Sign in once with http://127.0.0.1:{options.port}/sign-in/{token}", flush=True)
    process.start_workers()
    try:
        server = Server(Pages(process), process.close_streams)
        bell.send(READY)
        server.serve_on(socket.socket(fileno=options.listen_fd))
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is stopping already
        process.close()
    return 0


def _leave() -> None:
    """Our parent is gone, and with it whoever asked us: stop as for Ctrl-C, and stop for certain."""
    last = threading.Timer(_LAST_SECONDS, lambda: os._exit(1))
    last.daemon = True
    last.start()
    os.kill(os.getpid(), signal.SIGINT)
