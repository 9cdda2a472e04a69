"""The new path runs beside the old one on real cases, until the difference is explained.

    shadow = Shadow("approvals.route", feature="unified-approvals", mode=flags_mode(flags, "approvals-path"))

    @shadow.beside(new_route)
    def old_route(request): ...

The side with authority always answers. The other one runs in a bounded pool of its own, is refused side effects, and
whatever it does reaches nobody but the report. `docs/shadow.md` says which pool promises what.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from companyos_sdk.shadow.api import Shadow
    from companyos_sdk.shadow.asgi import AsgiMirror
    from companyos_sdk.shadow.breaker import Breaker
    from companyos_sdk.shadow.carry import SHARED
    from companyos_sdk.shadow.comparing import Difference, compare
    from companyos_sdk.shadow.guard import Guard, ReadOnly, RolledBack, SideEffectRefused
    from companyos_sdk.shadow.inline import Inline
    from companyos_sdk.shadow.modes import Mode, flags_mode, flags_share, release_mode
    from companyos_sdk.shadow.outcome import Mismatch
    from companyos_sdk.shadow.pool import ThreadPool
    from companyos_sdk.shadow.processes import ProcessPool
    from companyos_sdk.shadow.redaction import Redaction
    from companyos_sdk.shadow.replay import Replay
    from companyos_sdk.shadow.rules import Rules, Tolerance
    from companyos_sdk.shadow.wsgi import WsgiMirror

_HOMES = {
    "AsgiMirror": "asgi",
    "Breaker": "breaker",
    "Difference": "comparing",
    "Guard": "guard",
    "Inline": "inline",
    "Mismatch": "outcome",
    "Mode": "modes",
    "ProcessPool": "processes",
    "ReadOnly": "guard",
    "Redaction": "redaction",
    "Replay": "replay",
    "RolledBack": "guard",
    "Rules": "rules",
    "SHARED": "carry",
    "Shadow": "api",
    "SideEffectRefused": "guard",
    "ThreadPool": "pool",
    "Tolerance": "rules",
    "WsgiMirror": "wsgi",
    "compare": "comparing",
    "flags_mode": "modes",
    "flags_share": "modes",
    "release_mode": "modes",
}

__all__ = [
    "SHARED",
    "AsgiMirror",
    "Breaker",
    "Difference",
    "Guard",
    "Inline",
    "Mismatch",
    "Mode",
    "ProcessPool",
    "ReadOnly",
    "Redaction",
    "Replay",
    "RolledBack",
    "Rules",
    "Shadow",
    "SideEffectRefused",
    "ThreadPool",
    "Tolerance",
    "WsgiMirror",
    "compare",
    "flags_mode",
    "flags_share",
    "release_mode",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
