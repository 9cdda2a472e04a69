"""What is talked about in a session, and how long: the minutes of an agenda are those of its session."""

from __future__ import annotations

from collections.abc import Sequence

from companyos.change.sessions.domain.types import MINUTES, AgendaItem, Kind

_MOST = 8  # points that share the time in the middle: more would have no time each
Topic = tuple[str, str]  # what it says, and where it leads


def of_huddle(feature: str, stage: str, *, ahead: bool, link: str) -> tuple[AgendaItem, ...]:
    """Before a stage: what changes and how one gets back. When it has begun: how the first day went."""
    if ahead:
        return (
            AgendaItem(3, f"What {feature} changes for you at {stage}, and when", link),
            AgendaItem(5, "The main task once, from beginning to end"),
            AgendaItem(5, "Your questions"),
            AgendaItem(2, "Who helps, and how you get back to the old path"),
        )
    return (
        AgendaItem(3, f"The first day of {feature} at {stage}, in figures", link),
        AgendaItem(5, "What got in your way"),
        AgendaItem(5, "Your questions"),
        AgendaItem(2, "Who does what until when"),
    )


def of_office_hours(feature: str, link: str) -> tuple[AgendaItem, ...]:
    return (AgendaItem(MINUTES[Kind.OFFICE_HOURS], f"Bring what you are stuck on in {feature}", link),)


def of_dogfood_hour(scenarios: Sequence[Topic]) -> tuple[AgendaItem, ...]:
    """The week's scenarios share the time between the beginning and what was found."""
    middle = _shared(45, scenarios, "Nothing is in rollout: try what you use least, as a new colleague would")
    return (
        AgendaItem(5, "Sign in, and choose a scenario"),
        *middle,
        AgendaItem(10, "What we found: each as a case, with the steps"),
    )


def of_clinic(newly_on: Sequence[Topic]) -> tuple[AgendaItem, ...]:
    """What was switched on since the last clinic shares the time between the beginning and the questions."""
    middle = _shared(30, newly_on, "Nothing was newly switched on: what is hard in what we have")
    return (AgendaItem(5, "What is new since the last clinic"), *middle, AgendaItem(10, "Your questions"))


def _shared(minutes: int, topics: Sequence[Topic], otherwise: str) -> tuple[AgendaItem, ...]:
    """Whole minutes each; what is left over goes to the first."""
    chosen = list(topics[:_MOST]) or [(otherwise, "")]
    each, over = divmod(minutes, len(chosen))
    return tuple(AgendaItem(each + (n < over), says, link) for n, (says, link) in enumerate(chosen))
