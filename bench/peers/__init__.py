"""What we are measured beside: each peer has hashed requirements of its own and an environment made on demand.

`bench/peers/NAME.txt` is compiled from `NAME.in` by `make lock`'s command; nothing of it enters the product.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_HERE = Path(__file__).parent


def python_of(peer: str) -> str:
    """The interpreter of the peer's environment; makes it where it is missing or its lock has changed."""
    lock, home = _HERE / f"{peer}.txt", _HERE.parent / ".peers" / peer
    python, stamp = home / "bin" / "python", home / "lock"
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True)
        install = [
            *uv,
            "pip",
            "install",
            "--quiet",
            "--python",
            str(python),
            "--require-hashes",
            "-r",
            str(lock),
        ]
        subprocess.run(install, check=True)
        stamp.write_bytes(lock.read_bytes())
    return str(python)
