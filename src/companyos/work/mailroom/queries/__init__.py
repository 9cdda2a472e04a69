"""The mailroom: frozen rows out."""

from __future__ import annotations

from companyos.work.mailroom.queries.hooks import HookRow, hooks, may_add

__all__ = ["HookRow", "hooks", "may_add"]
