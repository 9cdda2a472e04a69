"""Statistics for small, whole-team cohorts: exact bounds, intervals and the two guardrail rules. Pure."""
