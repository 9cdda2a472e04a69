"""`companyos up`: the real instance on wall-clock time; and the server side of a rehearsal."""

from __future__ import annotations

import argparse
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from companyos.cli.ground import stand_on
from companyos.cli.program import read_program

if TYPE_CHECKING:
    from companyos.surfaces.program.types import Program


def serve_instance(options: argparse.Namespace) -> int:
    """Serve the real instance until Ctrl-C."""
    from companyos.kernel.clock import WallClock

    program = read_program(options.program)
    lock = stand_on(options.data)
    try:
        from companyos.cli.process import Process, listening_on, serve
        from companyos.people.identity import actions as identity

        listening_on(options.port).close()
        clock = WallClock()
        _prepare(program, clock.now())
        process = Process(options.data, program, clock, rehearsal=False)
        token = identity.make_sign_in_link(person=program.plans[0].lead, now=clock.now())

        def say(port: int) -> None:
            print(f"CompanyOS runs on http://127.0.0.1:{port}")
            print(f"Sign in once with http://127.0.0.1:{port}/sign-in/{token}   (Ctrl-C stops)", flush=True)

        serve(process, options.port, said=say)
    finally:
        lock.release()
    return 0


def serve_rehearsal(options: argparse.Namespace) -> int:
    """Serve a rehearsal on a virtual clock; the driver reads `keys.json` in its data directory."""
    from companyos.kernel.clock import VirtualClock

    program = read_program(options.program)
    lock = stand_on(options.data)
    try:
        from companyos.cli.process import Process, keep_private, serve

        starts = program.company.baseline_starts.astimezone(UTC)
        clock = VirtualClock(starts)
        keys = _rehearsal_keys(program, starts)
        process = Process(options.data, program, clock, rehearsal=True)

        def say(port: int) -> None:
            keep_private(options.data / "keys.json", {"url": f"http://127.0.0.1:{port}", **keys})

        serve(process, options.port, clock_key=str(keys["clock_key"]), said=say)
    finally:
        lock.release()
    return 0


def _prepare(program: Program, now: datetime) -> None:
    from companyos.surfaces.program.apply import apply

    apply(program, now=now)


def _rehearsal_keys(program: Program, now: datetime) -> dict[str, object]:
    """Issue this run's own keys: the clock's, the product's server key, one for every person."""
    from django.db import transaction

    from companyos.adoption.flags import actions as flags
    from companyos.people.identity import actions as identity
    from companyos.people.identity.domain.types import Scope

    _prepare(program, now)
    with transaction.atomic():
        server = identity.issue_key(
            label="rehearsed product",
            scopes=[Scope.EVALUATE, Scope.INGEST, Scope.SERVING],
            tenants=["*"],
            now=now,
        )
        people = identity.issue_personal_keys(people=[p.slug for p in program.people], now=now)
        flags.new_ruleset(actor="program", because="keys of this rehearsal", now=now)
    return {
        "clock_key": secrets.token_urlsafe(24),
        "server_key": server,
        "people": people,
        "sign_in": identity.make_sign_in_link(person=program.plans[0].lead, now=now, lasts_days=365),
    }


def rehearsal_folder(data: Path, name: str) -> Path:
    return data / "rehearsals" / name
