"""The peer gbstats in its own environment: it needs numpy<2, which the product's cannot have beside chDB."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_HERE = Path(__file__).parent / "peers"
_VENV = _HERE / ".venv"
_PYTHON = _VENV / "bin" / "python"
_LOCK = _HERE / "gbstats.txt"


def prepared() -> str:
    """Make the environment when there is none; return why the peer is skipped, or nothing when it is ready."""
    stamp = _VENV / ".installed"
    if stamp.exists() and stamp.stat().st_mtime >= _LOCK.stat().st_mtime:
        return ""
    python = sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11")
    if python is None:
        return "gbstats needs Python 3.11 (its pandas<2), and none is installed"
    uv = Path(sys.executable).with_name("uv")
    for command in (
        [python, "-m", "venv", _VENV],
        [uv, "pip", "install", "--quiet", "--python", _PYTHON, "--require-hashes", "-r", _LOCK],
    ):
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            return f"gbstats could not be installed: {done.stderr.strip().splitlines()[-1:]}"
    stamp.touch()
    return ""


class Peer:
    """A running peer process; one line per stream."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [_PYTHON, _HERE / "gbstats_peer.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.version = self._read()

    def first_alarm(self, looks: Sequence[Sequence[float]]) -> int | None:
        """Return the look at which the exposed are worse for certain; a look is tasks and errors of both sides."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps(looks) + "\n")
        self._process.stdin.flush()
        found = self._read()
        return None if found is None else int(found)

    def _read(self) -> object:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())
