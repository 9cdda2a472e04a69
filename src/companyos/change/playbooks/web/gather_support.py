"""Gathers the pages of support packs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from companyos.adoption.features import queries as features
from companyos.change.playbooks import queries
from companyos.change.playbooks.domain import macros
from companyos.change.playbooks.domain.packs import is_stale
from companyos.change.playbooks.domain.types import Item, ItemKind
from companyos.change.playbooks.web.pages import Choices, FilledMacro, ItemRow, MacroPage, SupportPage
from companyos.people.identity import queries as identity
from companyos.platform.markdown import html_of

KINDS: Choices = (
    (ItemKind.RUNBOOK, "Runbook"),
    (ItemKind.FAQ, "FAQ snippet"),
    (ItemKind.MACRO, "Response macro"),
    (ItemKind.ESCALATION, "Step of the escalation path"),
)


def support_page(
    viewer: str,
    feature: str,
    now: datetime,
    *,
    filled: Mapping[str, str] | None = None,
    changing: str = "",
    problem: str = "",
) -> SupportPage | None:
    row = features.feature(feature)
    if row is None:
        return None
    teams = {team.slug: team.title for team in identity.teams()}
    pack = queries.support_pack(feature, now)
    changed = queries.find_item(feature, changing) if changing else None
    lines = tuple((line, tuple(_item(each, teams, now) for each in line.items)) for line in pack.lines)
    may = queries.may_write(viewer, row.owner) or viewer in features.stewards(row.owner, row.lead_team)
    return SupportPage(
        now, feature, row.title, pack, lines,
        tuple(each for each in queries.playbooks() if each.playbook.feature == feature),
        may, KINDS, tuple(teams.items()),
        filled or (_filled(changed) if changed else {"owner": row.owner}), changed.slug if changed else "",
        tuple(macros.KNOWN.items()), problem,
    )  # fmt: skip


def macro_page(
    viewer: str, feature: str, slug: str, said: Mapping[str, str], now: datetime
) -> MacroPage | None:
    row, item = features.feature(feature), queries.find_item(feature, slug)
    if row is None or item is None or item.kind is not ItemKind.MACRO:
        return None
    values = {"feature": row.title, "agent": identity.name_of(viewer), **said}
    names = macros.variables_of(item.words)
    shown = tuple((name, macros.KNOWN[name], values.get(name, "")[:200]) for name in names)
    text = macros.filled(item.words, {name: value for name, _, value in shown})
    missing = macros.missing(item.words, {name: value for name, _, value in shown})
    return MacroPage(now, feature, row.title, FilledMacro(item, text, shown, missing))


def _item(each: Item, teams: Mapping[str, str], now: datetime) -> ItemRow:
    plain = each.kind is ItemKind.MACRO
    return ItemRow(
        each, teams.get(each.owner, each.owner), is_stale(each, now), "" if plain else html_of(each.words)
    )


def _filled(item: Item) -> Mapping[str, str]:
    after = "" if item.after_minutes is None else str(item.after_minutes)
    return {
        "kind": item.kind, "title": item.title, "words": item.words, "link": item.link, "owner": item.owner,
        "place": str(item.place), "after_minutes": after,
    }  # fmt: skip
