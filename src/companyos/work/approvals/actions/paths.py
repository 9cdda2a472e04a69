"""On which path a person's new request begins. The flag lies in a room above; the process wires it in."""

from __future__ import annotations

from collections.abc import Callable

from companyos.work.approvals.domain.types import Path

Chooser = Callable[[str, str], bool]


def _everybody_on_the_existing_path(person: str, tenant: str) -> bool:
    return False


_CHOOSER: list[Chooser] = [_everybody_on_the_existing_path]


def choose_paths_with(is_unified: Chooser | None) -> None:
    """Ask `is_unified(person, tenant)` for each new request; None puts everybody on the existing path."""
    _CHOOSER[:] = [is_unified or _everybody_on_the_existing_path]


def path_of(person: str, tenant: str) -> Path:
    return Path.UNIFIED if _CHOOSER[0](person, tenant) else Path.EXISTING
