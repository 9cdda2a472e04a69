"""Navigation, tenants and rollouts in lists."""

from __future__ import annotations

from companyos.adoption.rollouts.domain.types import Status
from companyos.surfaces.console import pages
from screens.sample_gates import ago

NAV = pages.Nav(5, 12, 7, 3)
TENANTS = (
    pages.TenantLine(
        "corporate",
        "Corporate Ops",
        "production",
        ("Mara Silva",),
        ("HR", "finance", "procurement"),
        "high",
        "EU",
        "last, after a drill",
        4,
        88,
    ),
    pages.TenantLine(
        "engineering",
        "Engineering Quality",
        "production",
        ("Jon Berg", "Ana Ruiz"),
        ("builds", "incidents"),
        "medium",
        "EU",
        "pilot first",
        9,
        52,
    ),
    pages.TenantLine(
        "gtm",
        "Go-to-Market",
        "production",
        ("Ines Costa",),
        ("accounts", "support"),
        "medium",
        "US",
        "whole teams",
        6,
        64,
    ),
    pages.TenantLine(
        "training",
        "Training",
        "sandbox",
        ("Omar Haddad",),
        ("curricula",),
        "low",
        "EU",
        "follows internal GA",
        5,
        4,
    ),
    pages.TenantLine(
        "qa",
        "Experimental / QA",
        "sandbox",
        ("Jon Berg",),
        ("synthetic",),
        "low",
        "EU",
        "everything first",
        12,
        6,
    ),
)
LINES = (
    pages.RolloutLine(
        "unified-approvals",
        "Unified Approvals",
        "unified-approvals",
        Status.PAUSED,
        "expand",
        "Expand is paused: the evidence does not decide",
        101,
        ago(minutes=12),
    ),
    pages.RolloutLine(
        "alerts",
        "Alert Routing",
        "alert-routing",
        Status.ROLLED_BACK,
        "pilot",
        "Pilot was taken back",
        0,
        ago(hours=5),
    ),
    pages.RolloutLine(
        "kb",
        "Knowledge Base Editor",
        "kb-editor",
        Status.ACTIVE,
        "pilot",
        "Pilot is going well",
        17,
        ago(days=1),
    ),
)
