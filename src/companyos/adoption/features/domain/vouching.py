"""Whether a person's word is taken for a row. The first rule with an objection refuses it; what was judged stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.features.domain.template import Row


@dataclass(frozen=True, slots=True)
class Offered:
    """A word as it is offered. `squad` are the people of the team that owns the feature."""

    row: Row
    by: str
    author: str
    version: str
    current: str
    link: str
    note: str
    squad: frozenset[str]
    now: datetime
    expires_at: datetime | None = None

    @property
    def runs_out(self) -> datetime:
        return self.expires_at or self.now + timedelta(days=self.row.valid_days)


Objection = str


def a_measured_row_takes_no_word(o: Offered) -> Objection:
    """A row that is measured is not passed by anybody's word."""
    return (
        ""
        if o.row.attest
        else f"{o.row.title}: this is measured, nobody's word counts. {o.row.flips.capitalize()}."
    )


def nobody_vouches_for_their_own_work(o: Offered) -> Objection:
    """Whoever made a thing does not review it."""
    return (
        f"{o.by} is the author of what is vouched for; somebody else has to."
        if o.author and o.author == o.by
        else ""
    )


def a_review_comes_from_outside_the_squad(o: Offered) -> Objection:
    """An independent row is vouched for by somebody outside the owning squad."""
    inside = o.row.independent and o.by in o.squad
    return f"{o.row.title}: a reviewer from outside the owning squad is needed." if inside else ""


def a_word_is_for_the_version_there_is(o: Offered) -> Objection:
    """A word for another version says nothing of this one."""
    if o.version == o.current:
        return ""
    return (
        f"This is for version {o.version or 'none'}; the feature is at {o.current}."
        " Look at that one, or say first that the feature moved on."
    )


def a_word_is_not_over_before_it_begins(o: Offered) -> Objection:
    """A word that has run out is none; one that lasts for longer than the row allows is not taken either."""
    longest = o.now + timedelta(days=o.row.valid_days)
    if o.now < o.runs_out <= longest:
        return ""
    return f"It would hold until {o.runs_out:%d %b %Y}; allowed: after now, until {longest:%d %b %Y}."


def a_word_leads_to_something(o: Offered) -> Objection:
    """There is something to look at: a link or a note of what was done."""
    return (
        ""
        if o.link.strip() or o.note.strip()
        else "Give a link, or say what was done: others will want to look."
    )


RULES: tuple[Callable[[Offered], Objection], ...] = (
    a_measured_row_takes_no_word,
    nobody_vouches_for_their_own_work,
    a_review_comes_from_outside_the_squad,
    a_word_is_for_the_version_there_is,
    a_word_is_not_over_before_it_begins,
    a_word_leads_to_something,
)


def why_not(offered: Offered) -> str:
    """Return why a word is not taken; empty when it is."""
    return next(filter(None, (rule(offered) for rule in RULES)), "")
