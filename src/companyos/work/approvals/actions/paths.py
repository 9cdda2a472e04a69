"""On which path a person's new request begins. The flag lies in a room above; the process wires it in."""

from __future__ import annotations

from collections.abc import Callable

from companyos.work.approvals.domain.types import Path

Chooser = Callable[[str], bool]


def _everybody_on_the_existing_path(person: str) -> bool:
    return False


_CHOOSER: list[Chooser] = [_everybody_on_the_existing_path]


def choose_paths_with(is_unified: Chooser | None) -> None:
    """Ask `is_unified(person)` for each new request; None puts everybody on the existing path."""
    _CHOOSER[:] = [is_unified or _everybody_on_the_existing_path]


def path_of(person: str) -> Path:
    return Path.UNIFIED if _CHOOSER[0](person) else Path.EXISTING
