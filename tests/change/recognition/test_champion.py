"""Who is a Dogfood Champion: the rules as a table, and what nobody can farm (R102, R103, R104)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.change.recognition.domain.champion import Bar, Situation, Verdict, Week, evidence_of, judge
from companyos.change.recognition.domain.feedback import Counts, Report, Score, Stand, score_of
from companyos.kernel.canonical_json import sha256_of

BEGAN = datetime(2026, 11, 9, 9, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
CAP = Bar().reports_of_one


def weeks(*active: int, exposed: int = 5, over: int = 4) -> tuple[Week, ...]:
    return tuple(Week(BEGAN + n * WEEK, each, exposed, n < over) for n, each in enumerate(active))


def reports(*told: str) -> Score:
    """Each `person stand`, with `+` when it says how; the first character is the person."""
    return score_of(
        (
            Report(f"corporate-{n}", each[0], BEGAN + n * DAY, Stand(each[1:].strip("+")), each.endswith("+"))
            for n, each in enumerate(told)
        ),
        most_of_one=CAP,
    )


GOOD = reports("aaccepted+", "baccepted+", "bdeclined")
S = Situation(5, True, False, False, 5, BEGAN, weeks(3, 3, 3, 0), GOOD, BEGAN + 30 * DAY)


@pytest.mark.parametrize(
    ("changes", "verdict", "rule", "says"),
    [
        ({}, Verdict.EARNED, "use_and_feedback_make_a_champion", "3 of 3 weeks with 60 % active; 3 of 3 reports, 66 %"),
        ({"weeks": weeks(3, 3, 3, 3)}, Verdict.EARNED, "use_and_feedback_make_a_champion", "4 weeks (3 needed) with"),
        ({"owns_it": True}, Verdict.NOT_ELIGIBLE, "who_builds_it_is_no_champion_of_it", "owns"),
        ({"is_practice": True}, Verdict.NOT_ELIGIBLE, "practice_is_no_use", "sandbox"),
        ({"people": 2}, Verdict.NOT_ELIGIBLE, "a_team_has_a_lead_and_three_people", "2 people; needs 3"),
        ({"has_lead": False}, Verdict.NOT_ELIGIBLE, "a_team_has_a_lead_and_three_people", "no lead"),
        ({"exposed": 2}, Verdict.NOT_YET, "three_people_have_met_it", "2 of its 5 people"),
        ({"exposed": 0, "began_at": None, "weeks": ()}, Verdict.NOT_YET, "three_people_have_met_it", "0 of its 5"),
        ({"weeks": weeks(3, 2, 2, 0, over=3)}, Verdict.MISSED, "too_few_weeks_are_left", "1 of 3 weeks"),
        ({"weeks": weeks(3, 3, 2, 2)}, Verdict.MISSED, "too_few_weeks_are_left", "0 weeks left"),
        ({"weeks": weeks(0, 3, 3, 3, exposed=0)}, Verdict.MISSED, "too_few_weeks_are_left", "0 of 3"),
        (
            {"now": BEGAN + 20 * DAY, "weeks": weeks(3, 3, 0, 0, over=2)},
            Verdict.NOT_YET, "the_thirty_days_are_waited_for", "2 of 3 weeks with 60 % active; 3 of 3 reports, 66 %",
        ),
        ({"now": BEGAN + 30 * DAY - timedelta(seconds=1)}, Verdict.NOT_YET, "the_thirty_days_are_waited_for", "09 Dec"),
        ({"score": reports("aaccepted+", "aaccepted+", "aaccepted+")}, Verdict.MISSED,
         "reports_come_from_several_people", "Reports of 1 person count; needs 2"),
        ({"score": Score()}, Verdict.MISSED, "reports_come_from_several_people", "0 of 3 reports"),
        ({"score": reports("aaccepted+", "baccepted+")}, Verdict.MISSED, "there_are_enough_reports", "2 of 3 reports"),
        ({"score": reports("aaccepted+", "bwaits+", "bdeclined")}, Verdict.NOT_YET, "feedback_can_be_acted_on",
         "33 % of them actionable, needs 60 %; 1 report waits for triage"),
        ({"score": reports("aaccepted+", "bdeclined", "bdeclined")}, Verdict.MISSED, "feedback_can_be_acted_on", "33"),
        ({"score": reports("aaccepted+", "baccepted", "baccepted")}, Verdict.MISSED, "feedback_can_be_acted_on", "33"),
    ],
)  # fmt: skip
def test_R102_the_first_rule_with_an_opinion_wins_and_says_the_numbers(
    changes: dict[str, object], verdict: Verdict, rule: str, says: str
) -> None:
    judged = judge(replace(S, **changes))  # type: ignore[arg-type]

    assert (judged.verdict, judged.rule) == (verdict, rule)
    assert says in judged.because


def test_R104_duplicates_own_squad_and_what_is_over_the_cap_do_not_count() -> None:
    at = [BEGAN + n * DAY for n in range(7)]
    score = score_of(
        [
            Report("c-6", "ada", at[6], Stand.ACCEPTED, True),
            Report("c-0", "ada", at[0], Stand.ACCEPTED, True, is_duplicate=True),
            Report("c-1", "ada", at[1], Stand.ACCEPTED, True, own_squad=True),
            Report("c-2", "ada", at[2], Stand.DECLINED, True),
            Report("c-3", "ada", at[3], Stand.ACCEPTED, False),
            Report("c-4", "ada", at[4], Stand.WAITS, True),
            Report("c-5", "bo", at[5], Stand.ACCEPTED, True),
        ],
        most_of_one=3,
    )

    assert [str(counts) for _, counts in score.reports] == [
        "duplicate", "own_squad", "declined", "says_not_how", "waits", "actionable", "over_the_cap",
    ]  # fmt: skip
    assert (score.counted, score.actionable, score.people, score.share) == (4, 1, 2, 0.25)
    assert score.n(Counts.WAITS) == 1


BY_ONE = st.builds(
    Report,
    label=st.text(min_size=1, max_size=6),
    person=st.just("ada"),
    opened_at=st.datetimes(timezones=st.just(UTC)),
    stand=st.sampled_from(Stand),
    says_how=st.booleans(),
    is_duplicate=st.booleans(),
    own_squad=st.booleans(),
)


@given(st.lists(BY_ONE, max_size=40))
def test_R104_no_number_of_reports_by_one_person_alone_earns_the_badge(told: list[Report]) -> None:
    score = score_of(told, most_of_one=CAP)

    assert judge(replace(S, score=score)).verdict is not Verdict.EARNED
    assert score.counted <= CAP


@given(st.lists(BY_ONE, max_size=20), st.lists(st.sampled_from(Stand), max_size=6))
def test_R104_one_persons_many_reports_never_outweigh_what_others_said(
    many: list[Report], others: list[Stand]
) -> None:
    rest = [Report(f"x-{n}", f"p{n}", BEGAN, stand, True) for n, stand in enumerate(others)]
    score = score_of([*many, *rest], most_of_one=CAP)

    assert score.counted <= CAP + len(rest)
    assert score.n(Counts.ACTIONABLE) <= CAP + others.count(Stand.ACCEPTED)


def test_R102_the_evidence_has_every_number_and_nobodys_name() -> None:
    evidence = evidence_of(replace(S, score=reports("aaccepted+", "bdeclined")))

    assert evidence["weeks"][0] == {
        "from": BEGAN.isoformat(), "active": 3, "exposed": 5, "is_over": True, "counts": True,
    }  # fmt: skip
    assert evidence["feedback"] == {
        "counted": 2, "actionable": 1, "people": 2,
        "reports": [{"case": "corporate-0", "counts": "actionable"}, {"case": "corporate-1", "counts": "declined"}],
    }  # fmt: skip
    assert len(sha256_of(evidence)) == 64
