"""The facts that telemetry offers to gates, by name; what each says stands in the room's other evidence files."""

from __future__ import annotations

from companyos.adoption.telemetry.counting import TaskCounts
from companyos.adoption.telemetry.domain.company_time import Company
from companyos.adoption.telemetry.flag_evidence import flag_exposures, flags_asked
from companyos.adoption.telemetry.guardrail_evidence import GuardrailEvidence, Watches
from companyos.adoption.telemetry.people_evidence import PeopleEvidence
from companyos.adoption.telemetry.task_evidence import TaskEvidence
from companyos.kernel.evidence import offer


def offer_evidence(company: Company, watches: Watches) -> None:
    """Answer gates' questions for one company; guardrail readings come from the watch in memory."""
    counts = TaskCounts(company)
    tasks, people, guardrails = (
        TaskEvidence(company, counts),
        PeopleEvidence(company),
        GuardrailEvidence(watches),
    )
    for name, answer in {
        "telemetry.task_success": tasks.task_success,
        "telemetry.task_completion": tasks.task_completion,
        "telemetry.policy_violations": tasks.policy_violations,
    }.items():
        offer(name, answer, prepare=counts.prepare)
    offer("telemetry.latency_p95_ms", tasks.latency_p95, prepare=counts.prepare_latency)
    for name, answer in {
        "telemetry.baseline_days": tasks.baseline_days,
        "telemetry.return_rate": tasks.return_rate,
        "telemetry.active_teams": people.active_teams,
        "telemetry.completion_trend": people.completion_trend,
        "telemetry.time_to_value_trend": people.time_to_value_trend,
        "telemetry.severe_bugs": people.severe_bugs,
        "telemetry.task_failed": guardrails.task_failed,
        "telemetry.roster": guardrails.roster,
        "telemetry.flag_exposures": flag_exposures,
        "telemetry.flags_asked": flags_asked,
    }.items():
        offer(name, answer)
