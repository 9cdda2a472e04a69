"""What an edition of the release notes says by itself: from what really happened in its period (R108)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.rollouts.domain.types import Turn
from companyos.change.comms.domain.release_notes import (
    LINK,
    TITLE,
    WORDS,
    Item,
    ItemOrigin,
    leads_somewhere,
)
from companyos.change.comms.domain.types import Size
from companyos.work.cases.domain.types import Origin

EVERY = timedelta(days=14)
_LOOKS_BACK = 2 * EVERY  # of the very first edition


@dataclass(frozen=True, slots=True)
class Feature:
    title: str
    summary: str = ""
    size: Size = Size.MINOR


@dataclass(frozen=True, slots=True)
class Shipped:
    """A change that reached its users. `tenants` are whose members may know where it came from; empty: all."""

    id: str
    feature: str
    title: str
    link: str
    origin: Origin
    cases: tuple[str, ...]
    tenants: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A suggestion that shipped, with how many had voted for it and the reason that they were told."""

    id: str
    feature: str
    title: str
    because: str
    fix: str
    votes: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Turned:
    """A stage of a rollout that began, was taken back, or was the last to pass."""

    decision: str
    plan: str
    feature: str
    stage: str
    title: str
    turn: Turn
    because: str
    tenants: tuple[str, ...]
    people: int
    everything: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Reached:
    """A feature that reached internal or external GA."""

    feature: str
    state: FeatureState
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fragment:
    """A text that came with a release, as it was written for users."""

    name: str
    text: str
    feature: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened in a period. `tenants` are the production tenants with their titles; a sandbox is no news."""

    shipped: tuple[Shipped, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    turns: tuple[Turned, ...] = ()
    reached: tuple[Reached, ...] = ()
    fragments: tuple[Fragment, ...] = ()
    features: Mapping[str, Feature] = field(default_factory=dict)
    tenants: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_at(self) -> datetime | None:
        """When the first of it happened."""
        moments = [each.at for each in self.shipped] + [each.at for each in self.wanted]
        moments += [each.at for each in self.turns] + [each.at for each in self.reached]
        return min(moments, default=None)

    def feature(self, slug: str) -> Feature:
        return self.features.get(slug) or Feature(slug.replace("-", " ").capitalize())


def draft(happened: Happened) -> tuple[Item, ...]:
    """Return the items of an edition: what is major first, then by origin, then as it happened."""
    found = [
        item
        for origin in ItemOrigin
        if origin in _DRAFTED
        for item in _DRAFTED[origin](happened)
        if not item.tenants or set(item.tenants) & set(happened.tenants)
    ]
    kept = [replace(item, tenants=_production(item, happened)) for item in found]
    return tuple(sorted(kept, key=lambda item: item.size is not Size.MAJOR))


def renewed(items: Iterable[Item], fresh: Iterable[Item]) -> tuple[Item, ...]:
    """Take what is new into a draft: what people wrote stays, and what no longer holds is left out, not deleted."""
    before, now = tuple(items), {item.key: item for item in fresh}
    own = {ItemOrigin.FRAGMENT, ItemOrigin.BY_HAND}
    kept = (
        item if item.key in now or item.origin in own else replace(item, left_out=True) for item in before
    )
    known = {item.key for item in before}
    return (*kept, *(item for key, item in now.items() if key not in known))


def due_since(
    last: datetime | None, happened: Callable[[datetime], Happened], now: datetime
) -> datetime | None:
    """Return since when the next edition tells, if its two weeks are over and there is something to tell; else None.

    Without an edition the two weeks begin with the first thing that happened, of the last four weeks.
    """
    if last is not None and now - last < EVERY:
        return None
    found = happened(last or now - _LOOKS_BACK)
    first = found.first_at
    if first is None or not draft(found):
        return None
    if last is not None:
        return last
    return first - timedelta(seconds=1) if now - first >= EVERY else None


def title_of(number: int, since: datetime, until: datetime) -> str:
    return f"Release notes {number}: {since.day} {since:%B} to {until.day} {until:%B}"


def what_reached_ga(happened: Happened) -> list[Item]:
    """A feature that reached internal or external GA concerns everybody, and is major; not if it was stopped since."""
    stopped = {each.feature: each.at for each in happened.turns if each.everything}
    return [
        _item(
            f"ga/{each.feature}/{each.state}",
            ItemOrigin.GA,
            f"{happened.feature(each.feature).title} {_REACHED[each.state]}",
            happened.feature(each.feature).summary,
            feature=each.feature,
            size=Size.MAJOR,
            why=f"Reached {_words(each.state)} on {_day(each.at)}: {each.because}",
            source=f"/features/{each.feature}",
        )
        for each in happened.reached
        if each.feature not in stopped or stopped[each.feature] < each.at
    ]


def how_stages_turned(happened: Happened) -> list[Item]:
    """Of a stage the last turn is told; what was taken back with everything is no news as a stage that began."""
    last: dict[tuple[str, str], Turned] = {}
    before: dict[tuple[str, str], Turned] = {}
    for each in happened.turns:
        at = each.plan, each.stage
        if each.everything:
            last = {key: one for key, one in last.items() if key[0] != each.plan or key == at}
        if at in last:
            before[at] = last[at]
        last[at] = each
    said = {(each.feature, each.at) for each in happened.reached}
    return [
        _of_a_stage(each, before.get(at), happened)
        for at, each in last.items()
        if (each.feature, each.at) not in said  # the move that brought GA is told as that
    ]


def what_was_asked_for(happened: Happened) -> list[Item]:
    """You asked, we shipped: with how many voted."""
    return [
        _item(
            f"suggestion/{each.id}",
            ItemOrigin.SUGGESTION,
            f"You asked, we shipped: {each.title}",
            f"{_voted(each.votes)}{each.because}".strip(),
            feature=each.feature,
            link=each.fix if leads_somewhere(each.fix) else f"/roadmap/{each.id}",
            why=f"Placed as shipped on {_day(each.at)}, with {_count(each.votes, 'vote', 'votes')}",
            source=f"/roadmap/{each.id}",
        )
        for each in happened.wanted
    ]


def what_shipped(happened: Happened) -> list[Item]:
    """Every change that shipped, but for one that a suggestion of the same title tells already."""
    told = {each.title.casefold() for each in happened.wanted}
    return [
        _item(
            f"change/{each.id}",
            ItemOrigin.CHANGE,
            each.title,
            _SHIPPED[each.origin],
            feature=each.feature,
            link=each.link,
            tenants=each.tenants,
            why=f"Shipped on {_day(each.at)}; {_FROM[each.origin]}",
            source=f"/cases/{each.cases[0]}" if each.cases else each.link,
        )
        for each in happened.shipped
        if each.title.casefold() not in told
    ]


def what_came_with_releases(happened: Happened) -> list[Item]:
    """The first sentence of a fragment is its title."""
    return [
        _item(
            f"fragment/{each.name}",
            ItemOrigin.FRAGMENT,
            _first_sentence(each.text),
            each.text.strip(),
            feature=each.feature,
            why=f"From the release fragment {each.name}",
        )
        for each in happened.fragments
        if each.text.strip()
    ]


_DRAFTED: Mapping[ItemOrigin, Callable[[Happened], list[Item]]] = {
    ItemOrigin.GA: what_reached_ga,
    ItemOrigin.STAGE: how_stages_turned,
    ItemOrigin.SUGGESTION: what_was_asked_for,
    ItemOrigin.CHANGE: what_shipped,
    ItemOrigin.FRAGMENT: what_came_with_releases,
}
_REACHED = {
    FeatureState.INTERNAL_GA: "has reached internal GA",
    FeatureState.EXTERNAL_GA: "is open to customers",
}
_FROM = {
    Origin.INTERNAL_FEEDBACK: "reported inside",
    Origin.CUSTOMER: "asked for by customers",
    Origin.ROADMAP: "from the roadmap",
    Origin.INCIDENT: "after an incident",
}
_SHIPPED = {
    Origin.INTERNAL_FEEDBACK: "Reported inside, and put right.",
    Origin.CUSTOMER: "Customers asked for it.",
    Origin.ROADMAP: "It stood on the roadmap.",
    Origin.INCIDENT: "So that an incident does not come back.",
}


def _of_a_stage(each: Turned, before: Turned | None, happened: Happened) -> Item:
    feature = happened.feature(each.feature)
    where = ", ".join(happened.tenants[slug] for slug in each.tenants if slug in happened.tenants)
    people = _count(each.people, "person", "people")
    again = before is not None and before.turn is not each.turn
    title, words = {
        Turn.BEGAN: (
            f"{feature.title}: {each.title} has begun{' again' if again else ''}",
            f"{people} in {where} {'has' if each.people == 1 else 'have'} it now. {feature.summary}",
        ),
        Turn.TAKEN_BACK: (
            f"{feature.title} was taken back {'everywhere' if each.everything else f'at {each.title}'}",
            f"{'It began in these weeks and was stopped' if again else 'Stopped'}: {each.because}."
            f" {people} {'works' if each.people == 1 else 'work'} as before.",
        ),
        Turn.COMPLETED: (f"{feature.title} has passed every stage", feature.summary),
    }[each.turn]
    return _item(
        f"stage/{each.decision}",
        ItemOrigin.STAGE,
        title,
        words.strip(),
        feature=each.feature,
        tenants=each.tenants,
        size=feature.size,
        why=f"Decided on {_day(each.at)}: {each.because}",
        source=f"/decisions/{each.decision}",
    )


def _item(
    key: str,
    origin: ItemOrigin,
    title: str,
    words: str,
    *,
    feature: str = "",
    link: str = "",
    tenants: tuple[str, ...] = (),
    size: Size = Size.MINOR,
    why: str = "",
    source: str = "",
) -> Item:
    return Item(
        key, origin, " ".join(title.split())[:TITLE], words[:WORDS], link[:LINK] if leads_somewhere(link) else "",
        feature, tenants, size, why[:WORDS], source if leads_somewhere(source) else "",
    )  # fmt: skip


def _production(item: Item, happened: Happened) -> tuple[str, ...]:
    return tuple(slug for slug in item.tenants if slug in happened.tenants)


def _first_sentence(text: str) -> str:
    line = " ".join(text.split())
    return line.partition(". ")[0].rstrip(".")


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B}"


def _voted(votes: int) -> str:
    return f"{_count(votes, 'person', 'people')} voted for it. " if votes else ""


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _words(state: str) -> str:
    return str(state).replace("_", " ").replace(" ga", " GA")
