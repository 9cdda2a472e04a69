"""`companyos doctor`: checks only, changes nothing."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from companyos.cli.commands import Mistake
from companyos.cli.program import read_program

_NEEDED_BYTES = 1 << 30


def examine(options: argparse.Namespace) -> int:
    """Print what is well and what is not; 0 when everything is well, 1 otherwise."""
    findings = list(_findings(options.data, options.program))
    for well, words in findings:
        print(f"{'ok  ' if well else 'BAD '} {words}")
    return 0 if all(well for well, _ in findings) else 1


def _findings(data: Path, program: Path) -> Iterator[tuple[bool, str]]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield sys.version_info >= (3, 11), f"Python {version} (3.11 or newer is needed)"
    yield _engine()
    where = data if data.exists() else data.resolve().parent
    yield os.access(where, os.W_OK), f"data directory {data} can be written"
    free = shutil.disk_usage(where).free
    yield free > _NEEDED_BYTES, f"{free / 1e9:.1f} GB free (1 GB is needed)"
    yield _program(program)


def _engine() -> tuple[bool, str]:
    try:
        import chdb
    except ImportError as error:
        return False, f"the event engine cannot be loaded: {error}; run `make setup`"
    return True, f"event engine {chdb.__version__}"


def _program(folder: Path) -> tuple[bool, str]:
    try:
        read_program(folder)
    except Mistake as mistake:
        return False, str(mistake)
    return True, f"program files in {folder} are sound"
