"""Flags in your own program: `CompanyOSProvider` for OpenFeature, `Flags` for speed, `Telemetry` for exposure.

Each is loaded when it is first asked for, so that importing this package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from companyos_sdk.evaluator import FlagSet
    from companyos_sdk.facade import Flags
    from companyos_sdk.provider import CompanyOSProvider
    from companyos_sdk.telemetry import ExposureHook, Telemetry

_HOMES = {
    "CompanyOSProvider": "provider",
    "ExposureHook": "telemetry",
    "FlagSet": "evaluator",
    "Flags": "facade",
    "Telemetry": "telemetry",
}

__all__ = ["CompanyOSProvider", "ExposureHook", "FlagSet", "Flags", "Telemetry"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
