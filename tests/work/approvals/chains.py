"""Small organisations and chains for the tests of approvals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from companyos.kernel.business_time import WorkingCalendar
from companyos.work.approvals.domain.chain import Definition, definition_from
from companyos.work.approvals.domain.judge import Situation, judge
from companyos.work.approvals.domain.org import Colleague, Org
from companyos.work.approvals.domain.permitted import refusal_of
from companyos.work.approvals.domain.types import Act, ActKind, Request

MONDAY = datetime(2026, 11, 9, 9, tzinfo=UTC)
CALENDAR = WorkingCalendar(ZoneInfo("UTC"))
NAMES = ("ada", "ben", "cleo", "dov", "eve", "finn", "gus", "hana")


def org(**more: Any) -> Org:
    """Ada leads the team of ben and cleo in building; dov heads building; the others are in money."""
    people = {
        "ada": Colleague("ada", "Ada", "build", "building", "supervisor"),
        "ben": Colleague("ben", "Ben", "build", "building", "employee"),
        "cleo": Colleague("cleo", "Cleo", "build", "building", "budget_owner"),
        "dov": Colleague("dov", "Dov", "board", "building", "director"),
        "eve": Colleague("eve", "Eve", "books", "money", "administration"),
        "finn": Colleague("finn", "Finn", "books", "money", "administration"),
        "gus": Colleague("gus", "Gus", "books", "money", "administration"),
        "hana": Colleague("hana", "Hana", "books", "money", "supervisor"),
    }
    leads = {"build": "ada", "books": "hana", "board": "dov"}
    return Org(people, leads, {"building": "dov", "money": "hana"}, **more)


def chain(*groups: dict[str, Any], **more: Any) -> Definition:
    document = {"slug": "thing", "title": "Thing", "data_domain": "finance", "chain": list(groups), **more}
    return definition_from(document)


def situation(definition: Definition, where: Org | None = None, by: str = "ben", **fields: Any) -> Situation:
    asked = Act(ActKind.ASKED, by, MONDAY)
    return Situation(definition, Request(by, fields), (asked,), where or org(), CALENDAR)


def after(s: Situation, *acts: tuple[str, ActKind] | tuple[str, ActKind, str]) -> Situation:
    """Do these acts one after the other as the product would; a refused one fails the test."""
    for by, kind, *to in acts:
        done, why = attempt(s, by, kind, to=to[0] if to else "")
        assert not why, f"{by} {kind}: {why}"
        s = done
    return s


def attempt(s: Situation, by: str, kind: ActKind, *, to: str = "") -> tuple[Situation, str]:
    """Try an act; give the situation afterwards and the refusal, one of them as before."""
    asked = judge(s).ask_of(by)
    at = s.acts[-1].at + timedelta(hours=1)
    act = Act(kind, by, at, asked.step if asked else "", asked.seat if asked else "", s.round, "because", to)
    if why := refusal_of(s, act):
        return s, why
    if kind is ActKind.RESUBMITTED:
        act = Act(kind, by, at, round=s.round + 1)
    return Situation(s.definition, s.request, (*s.acts, act), s.org, s.calendar), ""


def people(s: Situation) -> list[str]:
    return sorted(asked.person for asked in judge(s).asked)
