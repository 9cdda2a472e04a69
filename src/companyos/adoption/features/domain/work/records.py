"""What people and tools record: rehearsals, contracts, documents with their freshness, reviews, the data model."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from companyos.adoption.features.domain.work.reading import Unreadable, figure, json_from, text, whole
from companyos.kernel.evidence import Fact

DOCUMENTS = ("initial", "runbook", "faq", "quick_start", "limitations", "retention", "residency")
REHEARSALS = ("migration", "rollback")
REVIEWS = {"threat_model": "documents", "permission_review": "reviews"}
_REHEARSAL_HOLDS, _REVIEW_HOLDS = timedelta(days=90), timedelta(days=365)
_LONGEST_REVIEW = timedelta(days=730)


def rehearsal(body: bytes, now: datetime) -> Fact:
    """A migration or rollback rehearsed on a copy (R170, R171): it passes when every step did and no row was lost.

    `{"what": "migration", "steps": [{"name", "ok", "seconds"}], "rows_before", "rows_after", "expected_rows",
    "target_seconds"}`.
    """
    document = json_from(body)
    what = document.get("what")
    if what not in REHEARSALS:
        raise Unreadable(f"`what` is {' or '.join(REHEARSALS)}.")
    steps = document.get("steps")
    if not isinstance(steps, list) or not steps:
        raise Unreadable("`steps` is a list with at least one step.")
    told = [_step(each) for each in steps[:200]]
    before, after = (whole(document.get(name), name) for name in ("rows_before", "rows_after"))
    expected = whole(document.get("expected_rows", before), "expected_rows")
    took = sum(float(cast("float", each["seconds"])) for each in told)
    allowed = figure(document["target_seconds"], "target_seconds") if "target_seconds" in document else None
    faults = [f"step {each['name']} failed" for each in told if not each["ok"]]
    if after != expected:
        faults.append(f"{after:,} rows afterwards, {expected:,} expected")
    if allowed is not None and took > allowed:
        faults.append(f"took {took:.0f} s, {allowed:.0f} s allowed")
    return Fact(
        f"features.{what}_rehearsal", 0.0 if faults else 1.0, n=len(told), unit="rehearsals", window="one rehearsal",
        source="rehearsal",
        details={"faults": faults, "seconds": took, "rows": after, "expires_at": (now + _REHEARSAL_HOLDS).isoformat()},
    )  # fmt: skip


def contracts(body: bytes, now: datetime) -> Fact:
    """The share of integration contracts that have a version (R174): `{"contracts": [{"name", "version"}]}`."""
    named = json_from(body).get("contracts")
    if not isinstance(named, list) or not named:
        raise Unreadable("`contracts` is a list with at least one contract.")
    bare = [
        text(each, "name", longest=120)
        for each in (each if isinstance(each, dict) else {} for each in named[:500])
        if not str(each.get("version") or "").strip() and text(each, "name", longest=120)
    ]
    n = len(named[:500])
    return Fact(
        "features.contracts", (n - len(bare)) / n, n=n, unit="share", window="as recorded", source="contracts",
        details={"without_version": bare[:10]},
    )  # fmt: skip


def document(body: bytes, now: datetime, zone: ZoneInfo) -> Fact:
    """A document with its freshness (R70, R165-R169): `{"what", "links", "broken", "changed_on", "review_by"}`.

    It counts when no link is broken, and until the day by which it is to be reviewed.
    """
    told = json_from(body)
    what = told.get("what")
    if what not in DOCUMENTS:
        raise Unreadable(f"`what` is one of {', '.join(DOCUMENTS)}.")
    links, broken = (whole(told.get(name), name) for name in ("links", "broken"))
    changed_on, review_by = (_day(told, name) for name in ("changed_on", "review_by"))
    if broken > links:
        raise Unreadable(f"{broken} broken of {links} links is impossible.")
    if changed_on > now.astimezone(zone).date():
        raise Unreadable(f"`changed_on` {changed_on} is still to come.")
    if review_by > (now + _LONGEST_REVIEW).date():
        raise Unreadable(f"`review_by` lies within {_LONGEST_REVIEW.days} days.")
    ends = datetime.combine(review_by + timedelta(days=1), time.min, zone)
    return Fact(
        f"features.docs_{what}", 0.0 if broken else 1.0, n=links, unit="documents", window=f"changed {changed_on}",
        source="documents",
        details={
            "broken": broken, "changed_on": str(changed_on), "review_by": str(review_by),
            "expires_at": ends.isoformat(),
        },
    )  # fmt: skip


def review(body: bytes, now: datetime) -> tuple[Fact, str]:
    """A threat model or a review of permissions (R160, R161), and its author: `{"what", "author", "open_findings"}`."""
    told = json_from(body)
    what = told.get("what")
    if not isinstance(what, str) or what not in REVIEWS:
        raise Unreadable(f"`what` is {' or '.join(REVIEWS)}.")
    still = whole(told.get("open_findings"), "open_findings")
    author = text(told, "author", longest=50)
    fact = Fact(
        f"features.{what}", 0.0 if still else 1.0, n=still, unit=REVIEWS[what], window="one review", source="review",
        details={"open_findings": still, "author": author, "expires_at": (now + _REVIEW_HOLDS).isoformat()},
    )  # fmt: skip
    return fact, author


def data_model(body: bytes, now: datetime) -> Fact:
    """The version of the schema that a feature reads and writes (R69): `{"schema_version", "migrations"}`."""
    told = json_from(body)
    version, migrations = (
        text(told, "schema_version", longest=80),
        whole(told.get("migrations"), "migrations"),
    )
    return Fact(
        "features.data_model", 1.0, n=migrations, unit="versions", window="as recorded", source="data model",
        details={"schema_version": version},
    )  # fmt: skip


def _step(each: Any) -> dict[str, object]:
    if not isinstance(each, dict) or not isinstance(each.get("ok"), bool):
        raise Unreadable("Each step is an object with name, ok (true or false) and seconds.")
    seconds = figure(each.get("seconds"), "seconds")
    if seconds < 0:
        raise Unreadable("`seconds` is 0 or more.")
    return {"name": text(each, "name", longest=120), "ok": each["ok"], "seconds": seconds}


def _day(told: dict[str, Any], field: str) -> date:
    try:
        return date.fromisoformat(str(told.get(field)))
    except ValueError:
        raise Unreadable(f"`{field}` is a day as 2026-11-30.") from None
