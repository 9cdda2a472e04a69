"""What keeps a release note from being saved, approved or published (R108)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companyos.change.comms.domain.release_notes import NoteState

Objection = str
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to do with a note, as they saw it and as it stands."""

    actor: str
    seen: int  # the version that they looked at
    state: NoteState
    version: int
    shown: int | None
    title: str
    told: int  # items that are not left out
    last_editor: str
    approved_by: str
    because: str = ""  # what a correction puts right

    @property
    def is_correction(self) -> bool:
        return self.state is NoteState.PUBLISHED


def what_was_seen_still_stands(a: Asked) -> Objection:
    """Nobody overwrites, approves or publishes words that they have not seen."""
    if a.seen == a.version:
        return ""
    return f"Somebody saved version {a.version} meanwhile; yours was {a.seen}. Load the page again and look at theirs."


def a_note_has_a_title(a: Asked) -> Objection:
    return "" if a.title.strip() else "Give the note a title."


def a_correction_says_what_it_puts_right(a: Asked) -> Objection:
    """A published note is never edited: a new version is marked as a correction, with its reason."""
    if not a.is_correction or len(a.because.strip()) >= _SHORTEST:
        return ""
    return "It is published: say what you put right. Readers see that it was corrected, by whom and why."


def an_empty_note_tells_nothing(a: Asked) -> Objection:
    return "" if a.told else "Every item is left out. Take one in, or add one by hand."


def nothing_is_approved_twice(a: Asked) -> Objection:
    waits = a.state is NoteState.DRAFT or a.version != a.shown
    return "" if waits and not a.approved_by else "This version is approved already."


def another_person_approves(a: Asked) -> Objection:
    """Two pairs of eyes: whoever wrote the last version does not approve it."""
    return "You saved this version; another person approves it." if a.actor == a.last_editor else ""


def a_note_is_published_once(a: Asked) -> Objection:
    return (
        "It is published already; put it right with a correction." if a.state is NoteState.PUBLISHED else ""
    )


def what_is_published_was_approved(a: Asked) -> Objection:
    return "" if a.state is NoteState.APPROVED else "Somebody other than its last editor approves it first."


Rule = Callable[[Asked], Objection]
SAVING: tuple[Rule, ...] = (
    what_was_seen_still_stands,
    a_note_has_a_title,
    a_correction_says_what_it_puts_right,
)
APPROVING: tuple[Rule, ...] = (
    what_was_seen_still_stands,
    nothing_is_approved_twice,
    an_empty_note_tells_nothing,
    another_person_approves,
)
PUBLISHING: tuple[Rule, ...] = (
    what_was_seen_still_stands,
    a_note_is_published_once,
    an_empty_note_tells_nothing,
    what_is_published_was_approved,
)


def why_not(rules: tuple[Rule, ...], asked: Asked) -> str:
    """Return why it is refused; empty when it is not."""
    return next(filter(None, (rule(asked) for rule in rules)), "")
