"""The edge as a process of its own on the wall's clock: for real clients, which stamp what they send.

usage: as edge_process.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import edge_process

from companyos.kernel.clock import WallClock

if __name__ == "__main__":
    edge_process.VirtualClock = lambda _: WallClock()  # type: ignore[attr-defined, assignment, misc]
    edge_process.main(Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "drain")
