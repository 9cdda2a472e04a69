"""Questions about comparisons: frozen answers out."""

from __future__ import annotations

from companyos.adoption.shadow.queries.comparisons import (
    classes,
    coverage_variants,
    examples,
    features_in_shadow,
    find_class,
    fixes,
    latency,
    seen,
    standing_of,
)
from companyos.adoption.shadow.queries.connection import connect
from companyos.adoption.shadow.queries.marks import history, marks
from companyos.adoption.shadow.queries.owners import owners_of

__all__ = [
    "classes",
    "connect",
    "coverage_variants",
    "examples",
    "features_in_shadow",
    "find_class",
    "fixes",
    "history",
    "latency",
    "marks",
    "owners_of",
    "seen",
    "standing_of",
]
