"""Which side answers, and whether the other one runs: read from a flag, call by call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from companyos_sdk.evaluator import FlagType

if TYPE_CHECKING:
    from companyos_sdk.facade import Flags

Context = Mapping[str, Any]


class Mode(StrEnum):
    """The way from the old path to the new one. Values are the variants of the flag."""

    OFF = "off"  # the old path alone
    SHADOW = "shadow"  # the old path answers; the new one runs beside it, without side effects
    DUAL_RUN = "dual-run"  # the old path answers; the new one runs for real, side effects and all
    SWITCHED = "switched"  # the new path alone
    REVERSE_SHADOW = (
        "reverse-shadow"  # the new path answers; the old one runs beside it, without side effects
    )

    def __init__(self, variant: str) -> None:
        """Know at once what every call asks: a property of an enum costs the caller some microseconds."""
        self.new_answers = variant in {"switched", "reverse-shadow"}
        self.runs_both = variant not in {"off", "switched"}
        self.is_guarded = variant != "dual-run"  # the side that does not answer is kept from side effects


_MODES = {str(mode): mode for mode in Mode}
_RELEASED = {**_MODES, "on": Mode.SWITCHED}

ReadMode = Callable[[Context], Mode]
ReadShare = Callable[[Context], float]


def flags_mode(flags: Flags, key: str, default: Mode = Mode.OFF) -> ReadMode:
    """Read the mode from a string flag. A missing flag, or a variant that is no mode, is the default."""
    ask = flags.asking(FlagType.STRING, key)

    def read(context: Context) -> Mode:
        return _MODES.get(ask(context).value, default)

    return read


def release_mode(flags: Flags, key: str, default: Mode = Mode.OFF) -> ReadMode:
    """Read the mode from a release flag: its value says who answers, its variant whether the other side runs too.

    A rollout that begins a stage in shadow serves `shadow` to the stage's people, and `on` once it switches them over.
    """

    ask = flags.asking(FlagType.BOOLEAN, key)

    def read(context: Context) -> Mode:
        variant = ask(context).variant
        return default if variant is None else _RELEASED.get(variant, default)

    return read


def flags_share(flags: Flags, key: str, default: float = 0.0) -> ReadShare:
    """Read the share of calls that are compared, 0 to 1, from a number flag."""
    ask = flags.asking(FlagType.FLOAT, key)

    def read(context: Context) -> float:
        details = ask(context)
        return default if details.variant is None else details.value

    return read
