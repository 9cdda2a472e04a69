"""What a council talks about: built from what people voted for and what waits for a word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.work.roadmap.domain.types import Place, RfcRow, RfcState, SuggestionRow

MOST_ITEMS = 12
MOST_SUGGESTIONS = 8
PARKED_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Item:
    """One point: `kind` is suggestion or rfc, `why` says why it is here, with the numbers."""

    kind: str
    key: str
    title: str
    why: str


def agenda(suggestions: Iterable[SuggestionRow], rfcs: Iterable[RfcRow], now: datetime) -> tuple[Item, ...]:
    """Return the points of a council: RFCs that wait for a decision, then what has the most votes.

    New suggestions come by weighted votes with the credit of their team, then raw, then age; what was parked comes
    back after 90 days.
    """
    waiting = [
        Item("rfc", str(rfc.number), rfc.title, _why_rfc(rfc))
        for rfc in rfcs
        if rfc.state is RfcState.FINAL_COMMENT
    ]
    told = [each for each in suggestions if each.votes and _is_due(each, now)]
    ranked = sorted(told, key=lambda each: (-each.with_credit, -each.votes, each.at, each.id))
    points = [Item("suggestion", each.id, each.title, _why(each)) for each in ranked[:MOST_SUGGESTIONS]]
    return tuple([*waiting, *points][:MOST_ITEMS])


def _is_due(each: SuggestionRow, now: datetime) -> bool:
    if each.place is Place.NEW:
        return True
    return each.place is Place.LATER and each.placed_at is not None and now - each.placed_at >= PARKED_FOR


def _why(each: SuggestionRow) -> str:
    votes = f"{each.votes} vote{'' if each.votes == 1 else 's'}, {each.weighted:g} weighted"
    if each.credit:
        votes += f", {each.with_credit:g} with pilot credit until {each.credit.until:%d %b %Y}"
    return f"{votes}; parked since {each.placed_at:%d %b %Y}" if each.placed_at else votes


def _why_rfc(rfc: RfcRow) -> str:
    stands = "no blocking comment stands"
    if rfc.blocking:
        stands = (
            "1 blocking comment stands" if rfc.blocking == 1 else f"{rfc.blocking} blocking comments stand"
        )
    return f"final comment; {stands}"
