"""Two ways to say who approves an expense. The new one forgets that sales has a higher limit."""

from __future__ import annotations

from typing import Any


def old_approver(case: dict[str, Any]) -> dict[str, Any]:
    limit = 200.0 if case["team"] == "sales" else 100.0
    return {"approver": "lead" if case["amount"] <= limit else "cfo", "limit": limit}


def new_approver(case: dict[str, Any]) -> dict[str, Any]:
    limit = 100.0
    return {"approver": "lead" if case["amount"] <= limit else "cfo", "limit": limit}
