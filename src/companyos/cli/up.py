"""`companyos up`: the real instance on wall-clock time; and the server side of a rehearsal."""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from companyos.cli.ground import stand_on
from companyos.cli.program import read_program

if TYPE_CHECKING:
    from companyos.cli.process import Process
    from companyos.surfaces.program.types import Program


KEYS, KEYS_BEFORE = "keys.json", "keys-before.json"


def serve_instance(options: argparse.Namespace) -> int:
    """Serve the real instance until Ctrl-C."""
    from companyos.kernel.clock import WallClock

    program = read_program(options.program)
    lock = stand_on(options.data)
    try:
        from companyos.cli.process import alone
        from companyos.cli.serving import TURN_SECONDS, listening_on
        from companyos.surfaces.edge.throttle import Rate

        listening_on(options.port).close()
        sys.setswitchinterval(TURN_SECONDS)
        clock = WallClock()
        prepare(program, clock.now())
        process = alone(options.data, program, clock, rehearsal=False, rate=Rate.of(options.rate))
        token = sign_in_token(program, clock.now())

        def say(port: int) -> None:
            print(f"CompanyOS runs on http://127.0.0.1:{port}")
            print(f"Sign in once with http://127.0.0.1:{port}/sign-in/{token}   (Ctrl-C stops)", flush=True)

        serve(process, options.port, said=say, sync_port=options.sync_port)
    finally:
        lock.release()
    return 0


def serve_rehearsal(options: argparse.Namespace) -> int:
    """Serve a rehearsal on a virtual clock; the driver reads `keys.json` in its data directory.

    `options.again` is a time of the rehearsal: one whose server died goes on there, with the keys it had.
    """
    from companyos.kernel.clock import VirtualClock

    program = read_program(options.program)
    lock = stand_on(options.data)
    try:
        from companyos.cli.process import alone

        if options.again:
            clock, keys = VirtualClock(options.again), json.loads((options.data / KEYS_BEFORE).read_text())
        else:
            clock = VirtualClock(program.company.baseline_starts.astimezone(UTC))
            keys = _rehearsal_keys(program, clock.now())
        process = alone(options.data, program, clock, rehearsal=True)

        def say(port: int) -> None:
            _keep_private(options.data / KEYS, {**keys, "url": f"http://127.0.0.1:{port}"})

        serve(process, options.port, clock_key=str(keys["clock_key"]), said=say)
    finally:
        lock.release()
    return 0


def serve(
    process: Process,
    port: int,
    *,
    clock_key: str = "",
    said: Callable[[int], None],
    sync_port: int | None = None,
) -> None:
    """Serve until a signal; `said` is called with the port once it listens. Raises Mistake for a busy port."""
    from companyos.cli.fronts import Front
    from companyos.cli.serving import Server, listening_on
    from companyos.cli.sync_port import sync_on

    try:
        listener = listening_on(port)
        with sync_on(sync_port, process.own_edge):
            said(listener.getsockname()[1])
            process.start_workers()
            began = process.own_edge.begin
            Server(Front(process, clock_key), process.close_streams, began).serve_on(listener)
    finally:
        process.close()


def prepare(program: Program, now: datetime) -> None:
    """Make the instance what the program files say."""
    from companyos.surfaces.program.apply import apply

    apply(program, now=now)


def sign_in_token(program: Program, now: datetime) -> str:
    """Return a token that signs in the lead of the first plan, once."""
    from companyos.people.identity import actions as identity

    return identity.make_sign_in_link(person=program.plans[0].lead, now=now)


def _rehearsal_keys(program: Program, now: datetime) -> dict[str, object]:
    """Issue this run's own keys: the clock's, the product's server key, one for every person."""
    from django.db import transaction

    from companyos.adoption.flags import actions as flags
    from companyos.people.identity import actions as identity
    from companyos.people.identity.domain.types import Scope

    prepare(program, now)
    with transaction.atomic():
        server = identity.issue_key(
            actor="program",
            label="rehearsed product",
            scopes=[Scope.EVALUATE, Scope.SYNC, Scope.INGEST, Scope.SERVING],
            tenants=["*"],
            now=now,
        )
        people = identity.issue_personal_keys(
            actor="program", people=[p.slug for p in program.people], now=now
        )
        flags.new_ruleset(actor="program", because="keys of this rehearsal", now=now)
    return {
        "clock_key": secrets.token_urlsafe(24),
        "server_key": server,
        "people": people,
        "sign_in": identity.make_sign_in_link(person=program.plans[0].lead, now=now, lasts_days=365),
    }


def _keep_private(path: Path, content: dict[str, object]) -> None:
    """Write a file with secrets that only its owner can read."""
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(content))
    fresh.replace(path)  # whoever waits for the file reads all of it
