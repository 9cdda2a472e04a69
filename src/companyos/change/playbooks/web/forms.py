"""What was sent by the forms, as the actions take it. Raises Refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from companyos.change.playbooks.actions import Refused
from companyos.change.playbooks.domain.types import Kind, Playbook, Step, Target


def playbook_of(slug: str, said: Mapping[str, str]) -> Playbook:
    """Read the form of a playbook. Steps without a title, a role or a check are left out."""
    try:
        kind = Kind(said.get("kind", ""))
    except ValueError:
        raise Refused("Say what kind of playbook it is.") from None
    return Playbook(
        slug, " ".join(said.get("title", "").split()), kind, said.get("owner", ""), day_of(said.get("review_on", "")),
        _steps(said), said.get("summary", "").strip(), said.get("feature", ""),
        Target(*(whole(said.get(name, "")) for name in ("rollback_seconds", "rto_minutes", "rpo_minutes"))),
    )  # fmt: skip


def roles_of(said: Mapping[str, str], roles: tuple[str, ...]) -> dict[str, str]:
    """Read who has which role; the inputs are counted in the order of the roles."""
    return {role: said.get(f"role-{n}", "") for n, role in enumerate(roles)}


def day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("Write the day as 2026-12-24.") from None


def whole(text: str) -> int | None:
    """Read a whole number; empty is none."""
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 8):
        raise Refused(f"{text.strip()[:20]!r} is no whole number; leave it empty where nothing is asked.")
    return int(text)


def minutes(text: str) -> float | None:
    """Read a number of minutes; empty is none."""
    try:
        return float(text.replace(",", ".")) if text.strip() else None
    except ValueError:
        raise Refused("Say in minutes how much data was lost; 0 for none.") from None


def _steps(said: Mapping[str, str]) -> tuple[Step, ...]:
    found: list[tuple[float, int, Step]] = []
    for n in range(1, 100):
        if f"title-{n}" not in said:
            break
        text = {name: said.get(f"{name}-{n}", "").strip() for name in ("title", "who", "check", "link")}
        if any(text.values()):
            found.append((_place(said.get(f"order-{n}", ""), n), n, Step(**text)))
    return tuple(step for _, _, step in sorted(found, key=lambda each: each[:2]))


def _place(text: str, n: int) -> float:
    """Where a step goes: `2.5` goes between the second and the third."""
    try:
        return float(text) if text.strip() else float(n)
    except ValueError:
        raise Refused(f"{text[:20]!r} is no place of a step; write 2.5 to put it after the second.") from None
