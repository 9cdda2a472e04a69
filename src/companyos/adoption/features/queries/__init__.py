"""Features: frozen rows out."""

from __future__ import annotations

from companyos.adoption.features.queries.directory import (
    MoveRow,
    Stopped,
    areas,
    feature,
    features,
    intake_of,
    intakes,
    moves_of,
    stopped,
)
from companyos.adoption.features.queries.documents import DocumentRow, documents_of, due_links
from companyos.adoption.features.queries.exemptions import ExemptionRow, exemptions, in_force
from companyos.adoption.features.queries.meetings import (
    MeetingRow,
    SignOffRow,
    certificate,
    certificates_of,
    has_certificate,
    meeting,
    meetings_of,
    roles_of,
)
from companyos.adoption.features.queries.people import lead_of, people_of, stewards
from companyos.adoption.features.queries.plans import PlanVersionRow, approved_plans, newest_plan
from companyos.adoption.features.queries.reached import ReachedRow, reached_ga
from companyos.adoption.features.queries.readiness import (
    ChangeRow,
    WordRow,
    all_judged_at,
    all_readiness,
    changes_of,
    earlier_values,
    readiness_of,
    regressions,
    words_of,
    work_of,
)
from companyos.adoption.features.queries.registers import ProcessRow, SurfaceRow, processes, surfaces
from companyos.adoption.features.queries.templates import (
    DefinitionRow,
    definitions,
    history_of,
    newest_scorecards,
    row_of,
    scorecards_of,
    size_of,
    tier_for,
)

__all__ = [
    "ChangeRow",
    "DefinitionRow",
    "DocumentRow",
    "ExemptionRow",
    "MeetingRow",
    "MoveRow",
    "PlanVersionRow",
    "ProcessRow",
    "ReachedRow",
    "SignOffRow",
    "Stopped",
    "SurfaceRow",
    "WordRow",
    "all_judged_at",
    "all_readiness",
    "approved_plans",
    "areas",
    "certificate",
    "certificates_of",
    "changes_of",
    "definitions",
    "documents_of",
    "due_links",
    "earlier_values",
    "exemptions",
    "feature",
    "features",
    "has_certificate",
    "history_of",
    "in_force",
    "intake_of",
    "intakes",
    "lead_of",
    "meeting",
    "meetings_of",
    "moves_of",
    "newest_plan",
    "newest_scorecards",
    "people_of",
    "processes",
    "reached_ga",
    "readiness_of",
    "regressions",
    "roles_of",
    "row_of",
    "scorecards_of",
    "size_of",
    "stewards",
    "stopped",
    "surfaces",
    "tier_for",
    "words_of",
    "work_of",
]
