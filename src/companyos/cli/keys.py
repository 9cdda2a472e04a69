"""`companyos keys issue | list | revoke`: the keys of programs, beside a running instance or without one."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import TYPE_CHECKING

from companyos.cli.commands import Mistake
from companyos.cli.ground import standing_beside

if TYPE_CHECKING:
    from companyos.people.identity.domain.types import KeyRow

_ACTOR = "operator"  # whoever has a shell on the machine


def manage_keys(options: argparse.Namespace) -> int:
    """Carry out one `keys` command. A running edge hears of it by the published files."""
    from companyos.kernel.clock import WallClock

    with standing_beside(options.data):
        from companyos.people.identity.actions import KeyRefused

        try:
            {"issue": _issue, "list": _list, "revoke": _revoke}[options.does](options, WallClock().now())
        except KeyRefused as refusal:
            raise Mistake(str(refusal)) from None
    return 0


def _issue(options: argparse.Namespace, now: datetime) -> None:
    from companyos.people.identity.domain.types import KeyKind, Scope
    from companyos.surfaces.api.keys import issue_and_publish

    key = issue_and_publish(
        actor=_ACTOR,
        label=options.label,
        kind=KeyKind(options.kind),
        scopes=[Scope(scope) for scope in options.scope or ["evaluate"]],
        tenants=options.tenant,
        origins=options.origin,
        now=now,
        folder=options.data / "edge",
    )
    print(key)
    print("This is the only time it is shown; only its hash is kept.")


def _list(options: argparse.Namespace, now: datetime) -> None:
    from companyos.people.identity.queries import program_keys

    rows = program_keys()
    print("\n".join(map(_line, rows)) or "There are no keys. `companyos keys issue` makes one.")


def _line(row: KeyRow) -> str:
    whose = ",".join(row.tenants)
    state = f"revoked {row.revoked_at:%Y-%m-%d} by {row.revoked_by}" if row.revoked_at else "live"
    return f"{row.id}  {row.kind:<8} {','.join(row.scopes):<28} {whose:<16} {state:<10} {row.label}"


def _revoke(options: argparse.Namespace, now: datetime) -> None:
    from companyos.surfaces.api.keys import revoke_and_publish

    was_live = revoke_and_publish(
        actor=_ACTOR, key_id=options.id, because=options.because, now=now, folder=options.data / "edge"
    )
    print("Revoked; a running edge refuses it within a second." if was_live else "It was revoked before.")
