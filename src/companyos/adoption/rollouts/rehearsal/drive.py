"""Drives one rehearsal against a server, from its order to its report."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from companyos.adoption.rollouts.rehearsal.client import NoAnswer, open_client
from companyos.adoption.rollouts.rehearsal.order import DriveFailed, Keys, Order, Outcome, Progress
from companyos.adoption.rollouts.rehearsal.profile import fit
from companyos.adoption.rollouts.rehearsal.report import report_of
from companyos.adoption.rollouts.rehearsal.run import Run
from companyos.adoption.rollouts.rehearsal.xes import read_log


async def drive(
    order: Order,
    keys: Keys,
    *,
    say: Callable[[Progress], None],
    peak_rss_mb: Callable[[], float] | None = None,
    again: Callable[[datetime], None] | None = None,
) -> Outcome:
    """Run one rehearsal against the server of `keys` and return its report.

    `say` hears every working day and every act of people. `peak_rss_mb` is asked once, at the end, for the
    highest memory of all processes together, in MB. `again` starts a server that died
    (`controller-crash`), at a time of the rehearsal. Raises BadLog for a log that cannot be replayed, and DriveFailed
    when the server does not answer or refuses what it must take.
    """
    began = time.monotonic()
    log = read_log(order.log) if order.log else None
    profile = fit(log, source=log.name) if log else order.profile
    try:
        async with open_client(keys.url) as client:
            run = Run(order, keys, client, log, profile, say, again)
            ran = await run.to_the_end()
    except NoAnswer as error:
        raise DriveFailed(
            f"The rehearsal's server stopped answering: {error}. What it received is kept in its data "
            "directory; its log says why it stopped. Start the rehearsal again with the same seed."
        ) from error
    wall = round(time.monotonic() - began, 2)
    return Outcome(report_of(ran, wall_seconds=wall, peak_rss_mb=peak_rss_mb() if peak_rss_mb else None))
