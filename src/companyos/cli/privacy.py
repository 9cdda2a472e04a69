"""How this instance treats what it is sent about people, as its environment says."""

from __future__ import annotations

import os

from companyos.analytics.intake.privacy import Privacy
from companyos.cli.commands import Mistake


def privacy_asked_for() -> Privacy:
    """Return the settings of pseudonyms and properties. Raises Mistake when they protect nobody."""
    try:
        return Privacy.told_by(os.environ)
    except ValueError as problem:
        raise Mistake(str(problem)) from None
