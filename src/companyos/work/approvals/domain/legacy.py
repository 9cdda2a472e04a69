"""The path that Unified Approvals replaces: a plain router, one list of people a department, one after the other.

No quorum, no thresholds, no delegation, no reminders: it is the system of record while the flag is off, and is
not made better on purpose, so that a comparison stays honest.
"""

from __future__ import annotations

from typing import Any

from companyos.work.approvals.domain.chain import Definition, definition_from

PLAIN_ROUTE = ("role:administration", "manager")
ROUTES: dict[str, tuple[str, ...]] = {
    "finance": ("role:administration", "budget-owner", "manager"),
    "go-to-market": ("role:pre_approver", "manager"),
}


def route_of(department: str, asked_for: Definition) -> Definition:
    """The router's chain for a department: the first of each role who may, one after the other."""
    steps: list[dict[str, Any]] = [
        {"step": f"router-{n}", "title": f"Router step {n}", "ask": who, "may_return": True}
        for n, who in enumerate(ROUTES.get(department, PLAIN_ROUTE), start=1)
    ]
    document = {
        "slug": asked_for.slug,
        "title": asked_for.title,
        "data_domain": asked_for.data_domain,
        "form": asked_for.form,
        "amount": asked_for.amount_field,
        "carried_out_by": asked_for.carried_out_by,
        "chain": steps,
    }
    return definition_from(document)
