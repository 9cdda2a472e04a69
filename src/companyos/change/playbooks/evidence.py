"""What playbooks know that a gate may ask: drills that count, and whether support is prepared."""

from __future__ import annotations

from typing import Any

from companyos.adoption.features import queries as features
from companyos.change.playbooks.domain.counting import HOLDS_FOR_DAYS, TITLES, Counted, asked_by
from companyos.change.playbooks.domain.packs import FRESH_FOR_DAYS
from companyos.change.playbooks.queries.drills import drills_of
from companyos.change.playbooks.queries.packs import support_pack
from companyos.change.playbooks.queries.standing import counted
from companyos.kernel.evidence import Fact, Question, offer
from companyos.people.identity import queries as identity

_DRILL, _PACK = "playbooks.drill", "playbooks.support_pack"


def drill(question: Question) -> Fact:
    """Whether the asked drills count: one that a task stands for, or else all three (R120).

    No value while one is missing, too old or of another version; none of them and `failed` when the last one failed.
    """
    asked = asked_by(str(question.parameters.get("task", "")))
    days = int(question.parameters.get("days", HOLDS_FOR_DAYS))
    version = str(question.parameters.get("version") or _version(question.feature))
    held = drills_of([question.feature])
    stand = counted(question.feature, version, held, question.now, asked=asked, days=days)
    open_ones = [each for each in stand if not each.counts]
    failed = any(each.failed for each in open_ones)
    value = None if open_ones else 1.0
    return Fact(
        _DRILL, 0.0 if failed else value, n=sum(each.drill is not None for each in stand), unit="drills",
        window=f"at most {days} days old", source="drills held",
        problem="; ".join(f"{TITLES[each.asked]}: {each.because}" for each in open_ones),
        details={
            "asked": [_told(each) for each in stand], **({"failed": True} if failed else {}), **_last_by(stand),
        },
    )  # fmt: skip


def pack(question: Question) -> Fact:
    """The share of the support checklist that is there and fresh, and what is missing (R119). No value for no pack."""
    days = int(question.parameters.get("days", FRESH_FOR_DAYS))
    found = support_pack(question.feature, question.now, days=days)
    return Fact(
        _PACK, None if found.is_empty else found.share, n=sum(len(line.items) for line in found.lines), unit="share",
        window=f"reviewed at most {days} days ago", source="support pack",
        problem="nothing is in the support pack yet" if found.is_empty else "; ".join(found.missing),
        details={"missing": list(found.missing), **({"absent": True} if found.is_empty else {})},
    )  # fmt: skip


def _told(each: Counted) -> dict[str, Any]:
    told: dict[str, Any] = {
        "drill": str(each.asked), "counts": each.counts, "because": each.because, "rule": each.rule,
    }  # fmt: skip
    if each.drill is not None and each.drill.ended_at is not None:
        told |= {"id": each.drill.id, "at": each.drill.ended_at.isoformat(), "seconds": each.drill.seconds}
        told |= {"version": each.drill.feature_version}
    return told


def _last_by(stand: tuple[Counted, ...]) -> dict[str, str]:
    """Who ended the latest of them: a gate names them."""
    ended = [each.drill for each in stand if each.drill and each.drill.ended_at]
    if not ended:
        return {}
    last = max(ended, key=lambda each: str(each.ended_at))
    return {"by": last.ended_by, "by_name": identity.name_of(last.ended_by), "link": f"/drills/{last.id}"}


def _version(feature: str) -> str:
    row = features.feature(feature)
    return row.version if row else ""


def offer_evidence() -> None:
    offer(_DRILL, drill)
    offer(_PACK, pack)
