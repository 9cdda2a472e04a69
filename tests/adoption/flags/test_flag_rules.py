"""Which changes are refused, by which rule and in which words; who may edit; what may be reverted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from small_world import release, world

from companyos.adoption.flags.domain.change import (
    Step,
    allow,
    judged,
    previewed,
    seen_by_people,
    told,
    with_changes,
    with_flag,
)
from companyos.adoption.flags.domain.documents import Malformed, flag_from, segment_from
from companyos.adoption.flags.domain.refusals import NotYours, Refused, Unclear
from companyos.adoption.flags.domain.rules import RULES, Wish, may_edit, why_not, why_not_revert
from companyos.adoption.flags.domain.types import (
    EVERYBODY,
    Arm,
    Audience,
    FlagSpec,
    FlagState,
    Killed,
    Kind,
    Lifecycle,
    Slice,
)

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
KILLED = Killed("squad-1", NOW, "it floods people")
LIVE = FlagState(release("a", Slice(teams=("squad",))), 3)
OTHER = FlagState(release("b", Slice(), requires=("a",)), 1)


def refused(before: FlagState | None, after: FlagSpec, **fields: object) -> tuple[str, str]:
    here = world(*([before] if before else []), OTHER if after.key == "a" else LIVE)
    return why_not(Wish(before, after, with_flag(here, FlagState(after)), NOW, **fields))  # type: ignore[arg-type]


def to(**fields: object) -> FlagSpec:
    return replace(LIVE.spec, **fields)  # type: ignore[arg-type]


def meant(*slices: Slice, **fields: object) -> Audience:
    return Audience(slices, **fields)  # type: ignore[arg-type]


DRIVEN = replace(LIVE, driven_by="unified-approvals")
ARCHIVED = replace(LIVE, spec=to(lifecycle=Lifecycle.ARCHIVED))
RETIRED = replace(LIVE, spec=to(lifecycle=Lifecycle.RETIRED))
PERMISSION = FlagSpec("a", "A", Kind.PERMISSION, audience=meant(Slice(teams=("squad",))))
TRIAL = FlagSpec("a", "A", Kind.EXPERIMENT, arms=(Arm("x"), Arm("y")), audience=EVERYBODY)
TABLE = {
    "archived": (ARCHIVED, to(title="B"), "an_archived_flag_stays", "archived"),
    "around a rollout": (DRIVEN, to(audience=EVERYBODY), "a_running_rollout_drives_its_flag", "/rollouts/unified"),
    "another kind": (LIVE, to(kind=Kind.KILL_SWITCH), "what_a_flag_is_stays", "stays one"),
    "another set": (LIVE, to(flag_set="elsewhere"), "what_a_flag_is_stays", "stays in its flag set"),
    "younger": (LIVE, to(lifecycle=Lifecycle.PRERELEASE), "life_only_goes_forward", "cannot become prerelease"),
    "to the archive": (LIVE, to(lifecycle=Lifecycle.ARCHIVED), "life_only_goes_forward", "Retire the flag first"),
    "born retired": (None, to(lifecycle=Lifecycle.RETIRED), "life_only_goes_forward", "prerelease or live"),
    "no such owner": (LIVE, to(owner="nobody"), "every_name_leads_somewhere", "no team 'nobody'"),
    "no such team": (LIVE, to(audience=meant(Slice(teams=("x",)))), "every_name_leads_somewhere", "no team 'x'"),
    "no such tenant": (LIVE, to(audience=meant(Slice("x"))), "every_name_leads_somewhere", "no tenant 'x'"),
    "no such person": (LIVE, to(audience=meant(Slice(people=("x",)))), "every_name_leads_somewhere", "no person 'x'"),
    "no such segment": (LIVE, to(audience=meant(Slice(segments=("x",)))), "every_name_leads_somewhere", "segment 'x'"),
    "requires nothing": (LIVE, to(audience=meant(requires=("x",))), "prerequisites_end_somewhere", "no flag 'x'"),
    "a circle": (LIVE, to(audience=meant(requires=("b",))), "prerequisites_end_somewhere", "require itself, through b"),
    "itself": (LIVE, to(audience=meant(requires=("a",))), "prerequisites_end_somewhere", "require itself"),
    "still needed": (LIVE, to(lifecycle=Lifecycle.RETIRED), "others_still_need_it", "b require it"),
    "arms of a release": (LIVE, to(arms=(Arm("x"),)), "arms_belong_to_experiments", "Only an experiment"),
    "one arm": (None, replace(TRIAL, arms=(Arm("x"), Arm("y", 0))), "arms_belong_to_experiments", "at least two arms"),
    "a share of a permission": (
        None, replace(PERMISSION, audience=meant(Slice(percent=10))), "a_permission_names_its_people", "no percentage",
    ),
    "a share of an exception": (
        LIVE, to(audience=meant(Slice(), exceptions=(Slice(percent=5),))), "an_exception_is_whole", "who stays off",
    ),
    "a permission in shadow": (
        None, replace(PERMISSION, shadow=meant(Slice("eng"))), "a_shadow_belongs_to_a_release", "Only a release",
    ),
    "a day that is over": (LIVE, to(expires=date(2026, 11, 1)), "a_date_lies_ahead", "choose a later day"),
}  # fmt: skip


@pytest.mark.parametrize("case", TABLE)
def test_a_change_is_refused_by_the_rule_that_objects(case: str) -> None:
    before, after, rule, words = TABLE[case]
    found, said = refused(before, after)
    assert (found, words in said) == (rule, True), said


def test_every_rule_is_in_the_table_or_in_a_test_of_its_own() -> None:
    assert {rule.__name__ for rule in RULES} == {rule for _, _, rule, _ in TABLE.values()} | {
        "off_then_staged_then_everybody"
    }
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize(
    ("was", "would_be", "exemption", "allowed"),
    [
        ("off", "staged", "", True),
        ("staged", "org_wide", "", True),
        ("off", "org_wide", "", False),
        ("prerelease", "org_wide", "", False),
        ("off", "org_wide", "a legal deadline, agreed with GRC", True),
        ("off", "org_wide", "   ", False),
        ("org_wide", "off", "", True),
    ],
)
def test_off_then_staged_then_everybody_R116(was: str, would_be: str, exemption: str, allowed: bool) -> None:
    rule, _ = refused(LIVE, to(audience=EVERYBODY), was=was, would_be=would_be, skip_because=exemption)
    assert rule == ("" if allowed else "off_then_staged_then_everybody")


def test_a_new_release_for_everybody_is_refused_and_a_kill_switch_is_not_R116() -> None:
    here = world(LIVE)
    for kind, is_refused in ((Kind.RELEASE, True), (Kind.KILL_SWITCH, False), (Kind.PERMISSION, False)):
        step = Step(
            "squad-1",
            None,
            FlagState(FlagSpec("n", "N", kind, owner="squad", audience=EVERYBODY)),
            "created",
            "x",
        )
        if is_refused:
            with pytest.raises(Refused, match="some people before"):
                judged(step, here, NOW)
        else:
            judged(step, here, NOW)


def test_what_does_not_touch_who_gets_it_may_change_while_a_rollout_runs() -> None:
    assert refused(DRIVEN, to(title="Another title", expires=date(2027, 1, 1))) == ("", "")


def test_a_rule_is_no_reason_to_forget_a_colleague_who_left() -> None:
    gone = replace(LIVE, spec=to(audience=meant(Slice(people=("left-long-ago",)))))
    assert refused(gone, replace(gone.spec, title="B")) == ("", "")


def test_a_revert_never_switches_on_what_was_killed_nor_takes_over_a_rollout() -> None:
    killed = replace(LIVE, version=5, killed=KILLED)
    assert "Un-kill it first" in why_not_revert(killed, LIVE)
    assert "unified-approvals moves this flag" in why_not_revert(DRIVEN, LIVE)
    assert why_not_revert(replace(LIVE, version=9), LIVE) == ""


def test_a_revert_may_make_a_retired_flag_live_again() -> None:
    assert refused(RETIRED, LIVE.spec)[0] == "life_only_goes_forward"
    assert refused(RETIRED, LIVE.spec, is_revert=True) == ("", "")


def test_the_owners_team_and_the_leads_edit_and_nobody_else() -> None:
    here = world(LIVE)
    assert [may_edit(who, LIVE.spec, here) for who in ("squad-3", "platform-0", "platform-1", "sales-1", "")] == [
        True, True, False, False, False,
    ]  # fmt: skip
    with pytest.raises(NotYours, match="belongs to the team squad"):
        allow("sales-1", LIVE.spec, here)


def test_the_preview_counts_who_is_new_and_who_loses_it() -> None:
    wider = with_changes(LIVE.spec, {"audience": {"slices": [{"teams": ["people-ops"]}]}})
    told_so = previewed(Step("squad-1", LIVE, replace(LIVE, spec=wider), "changed", ""), world(LIVE), NOW)
    assert (told_so.seen.sentence, told_so.rule) == ("8 people in 2 tenants; 8 new, 8 lose it", "")
    assert {team.team: (team.on, team.new, team.lose) for team in told_so.seen.teams} == {
        "people-ops": (8, 8, 0), "squad": (0, 0, 8),
    }  # fmt: skip


def test_a_preview_of_what_is_refused_shows_both() -> None:
    everybody = replace(LIVE, spec=to(audience=EVERYBODY))
    off = replace(LIVE, spec=to(audience=Audience()))
    told_so = previewed(Step("sales-1", off, everybody, "changed", ""), world(off), NOW)
    assert (told_so.rule, len(told_so.seen.new)) == ("off_then_staged_then_everybody", 40)
    assert "exemption" in told_so.refusal


def test_a_change_tells_what_whom_and_whether_anybody_sees_it_R112() -> None:
    here, wider = world(LIVE, OTHER), replace(LIVE, spec=to(audience=meant(Slice(teams=("squad", "sales")))))
    step = Step("squad-1", LIVE, wider, "changed", "the second team")
    changed = with_flag(here, wider)
    body = told(step, wider, seen_by_people(step, here, changed), here, changed, 7)
    assert (body["affected"], body["new"], body["lose"], body["alters_what_people_see"]) == (8, 8, 0, True)
    assert body["what"] == ["slice 1, teams: + sales"]
    renamed = replace(LIVE, spec=to(title="B"))
    step = Step("squad-1", LIVE, renamed, "changed", "a better name")
    body = told(
        step, renamed, seen_by_people(step, here, with_flag(here, renamed)), here, with_flag(here, renamed), 8
    )
    assert (body["affected"], body["alters_what_people_see"]) == (0, False)


MALFORMED = {
    "key": {"key": "A b"}, "title": {"title": " "}, "kind": {"kind": "toggle"}, "expires": {"expires": "soon"},
    "colour": {"colour": "red"}, "audience.slices[0].percent": {"audience": {"slices": [{"percent": 101}]}},
    "audience.slices[1].team": {"audience": {"slices": [{}, {"team": "x"}]}},
    "audience.requires": {"audience": {"requires": "b"}}, "arms[0].weight": {"arms": [{"name": "x", "weight": -1}]},
    "arms[0].name": {"arms": [{"name": "off"}]}, "arms": {"arms": [{"name": "x"}, {"name": "x"}]},
}  # fmt: skip


@pytest.mark.parametrize("path", MALFORMED)
def test_a_malformed_flag_is_told_with_its_path(path: str) -> None:
    with pytest.raises(Malformed) as wrong:
        flag_from({"key": "a", "title": "A", **MALFORMED[path]})
    assert wrong.value.path == path


def test_a_segment_names_people_or_has_a_rule() -> None:
    with pytest.raises(Malformed, match="not both"):
        segment_from({"slug": "s", "title": "S", "teams": ["squad"], "rule": {"==": [1, 1]}})


def test_the_kind_of_a_flag_cannot_be_changed_by_name() -> None:
    with pytest.raises(Unclear, match="stays what it is"):
        with_changes(LIVE.spec, {"kind": "permission"})
