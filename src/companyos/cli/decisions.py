"""`companyos decisions replay`: does every stored decision still follow from what was frozen with it?"""

from __future__ import annotations

import argparse

from companyos.cli.ground import stand_on


def replay_decisions(options: argparse.Namespace) -> int:
    """Replay all decisions and print those that come out differently; 0 when none does, 1 otherwise."""
    lock = stand_on(options.data)
    try:
        from companyos.adoption.rollouts.queries import replay_all

        replayed = replay_all()
    finally:
        lock.release()
    others = [each for each in replayed if not each.replay.agrees]
    for each in others:
        print(f"{each.at:%Y-%m-%d %H:%M} {each.plan} {each.move} {each.id}: {each.replay.because}")
    print(f"{len(replayed) - len(others)} of {len(replayed)} decisions come out the same.")
    return 1 if others else 0
