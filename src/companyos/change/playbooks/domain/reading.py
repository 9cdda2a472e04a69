"""A playbook as files and programs write it: a document in, a document out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from companyos.change.playbooks.domain.types import Kind, Playbook, Step, Target

MOST_STEPS = 60
LONGEST = {"title": 160, "summary": 300, "step": 300, "who": 60, "check": 500, "link": 300}
_TARGETS = ("rollback_seconds", "rto_minutes", "rpo_minutes")


class Unfit(Exception):
    """What was written is no playbook; says what to mend. `step` counts from 1, 0 is the playbook itself."""

    def __init__(self, message: str, step: int = 0) -> None:
        super().__init__(message)
        self.step = step


def playbook_from(document: Mapping[str, Any]) -> Playbook:
    """Read a document whose shape was checked. Raises Unfit for what a shape cannot say."""
    target = Target(**{name: document.get("target", {}).get(name) for name in _TARGETS})
    book = Playbook(
        slug=document["playbook"],
        title=" ".join(document["title"].split()),
        kind=Kind(document["kind"]),
        owner=document["owner"],
        review_on=date.fromisoformat(str(document["review_on"])),
        steps=tuple(Step(**{name: str(text).strip() for name, text in step.items()}) for step in document["steps"]),
        summary=str(document.get("summary", "")).strip(),
        feature=str(document.get("feature", "")),
        target=target,
    )  # fmt: skip
    check(book)
    return book


def check(book: Playbook) -> None:
    """Raises Unfit with the first thing that does not hold together."""
    if not book.title or not book.steps:
        raise Unfit("A playbook has a title and at least one step.")
    if len(book.steps) > MOST_STEPS:
        raise Unfit(f"{len(book.steps)} steps are more than anybody follows; at most {MOST_STEPS}.")
    if len(book.title) > LONGEST["title"] or len(book.summary) > LONGEST["summary"]:
        raise Unfit("The title takes at most 160 characters, the summary 300.")
    if book.kind is Kind.ROLLBACK and not book.feature:
        raise Unfit("A rollback is of a feature; name it.")
    if book.kind is Kind.ROLLBACK and book.target.rollback_seconds is None:
        raise Unfit("A rollback says in how many seconds it is done (rollback_seconds).")
    if book.kind is Kind.RECOVERY and None in (book.target.rto_minutes, book.target.rpo_minutes):
        raise Unfit(
            "A recovery says how long it may take (rto_minutes) and how much may be lost (rpo_minutes)."
        )
    if book.kind is not Kind.ROLLBACK and book.target.rollback_seconds is not None:
        raise Unfit("Only a rollback counts in seconds; give the others rto_minutes.")
    for n, step in enumerate(book.steps, 1):
        _check_step(step, n)


def document_of(book: Playbook) -> dict[str, Any]:
    """Return the playbook as its file would say it, without what is empty."""
    target = {name: value for name, value in asdict(book.target).items() if value is not None}
    said = {
        "playbook": book.slug, "title": book.title, "summary": book.summary, "kind": str(book.kind),
        "feature": book.feature, "owner": book.owner, "review_on": book.review_on.isoformat(), "target": target,
        "steps": steps_document(book.steps),
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def steps_document(steps: tuple[Step, ...]) -> list[dict[str, str]]:
    return [{name: text for name, text in asdict(step).items() if text} for step in steps]


def steps_from(document: list[dict[str, str]]) -> tuple[Step, ...]:
    return tuple(Step(**each) for each in document)


def is_followed(link: str) -> bool:
    """Tell whether a link may be followed from a page: one of ours, or on the web."""
    if link.startswith("/"):
        return not link.startswith("//") and "\\" not in link
    parts = urlsplit(link)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _check_step(step: Step, n: int) -> None:
    if not step.title or not step.who:
        raise Unfit(f"Step {n} says what is done, and who does it (a role).", n)
    lengths = (("step", step.title), ("who", step.who), ("check", step.check), ("link", step.link))
    for name, text in lengths:
        if len(text) > LONGEST[name]:
            raise Unfit(f"Step {n} is too long: its {name} takes at most {LONGEST[name]} characters.", n)
    if step.link and not is_followed(step.link):
        raise Unfit(f"Step {n}: a link begins with https://, http:// or / for a page of ours.", n)
