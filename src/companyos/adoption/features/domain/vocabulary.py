"""The facts a scorecard may ask for, each with its unit. Some belong to rooms that are still to come.

A row that names any other is refused when its file is read. Until somebody offers one of those to come, a person
attests it, and the row says so; from the first figure on it is measured.
"""

from __future__ import annotations

UNITS = {
    "cases.open_severe_bugs": "bugs",
    "features.checklist_share": "share",
    "features.ci_tests": "failures",
    "features.contracts": "share",
    "features.dashboards": "dashboards",
    "features.data_model": "versions",
    "features.docs_faq": "documents",
    "features.docs_initial": "documents",
    "features.docs_limitations": "documents",
    "features.docs_quick_start": "documents",
    "features.docs_residency": "documents",
    "features.docs_retention": "documents",
    "features.docs_runbook": "documents",
    "features.flag_on": "people",
    "features.load_test": "share",
    "features.metrics_live": "share",
    "features.migration_rehearsal": "rehearsals",
    "features.on_call": "people",
    "features.parity": "share",
    "features.permission_review": "reviews",
    "features.rollback_rehearsal": "rehearsals",
    "features.security_scan": "findings",
    "features.threat_model": "documents",
    "playbooks.drill": "drills",
    "playbooks.support_pack": "share",
    "shadow.coverage": "share",
    "shadow.mismatch": "share",
    "surveys.satisfaction": "share",
    "telemetry.active_teams": "teams",
    "telemetry.baseline": "days",
    "telemetry.baseline_days": "days",
    "telemetry.completion_trend": "points",
    "telemetry.coverage": "share",
    "telemetry.error_budget": "share",
    "telemetry.latency_p95_ms": "ms",
    "telemetry.mapped": "breaks",
    "telemetry.paging_tested": "share",
    "telemetry.policy_violations": "share",
    "telemetry.return_rate": "share",
    "telemetry.severe_bugs": "bugs",
    "telemetry.task_completion": "share",
    "telemetry.task_success": "share",
    "telemetry.time_to_value_trend": "log",
    # to come
    "comms.reach": "share",
    "feedback.slas_defined": "SLAs",
    "feedback.templates_live": "templates",
    "governance.access_review": "reviews",
    "learning.delivered": "share",
}
