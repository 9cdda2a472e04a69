"""How this instance treats what it is sent, as its environment says: people, properties, and from where."""

from __future__ import annotations

import os
import re

from companyos.analytics.intake.privacy import Privacy
from companyos.cli.commands import Mistake

REGION = "COMPANYOS_REGION"


def region_asked_for() -> str:
    """Return the region this edge stands in, or nothing. Raises Mistake for what no tenant's region can be."""
    region = os.environ.get(REGION, "")
    if region and not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", region):
        raise Mistake(
            f"{REGION} is {region!r}; a region is written as in program/tenants.yaml, like eu-west."
            " Nothing was started; correct it, or unset it to take events of every region."
        )
    return region


def privacy_asked_for() -> Privacy:
    """Return the settings of pseudonyms and properties. Raises Mistake when they protect nobody."""
    try:
        return Privacy.told_by(os.environ)
    except ValueError as problem:
        raise Mistake(str(problem)) from None
