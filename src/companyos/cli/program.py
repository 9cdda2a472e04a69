"""`companyos apply` and `companyos plan`: program files against the instance."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from companyos.cli.commands import Mistake
from companyos.cli.ground import stand_on

if TYPE_CHECKING:
    from companyos.surfaces.program.types import Program


def read_program(folder: Path) -> Program:
    """Load and check the program files. Raises Mistake with every problem and its line."""
    from companyos.surfaces.program.load import BadProgram, load_program

    try:
        return load_program(folder)
    except BadProgram as bad:
        problems = "\n".join(f"  {p.file}:{p.line}: {p.message}" for p in bad.problems)
        raise Mistake(f"the program files cannot be used; nothing was changed.\n{problems}") from None


def apply_program(options: argparse.Namespace) -> int:
    from companyos.kernel.clock import WallClock

    program = read_program(options.program)
    lock = stand_on(options.data)
    try:
        from companyos.surfaces.program.apply import apply

        changes = _or_mistake(lambda: apply(program, now=WallClock().now()))
    finally:
        lock.release()
    print("\n".join(f"  {change}" for change in changes) or "Nothing to change.")
    return 0


def plan_program(options: argparse.Namespace) -> int:
    from companyos.kernel.clock import WallClock

    program = read_program(options.program)
    lock = stand_on(options.data)
    try:
        from companyos.surfaces.program.apply import preview

        changes = _or_mistake(lambda: preview(program, now=WallClock().now()))
    finally:
        lock.release()
    print("\n".join(f"  would change {change}" for change in changes) or "Nothing would change.")
    return 0


def _or_mistake(work: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """Do the work; what a room refuses is a person's mistake, and nothing was changed."""
    from companyos.adoption.flags.domain.refusals import Refused as FlagRefused
    from companyos.adoption.rollouts.actions import Refused as RolloutRefused

    try:
        return work()
    except (FlagRefused, RolloutRefused) as refusal:
        raise Mistake(f"the program cannot be applied; nothing was changed. {refusal}") from None
