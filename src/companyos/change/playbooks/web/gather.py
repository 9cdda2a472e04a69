"""Gathers the pages of playbooks and drills."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from companyos.adoption.features import queries as features
from companyos.change.playbooks import queries
from companyos.change.playbooks.domain.counting import TITLES, Asked, Counted, fits
from companyos.change.playbooks.domain.drills import done_at, last_words, next_step
from companyos.change.playbooks.domain.due import PRACTISED, due_soon
from companyos.change.playbooks.domain.reading import document_of
from companyos.change.playbooks.domain.types import DrillRow, Kind, PlaybookRow, Tick
from companyos.change.playbooks.web.pages import (
    Choices,
    DrillPage,
    LibraryPage,
    PackRow,
    PlaybookPage,
    Role,
    RunStep,
    ShelfRow,
    StepRow,
    WritePage,
)
from companyos.people.identity import queries as identity

KINDS: Choices = (
    (Kind.RUNBOOK, "Runbook"),
    (Kind.ROLLBACK, "Rollback of a feature"),
    (Kind.RECOVERY, "Recovery from a loss"),
    (Kind.CHANGE, "Change"),
)
_SHOWN, _BLANK = 12, 3


def library_page(now: datetime) -> LibraryPage:
    rows, held = queries.playbooks(), queries.drills()
    packs = queries.support_packs(now)
    titles = {team.slug: team.title for team in identity.teams()}
    last: dict[str, DrillRow] = {}
    for each in held:
        if not each.runs:
            last.setdefault(each.playbook, each)
    shelf = (
        ShelfRow(
            row,
            titles.get(row.playbook.owner, row.playbook.owner),
            last.get(row.playbook.slug),
            row.playbook.kind in PRACTISED,
        )
        for row in rows
    )
    return LibraryPage(
        now,
        tuple(shelf),
        tuple(each for each in held if each.runs),
        due_soon(rows, held, now),
        tuple(PackRow(each.slug, each.title, packs.get(each.slug)) for each in features.features()),
    )


def playbook_page(
    viewer: str,
    slug: str,
    now: datetime,
    *,
    version: int | None = None,
    said: Mapping[str, str] | None = None,
    problem: str = "",
) -> PlaybookPage | None:
    rows = queries.versions(slug)
    row = next((each for each in rows if version in (None, each.version)), None)
    if row is None:
        return None
    book, filled = row.playbook, said or {}
    names = {person.slug: person.name for person in identity.everybody()}
    roles = dict.fromkeys(step.who for step in book.steps)
    whole = book.kind is Kind.RECOVERY and not book.feature
    return PlaybookPage(
        now=now,
        row=row,
        newest=rows[0].version,
        owner=next((team.title for team in identity.teams() if team.slug == book.owner), book.owner),
        feature=_title(book.feature),
        by=names.get(row.by, row.by),
        versions=tuple((each, names.get(each.by, each.by)) for each in rows),
        drills=queries.drills(playbook=slug, limit=_SHOWN),
        stands=_stands(row, now),
        may_practise=queries.may_practise(viewer, book),
        may_write=queries.may_write(viewer, book.owner),
        roles=tuple(Role(f"role-{n}", role, filled.get(f"role-{n}", "")) for n, role in enumerate(roles)),
        people=tuple(sorted(names.items(), key=lambda each: each[1])),
        features=tuple((each.slug, each.title) for each in features.features()) if whole else (),
        scenario=filled.get("scenario", ""),
        chosen=filled.get("feature", ""),
        problem=problem,
    )


def write_page(
    row: PlaybookRow | None, now: datetime, *, said: Mapping[str, str] | None = None, problem: str = ""
) -> WritePage:
    """The form of a playbook: as it is, or as it was sent."""
    filled = said if said is not None else _as_filled(row)
    written = document_of(row.playbook)["steps"] if row else []
    steps = _sent_steps(said) if said is not None else written
    blank: Sequence[Mapping[str, str]] = [{} for _ in range(_BLANK)]
    return WritePage(
        now, row.playbook.slug if row else "", row.playbook.title if row else "A new playbook", filled,
        tuple(StepRow(n, step) for n, step in enumerate([*steps, *blank], 1)), KINDS,
        tuple((team.slug, team.title) for team in identity.teams()),
        tuple((each.slug, each.title) for each in features.features()), problem,
    )  # fmt: skip


def drill_page(
    viewer: str,
    drill: str,
    now: datetime,
    *,
    filled: Mapping[str, str] | None = None,
    problem: str = "",
) -> DrillPage | None:
    row = queries.find_drill(drill)
    if row is None:
        return None
    said = queries.ticks(drill)
    names = {person.slug: person.name for person in identity.everybody()}
    steps = _run_steps(row, said, names)
    done = done_at(row.steps, said)
    seconds = row.seconds if row.seconds is not None else ((done or now) - row.began_at).total_seconds()
    alike = [each for each in queries.drills(playbook=row.playbook, limit=50) if each.seconds is not None]
    return DrillPage(
        now=now,
        drill=row,
        steps=steps,
        current=next((step for step in steps if step.is_next), None) if row.runs else None,
        seconds=max(0.0, seconds),
        ticking=row.runs and done is None,
        feature=_title(row.feature),
        by=names.get(row.began_by, row.began_by),
        ended_by=names.get(row.ended_by, row.ended_by),
        findings=tuple((each, names.get(each.owner, each.owner)) for each in queries.findings(drill)),
        history=tuple(alike[:_SHOWN][::-1]),
        stands=() if row.runs else _counts_for(row, now),
        may_run=queries.may_run(viewer, row),
        people=tuple(sorted(names.items(), key=lambda each: each[1])),
        filled=filled or {},
        problem=problem,
    )


def _run_steps(row: DrillRow, said: tuple[Tick, ...], names: Mapping[str, str]) -> tuple[RunStep, ...]:
    last = {tick.step: tick for tick in last_words(said)}
    people, following = dict(row.roles), next_step(row.steps, said)
    found = []
    for n, step in enumerate(row.steps, 1):
        tick, person = last.get(n), people.get(step.who, "")
        times = sum(each.step == n for each in said)
        by = names.get(tick.by, tick.by) if tick else ""
        found.append(RunStep(n, step, names.get(person, person), tick, by, max(0, times - 1), n == following))
    return tuple(found)


def _stands(row: PlaybookRow, now: datetime) -> tuple[tuple[str, Counted], ...]:
    """Whether the drills of a playbook count for gates: of its feature, or of the whole system."""
    book = row.playbook
    if book.kind not in PRACTISED:
        return ()
    of_recovery = Asked.PLAN if book.feature else Asked.RECOVERY
    asked = (Asked.ROLLBACK if book.kind is Kind.ROLLBACK else of_recovery,)
    return tuple((TITLES[each.asked], each) for each in queries.standing(book.feature, now, asked=asked))


def _counts_for(row: DrillRow, now: datetime) -> tuple[tuple[str, Counted], ...]:
    asked = [each for each in Asked if fits(row, each, row.feature)]
    asked = [Asked.RECOVERY] if not row.feature and asked else asked
    stands = queries.standing(row.feature, now, asked=asked)
    return tuple((TITLES[each.asked], each) for each in stands)


def _as_filled(row: PlaybookRow | None) -> Mapping[str, str]:
    if row is None:
        return {"version": "0", "kind": Kind.RUNBOOK}
    said = document_of(row.playbook)
    plain = {name: str(value) for name, value in said.items() if name not in {"steps", "target"}}
    return {**plain, **{n: str(v) for n, v in said.get("target", {}).items()}, "version": str(row.version)}


def _sent_steps(said: Mapping[str, str]) -> list[dict[str, str]]:
    ends = sorted(int(name[6:]) for name in said if name.startswith("title-") and name[6:].isdigit())
    names = ("title", "who", "check", "link", "order")
    sent = [{name: said.get(f"{name}-{n}", "") for name in names} for n in ends]
    return [step for step in sent if any(step[name] for name in ("title", "who", "check", "link"))]


def _title(feature: str) -> str:
    row = features.feature(feature) if feature else None
    return row.title if row else feature
