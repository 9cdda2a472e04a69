"""`companyos mail-in < message.eml`: one mail from a mail server's pipe becomes a case, or words in one.

The exit code tells the mail server what to do (sysexits.h): 0 taken, or nothing for a person; 77 refused, and it may
tell the sender what was printed; 75 try again later.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from companyos.cli.commands import Mistake
from companyos.cli.ground import standing_beside

REFUSED, AGAIN = 77, 75


def mail_in(options: argparse.Namespace) -> int:
    """Take the mail on standard input and say what came of it."""
    with standing_beside(options.data):
        from django.db import OperationalError

        from companyos.platform.instance import instance
        from companyos.work.mailroom import actions
        from companyos.work.mailroom.domain.letters import MOST_BYTES

        instance().folder = options.data
        content = sys.stdin.buffer.read(MOST_BYTES + 1)
        if not content.strip():
            raise Mistake("there is no mail on standard input: companyos mail-in < message.eml")
        try:
            case = actions.take_letter(content=content, now=datetime.now(UTC))
        except actions.Ignored as why:
            print(f"Ignored: {why}.")
            return 0
        except actions.NotTaken as why:
            print(f"companyos: {why}", file=sys.stderr)
            return REFUSED
        except OperationalError as problem:
            print(f"companyos: not now: {problem}", file=sys.stderr)
            return AGAIN
    print(f"Case {case}.")
    return 0
