"""R118: people in shadow keep the old path; the value says who answers, the variant that the new one runs beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from small_world import DIRECTORY, world

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.documents import Malformed, flag_from, plain
from companyos.adoption.flags.domain.types import Audience, FlagSpec, FlagState, Lifecycle, Slice

ON = Audience((Slice("lab"),))
SHADOW = Audience((Slice("eng", people=("people-ops-1", "platform-1")),))
SPEC = FlagSpec("a", "A", owner="squad", audience=ON, shadow=SHADOW)


def answers(
    spec: FlagSpec, *others: FlagSpec | FlagState
) -> dict[tuple[str, str], tuple[object, str | None]]:
    made = world(spec, *others)
    flags = compiler.load(compiler.document_of(made, made.sets["companyos"]))
    return {
        (m.tenant, m.person): (found.value, found.variant)
        for m in DIRECTORY.members
        if (found := flags.evaluate("a", m.context, now=0.0))
    }


def test_a_shadow_is_served_off_by_a_variant_of_its_own() -> None:
    found = answers(SPEC)
    assert found["eng", "platform-1"] == (False, "shadow")
    assert found["eng", "people-ops-1"] == (False, "shadow")
    assert found["corp", "people-ops-1"] == (False, "off")
    assert found["eng", "platform-2"] == (False, "off")
    assert found["lab", "quality-1"] == (True, "on")
    assert answers(replace(SPEC, shadow_as="dual-run"))["eng", "platform-1"] == (False, "dual-run")


def test_a_reverse_shadow_is_on_by_a_variant_of_its_own() -> None:
    """After the switch the new path answers, and the old one runs beside it; who is not of the audience stays off."""
    reverse = replace(
        SPEC, audience=Audience((Slice("lab"), Slice("eng", people=("platform-1", "platform-2"))))
    )
    found = answers(replace(reverse, shadow_as="reverse-shadow"))
    assert found["eng", "platform-1"] == (True, "reverse-shadow")
    assert found["eng", "platform-2"] == (True, "on")
    assert found["eng", "people-ops-1"] == (False, "off")
    made = world(replace(reverse, shadow_as="reverse-shadow"))
    flags = compiler.load(compiler.document_of(made, made.sets["companyos"]))
    assert reach.who_is_on(flags, "a", DIRECTORY)["eng"] == {"platform-1", "platform-2"}
    assert flag_from(plain(replace(SPEC, shadow_as="reverse-shadow"))).shadow_as == "reverse-shadow"


def test_who_is_in_shadow_is_not_on() -> None:
    made = world(SPEC)
    flags = compiler.load(compiler.document_of(made, made.sets["companyos"]))
    assert set(reach.who_is_on(flags, "a", DIRECTORY)) == {"lab"}
    seen = reach.preview(None, flags, "a", DIRECTORY)
    assert (seen.on, dict(seen.variants)["shadow"]) == (8, 2)


@pytest.mark.parametrize("stopped", [Lifecycle.RETIRED, Lifecycle.ARCHIVED])
def test_a_stop_ends_a_shadow_too(stopped: Lifecycle) -> None:
    variants = {variant for _, variant in answers(replace(SPEC, lifecycle=stopped)).values()}
    assert "shadow" not in variants


def test_a_shadow_stands_on_what_its_flag_requires() -> None:
    needs = replace(SPEC, audience=replace(ON, requires=("b",)))
    off = FlagSpec("b", "B", owner="squad", audience=Audience((Slice("lab"),)))
    assert answers(needs, off)["eng", "platform-1"] == (False, "off")


def test_a_shadow_survives_being_stored_and_names_known_variants_only() -> None:
    assert flag_from(plain(SPEC)) == SPEC
    assert "shadow" not in plain(replace(SPEC, shadow=Audience()))
    with pytest.raises(Malformed, match="dual-run"):
        flag_from({**plain(SPEC), "shadow_as": "twice"})
