"""Release notes: an edition, its versions, its items, and which of them concern whom (R108)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from companyos.change.comms.domain.types import Size

TITLE, WORDS, LINK, INTRODUCTION = 160, 4_000, 300, 4_000
MOST_ITEMS = 200


class NoteState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


class ItemOrigin(StrEnum):
    """Where an item of a release note came from."""

    GA = "ga"  # a feature reached internal or external GA
    STAGE = "stage"  # of a rollout: begun, taken back, all passed
    SUGGESTION = "suggestion"  # you asked, we shipped
    CHANGE = "change"  # it shipped
    FRAGMENT = "fragment"  # a text that came with a release
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a release note tells. `why` and `source` say how it came in; `tenants` empty: it concerns all."""

    key: str
    origin: ItemOrigin
    title: str
    words: str = ""
    link: str = ""
    feature: str = ""
    tenants: tuple[str, ...] = ()
    size: Size = Size.MINOR
    why: str = ""
    source: str = ""
    left_out: bool = False

    def concerns(self, tenants: Collection[str]) -> bool:
        """Tell whether somebody who belongs to these tenants reads it."""
        return not self.left_out and (not self.tenants or any(each in self.tenants for each in tenants))


@dataclass(frozen=True, slots=True)
class NoteRow:
    """An edition. `shown` is the version that its readers see; a later one is a correction that waits for its word."""

    id: str
    number: int
    since: datetime
    until: datetime
    state: NoteState
    version: int
    shown: int | None
    published_by: str
    published_at: datetime | None

    @property
    def waits_with_a_correction(self) -> bool:
        return self.shown is not None and self.version != self.shown


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What an edition said at one time. `because` is what a correction puts right."""

    n: int
    title: str
    introduction: str
    items: tuple[Item, ...]
    by: str
    at: datetime
    is_correction: bool
    because: str
    approved_by: str
    approved_at: datetime | None

    @property
    def told(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not item.left_out)


def read_by(items: Iterable[Item], tenants: Collection[str]) -> tuple[Item, ...]:
    """Return what somebody who belongs to these tenants reads, in order."""
    return tuple(item for item in items if item.concerns(tenants))


def readers(
    items: Iterable[Item], belongs: Mapping[str, Collection[str]]
) -> Mapping[tuple[Item, ...], tuple[str, ...]]:
    """Return who reads what: people by the items that concern them. Whom no item concerns is not there."""
    every, alike = tuple(items), defaultdict(list)
    for person, tenants in sorted(belongs.items()):
        alike[frozenset(tenants)].append(person)
    found: dict[tuple[Item, ...], tuple[str, ...]] = {}
    for tenants, people in alike.items():
        mine = read_by(every, tenants)
        if mine:
            found[mine] = (*found.get(mine, ()), *people)
    return found


def leads_somewhere(link: str) -> bool:
    """Tell whether a link is a web address or a page of ours: nothing else is put before readers."""
    return link.startswith(("https://", "http://")) or (link.startswith("/") and link[1:2] not in {"/", "\\"})
