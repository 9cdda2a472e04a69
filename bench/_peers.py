"""An environment of its own for a benchmark's peers, made on demand from a hashed list, so that none is needed else."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parent


class NoPeers(Exception):
    """The peers cannot be installed here; says why."""


def python_with(name: str) -> Path:
    """The interpreter of the environment that `peers-NAME.txt` describes. Raises NoPeers."""
    locked = BENCH / f"peers-{name}.txt"
    folder = BENCH / f".peers-{name}-{hashlib.sha256(locked.read_bytes()).hexdigest()[:12]}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"installing the peers of {locked.name} (once)", flush=True)
        _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)])
        uv = Path(sys.executable).with_name("uv")
        _run(
            [str(uv), "pip", "install", "-q", "--python", str(python), "--require-hashes", "-r", str(locked)]
        )
        (folder / "complete").touch()
    return python


def _run(command: list[str]) -> None:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as problem:
        raise NoPeers(str(problem)) from None
    if ran.returncode:
        raise NoPeers((ran.stderr.strip().splitlines() or ["no reason given"])[-1])
