"""The only writers of telemetry's own tables. One file per subject."""

from __future__ import annotations

from companyos.adoption.telemetry.actions.alerts import (
    NotYours,
    Refused,
    acknowledge,
    carry_out,
    send_test_page,
    silence,
)
from companyos.adoption.telemetry.actions.baselines import keep_baseline
from companyos.adoption.telemetry.actions.definitions import keep_definitions
from companyos.adoption.telemetry.actions.erasures import (
    ask_for_erasure,
    digest_of,
    forget_exposures,
    keep_removal,
    name_done,
)
from companyos.adoption.telemetry.actions.exposures import record_exposures
from companyos.adoption.telemetry.actions.guardrails import Kept, drop_guardrail, keep_guardrails
from companyos.adoption.telemetry.actions.reported_bugs import report_bug_to_guardrails

__all__ = [
    "Kept",
    "NotYours",
    "Refused",
    "acknowledge",
    "ask_for_erasure",
    "carry_out",
    "digest_of",
    "drop_guardrail",
    "forget_exposures",
    "keep_baseline",
    "keep_definitions",
    "keep_guardrails",
    "keep_removal",
    "name_done",
    "record_exposures",
    "report_bug_to_guardrails",
    "send_test_page",
    "silence",
]
