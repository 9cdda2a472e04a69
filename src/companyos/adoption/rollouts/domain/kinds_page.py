"""The page of all kinds of gates, written from the docstrings of their judges: `docs/gate-kinds.md`."""

from __future__ import annotations

from collections.abc import Callable

from companyos.adoption.rollouts.domain import decide, guardrail
from companyos.adoption.rollouts.domain.gates import KINDS

_HEAD = """# Kinds of gates

Written from the docstrings of the judges in `adoption/rollouts/domain/`; do not edit by hand
(`python -m companyos.adoption.rollouts.domain.kinds_page > docs/gate-kinds.md`).

A gate asks for the fact named here, or for any other that it names as `evidence: room.fact`. A fact that nobody
measures yet is *pending*, and says so.

| kind | asks for | passes and fails |
|---|---|---|
"""


def page() -> str:
    """Return the page as Markdown."""
    rows = [
        f"| `{kind}` | {_shown(kind, entry.evidence)} | {_sentence(entry.judge)} |"
        for kind, entry in KINDS.items()
    ]
    parts = [
        _HEAD + "\n".join(rows),
        "## What a guardrail says, in this order\n\n" + _listed(guardrail.RULES),
        "## What a rollout then does, in this order\n\n" + _listed(decide.RULES),
    ]
    return "\n\n".join(parts) + "\n"


def _shown(kind: str, evidence: str) -> str:
    if kind == "readiness":
        return "`readiness.` and its `scorecard`"
    return f"`{evidence}`" if evidence else "`telemetry.` and its `metric`"


def _listed(rules: tuple[Callable[..., object], ...]) -> str:
    return "\n".join(f"1. **{rule.__name__.replace('_', ' ')}**: {_sentence(rule)}" for rule in rules)


def _sentence(judge: Callable[..., object]) -> str:
    return " ".join((judge.__doc__ or "").split())


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
