"""What we write into a tracker and what we take from one: who said it stands in front, and nobody is called by it."""

from __future__ import annotations

import re

from companyos.work.trackers.domain.types import Draft

LONGEST = 9_000
_QUIET_AT = "@\u200b"  # shown as @, and calls nobody
_OURS = re.compile(r"^(?!>)(?:.{1,120} in|Reported in) CompanyOS \(([a-z0-9-]+-\d+)(?:#(\d+))?\):")
_SEVERITY = re.compile(r"^(?:severity[:/ ]\s*)?(sev[1-4])$", re.IGNORECASE)
SEVERITIES = ("sev1", "sev2", "sev3", "sev4")


def draft_of(label: str, url: str, title: str, body: str, type_slug: str, severity: str) -> Draft:
    text = f"Reported in CompanyOS ({label}): {url}\n\n{quiet(body)}"
    return Draft(quiet(title)[:200], text.strip(), type_slug, severity)


def comment_of(name: str, label: str, number: int, text: str) -> str:
    return f"{name} in CompanyOS ({label}#{number}):\n\n{quiet(text)}"


def mark_of(text: str) -> str:
    """Return which of our texts this is (`corporate-7`, `corporate-7#3`); empty for somebody else's."""
    found = _OURS.match(text.lstrip())
    return "#".join(part for part in found.groups() if part) if found else ""


def taken(by: str, title: str, text: str) -> str:
    """Return a comment of a tracker as it is kept here."""
    return f"{by} on {title}:\n\n{quiet(text)}"


def quiet(text: str) -> str:
    return text.replace("\x00", "").replace("@", _QUIET_AT)[:LONGEST]


def severity_in(labels: tuple[str, ...]) -> str:
    """Return the severity that the labels name; the worst of several, empty for none."""
    named = sorted(found[1].lower() for label in labels if (found := _SEVERITY.match(label.strip())))
    return named[0] if named else ""


def labels_of(draft: Draft) -> list[str]:
    return [each for each in (draft.type, draft.severity) if each]
