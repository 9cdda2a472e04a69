"""Gates over people's word: somebody vouches, a scorecard is met, named roles approve."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact

Judgement = tuple[Verdict, str]


def somebody_vouches(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when a named person has attested it, often enough; what was tried and failed fails it."""
    if fact.details.get("failed"):
        return Verdict.FAILED, fact.problem
    done, wanted = int(fact.value or 0), spec.times or 1
    if done < wanted and fact.problem:
        return Verdict.PENDING, fact.problem
    latest = f", last by {fact.details['by_name']}" if fact.details.get("by_name") else ""
    words = f"{done} of {wanted} done{latest}"
    return (Verdict.PASSED if done >= wanted else Verdict.PENDING), words


def the_scorecard_is_met(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when every row of the feature's scorecard is met; when the time is over, a row that fails fails it."""
    if fact.value is None:
        return Verdict.PENDING, fact.problem or "no data"
    words = f"{fact.details.get('says', '')} ({fact.window})"
    if fact.value >= 1:
        return Verdict.PASSED, words
    return (Verdict.FAILED if fact.details.get("failed") and now >= due_at else Verdict.PENDING), words


def the_named_roles_approve(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when each named role has approved this stage; one no of theirs fails it."""
    if refused := fact.details.get("refused"):
        return Verdict.FAILED, f"{refused['by_name']} said no: {refused['because']}"
    given = fact.details.get("by_role", {})
    missing = [role for role in spec.roles if role not in given]
    names = {role: told["by_name"] for role, told in given.items()}
    words = ", ".join(f"{role.replace('_', ' ')}: {names.get(role, 'not yet')}" for role in spec.roles)
    return (Verdict.PENDING if missing else Verdict.PASSED), words
