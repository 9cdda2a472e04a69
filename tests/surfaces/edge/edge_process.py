"""The edge with a drain beside it, as a process of its own: for tests that kill it or fill its disk.

usage: edge_process.py FOLDER LARGEST_FILE_BYTES|- drain|no-drain     (writes its port to FOLDER/port)
"""

from __future__ import annotations

import resource
import socket
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from companyos.analytics.drain import Drain
from companyos.analytics.engine import open_engine
from companyos.analytics.inbox import DuplicateWindow, InboxLog
from companyos.kernel.clock import VirtualClock
from companyos.surfaces.edge import Edge


class Server(uvicorn.Server):
    edge: Edge

    def handle_exit(self, sig: int, frame: object) -> None:
        self.edge.close_streams()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]


def main(folder: Path, largest: str, drains: bool) -> None:
    if largest != "-":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), resource.RLIM_INFINITY))
    clock = VirtualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    inbox = InboxLog(folder / "inbox")
    window = DuplicateWindow.rebuilt(inbox, clock)
    edge = Edge(rulesets=folder / "edge", inbox=inbox, window=window, clock=clock)
    edge.reload()
    stop = threading.Event()
    worker = threading.Thread(target=drain, args=(inbox, folder, stop))
    if drains:
        worker.start()
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(edge, lifespan="off", ws="none", log_level="warning", access_log=False)
    server = Server(config)
    server.edge = edge
    note = folder / "port.new"
    note.write_text(str(listener.getsockname()[1]))
    note.replace(folder / "port")
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        if drains:
            worker.join()
        inbox.close()


def drain(inbox: InboxLog, folder: Path, stop: threading.Event) -> None:
    engine = open_engine(folder / "engine")
    Drain(inbox, engine, folder / "drain").follow(stop, pause=0.02)
    engine.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "drain")
