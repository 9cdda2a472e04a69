"""Flag sets and flags as the program's files have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from companyos.adoption.flags import queries
from companyos.adoption.flags.actions.saving import save
from companyos.adoption.flags.domain.change import PROGRAM, Step, judged
from companyos.adoption.flags.domain.types import FlagSpec, FlagState, SetSpec
from companyos.adoption.flags.models import Flag, FlagSetting


def keep_set(spec: SetSpec) -> bool:
    """Create or correct a flag set; says whether anything changed."""
    row = {
        "fractional": str(spec.fractional),
        "prerelease_in": list(spec.prerelease_in),
        "leads": list(spec.leads),
    }
    if FlagSetting.objects.filter(pk=spec.name).values(*row).first() == row:
        return False
    FlagSetting.objects.update_or_create(name=spec.name, defaults=row)
    return True


def keep_flag(*, key: str, feature: str, owner: str = "", now: datetime) -> bool:
    """Create a flag that is off for everybody; says whether it is new."""
    if Flag.objects.filter(pk=key).exists():
        return False
    spec = FlagSpec(key, key.replace(".", " ").replace("-", " ").capitalize(), owner=owner, feature=feature)
    step = Step(PROGRAM, None, FlagState(spec), "created", f"the flag of {feature}", publish=False)
    save(step, queries.world(), now)
    return True


def keep_spec(*, spec: FlagSpec, audience_is_told: bool, skip_because: str, now: datetime) -> bool:
    """Make a flag what the program's files say; says whether anything changed. Raises Refused.

    Without an audience in the file, who gets it is decided elsewhere and stays.
    """
    world = queries.world()
    before = world.flags.get(spec.key)
    if before and not audience_is_told:
        spec = replace(
            spec,
            audience=before.spec.audience,
            shadow=before.spec.shadow,
            shadow_as=before.spec.shadow_as,
        )
    if before and before.spec == spec:
        return False
    after = replace(before, spec=spec) if before else FlagState(spec)
    what = "changed" if before else "created"
    step = Step(PROGRAM, before, after, what, "the program's files say so", skip_because, publish=False)
    save(judged(step, world, now), world, now)
    return True
