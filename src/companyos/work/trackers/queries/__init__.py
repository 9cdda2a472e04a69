"""Trackers: frozen rows out."""

from __future__ import annotations

from companyos.work.trackers.queries.connections import (
    ChangeRow,
    ConnectionRow,
    DeliveryRow,
    IssueRow,
    changes_of,
    connection,
    connections,
    deliveries,
    issues,
)

__all__ = [
    "ChangeRow",
    "ConnectionRow",
    "DeliveryRow",
    "IssueRow",
    "changes_of",
    "connection",
    "connections",
    "deliveries",
    "issues",
]
