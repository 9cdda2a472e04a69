"""What the roadmap knows that a gate may ask."""

from __future__ import annotations

from companyos.kernel.evidence import Fact, Question, offer
from companyos.work.roadmap.domain.types import RfcState
from companyos.work.roadmap.queries.rfcs import window_of

_NAME = "roadmap.rfc_window"
_TAKES_COMMENTS = frozenset({RfcState.DRAFT, RfcState.DISCUSSION})


def blocking_comments(question: Question) -> Fact:
    """Count the blocking comments that stand in the window that internal GA opened; no value while it is open (R91).

    A gate before external GA passes at none.
    """
    window = window_of(question.feature)
    if window is None:
        return Fact(_NAME, unit="comments", window="one week", problem="internal GA has opened no window yet")
    details = {
        "rfc": window.number,
        "state": window.state,
        "closes_at": window.closes_at.isoformat() if window.closes_at else None,
        "comments": window.comments,
        "blocking": window.blocking,
        "summary": window.summary,
    }
    if window.state in _TAKES_COMMENTS:
        until = f" until {window.closes_at:%d %b %Y}" if window.closes_at else ""
        problem = f"RFC {window.number} takes comments{until}; {window.blocking} blocking stand now"
        return Fact(
            _NAME, n=window.comments, unit="comments", window="one week", problem=problem, details=details
        )
    value = float(window.blocking)
    return Fact(
        _NAME,
        value,
        value,
        value,
        window.comments,
        "comments",
        "one week",
        f"RFC {window.number}",
        details=details,
    )


def offer_evidence() -> None:
    offer(_NAME, blocking_comments)
