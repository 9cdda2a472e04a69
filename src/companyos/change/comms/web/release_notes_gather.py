"""Gathers the pages of release notes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime

from django.utils.safestring import SafeString

from companyos.adoption.features import queries as features
from companyos.change.comms import queries
from companyos.change.comms.domain.release_editing import Said
from companyos.change.comms.domain.release_letter import body_of, text_of
from companyos.change.comms.domain.release_notes import (
    Item,
    ItemOrigin,
    NoteRow,
    NoteState,
    VersionRow,
    read_by,
    readers,
)
from companyos.change.comms.domain.release_rules import APPROVING, PUBLISHING, why_not
from companyos.change.comms.web.release_notes_pages import (
    Audience,
    Choice,
    Correction,
    EditionLine,
    EditionPage,
    EditionsPage,
    EditorPage,
    ItemField,
    ItemShown,
    Preview,
    VersionLine,
    VersionPage,
)
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import Way
from companyos.people.tenants import queries as tenants
from companyos.platform.markdown import html_of

_EDITIONS = 500


def editions_page(viewer: str, now: datetime, problem: str = "") -> EditionsPage:
    rows, may_edit = queries.release_notes(), queries.may_edit_release_notes(viewer)
    texts, mine = queries.texts_of(rows), queries.belongs_of(viewer)
    unread = {each.notice.key for each in queries.news_of(viewer, limit=_EDITIONS) if each.opened_at is None}
    lines = [
        EditionLine(
            row,
            texts[row.id].title,
            len(read_by(texts[row.id].items, mine) if row.shown else texts[row.id].told),
            identity.name_of(row.published_by or texts[row.id].by),
            queries.note_key(row.id) in unread,
        )
        for row in rows
    ]
    published = tuple(line for line in lines if line.note.state is NoteState.PUBLISHED)
    drafts = tuple(line for line in lines if line not in published) if may_edit else ()
    return EditionsPage(now, published, drafts, may_edit, problem)


def edition_page(viewer: str, note: str, now: datetime) -> EditionPage | None:
    """Return a published edition as this reader has it; None for what is not published."""
    row = queries.release_note(note)
    text = queries.texts_of([row]).get(note) if row and row.shown else None
    if row is None or text is None:
        return None
    corrections = (each for each in queries.versions_of(note) if each.is_correction and each.n <= text.n)
    return EditionPage(
        now,
        row,
        text.title,
        html_of(text.introduction),
        _shown(read_by(text.items, queries.belongs_of(viewer))),
        identity.name_of(row.published_by),
        tuple(Correction(identity.name_of(each.by), each.at, each.because) for each in corrections),
        queries.may_edit_release_notes(viewer),
    )


def editor_page(
    viewer: str,
    note: str,
    now: datetime,
    *,
    tenant: str = "",
    by_mail: bool = False,
    filled: tuple[int, str, str, str, tuple[Said, ...]] | None = None,
    problem: str = "",
) -> EditorPage | None:
    """Return an edition for its editors; `filled` is what was sent and refused."""
    row = queries.release_note(note)
    versions = queries.versions_of(note) if row else ()
    if row is None or not versions:
        return None
    text, titles = versions[0], _production()
    look = queries.asked_of(viewer, row.version, row, text)
    seen, title, introduction, because, said = filled or (
        row.version,
        text.title,
        text.introduction,
        "",
        None,
    )
    items = text.items if said is None else _as_filled(text.items, said)
    notice = queries.find_by_key(queries.note_key(note))
    return EditorPage(
        now,
        row,
        title,
        introduction,
        because,
        seen,
        tuple(_field(item, place, titles) for place, item in enumerate(items)),
        _choices(titles, ()),
        _preview(row, text, tenant, titles, by_mail=by_mail),
        _audience(text.items, titles) if notice is None else None,
        _lines(row, versions),
        identity.name_of(text.by),
        why_not(APPROVING, look),
        why_not(PUBLISHING, look),
        queries.reach(notice, now) if notice else None,
        notice.id if notice else "",
        problem,
    )


def version_page(note: str, n: int, now: datetime) -> VersionPage | None:
    row = queries.release_note(note)
    text = queries.version_of(note, n) if row else None
    if row is None or text is None:
        return None
    return VersionPage(now, row, _line(row, text), html_of(text.introduction), _shown(text.told))


def _shown(items: Collection[Item]) -> tuple[ItemShown, ...]:
    titles = _titles_of_features(items)
    return tuple(ItemShown(item, html_of(item.words), titles.get(item.feature, "")) for item in items)


def _titles_of_features(items: Collection[Item]) -> dict[str, str]:
    named = {item.feature for item in items} - {""}
    return {each.slug: each.title for each in features.features() if each.slug in named} if named else {}


def _production() -> dict[str, str]:
    production = tenants.production_tenants()
    return {slug: title for slug, title in sorted(tenants.titles().items()) if slug in production}


def _choices(titles: Mapping[str, str], chosen: Collection[str]) -> tuple[Choice, ...]:
    return tuple(Choice(slug, title, slug in chosen) for slug, title in titles.items())


def _field(item: Item, place: int, titles: Mapping[str, str]) -> ItemField:
    who = ", ".join(titles.get(slug, slug) for slug in item.tenants) or "Everybody"
    why = f"Why it is here: {item.why}." if item.why else "Somebody added it by hand."
    return ItemField(item, place, _choices(titles, item.tenants), who, why)


def _as_filled(items: tuple[Item, ...], said: Collection[Said]) -> tuple[Item, ...]:
    """Return the items as somebody filled them in, whether they may stay so or not."""
    known = {item.key: item for item in items}
    return tuple(
        replace(
            known.get(each.key) or Item(each.key, ItemOrigin.BY_HAND, each.title),
            title=each.title, words=each.words, link=each.link, tenants=each.tenants, size=each.size,
            left_out=each.left_out,
        )
        for each in said
    )  # fmt: skip


def _preview(
    row: NoteRow, text: VersionRow, tenant: str, titles: Mapping[str, str], *, by_mail: bool
) -> Preview:
    chosen = tenant if tenant in titles else ""
    items = read_by(text.items, [chosen]) if chosen else text.told
    letter = queries.letter_of(row, text, items)
    every = (Choice("", "Every item", not chosen), *_choices(titles, [chosen]))
    return Preview(
        by_mail,
        chosen,
        every,
        text.title,
        html_of(text.introduction),
        _shown(items),
        SafeString(body_of(letter, html_of, top=3)) if by_mail else "",
        text_of(letter) if by_mail else "",
    )


def _audience(items: tuple[Item, ...], titles: Mapping[str, str]) -> Audience:
    belongs = queries.belongs()
    people = {person for alike in readers(items, belongs).values() for person in alike}
    told = [slug for slug in titles if read_by(items, [slug])]
    reached = identity.reached(people).values()
    by_mail = sum(Way.MAIL in each.ways for each in reached)
    return Audience(len(people), len(told), by_mail, len(belongs) - len(people))


def _lines(row: NoteRow, versions: Collection[VersionRow]) -> tuple[VersionLine, ...]:
    names = {
        each: identity.name_of(each) for version in versions for each in (version.by, version.approved_by)
    }
    return tuple(_line(row, each, names.__getitem__) for each in versions)


def _line(row: NoteRow, text: VersionRow, name_of: Callable[[str], str] = identity.name_of) -> VersionLine:
    approved = name_of(text.approved_by) if text.approved_by else ""
    return VersionLine(text, name_of(text.by), approved, text.n == row.shown)
