"""A feature's file as somebody pastes or sends it: the same as in `program/features`, each mistake with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.features import actions, queries
from companyos.surfaces.program.apply import proposal_of
from companyos.surfaces.program.build import feature_from
from companyos.surfaces.program.schemas import problems_of_shape
from companyos.surfaces.program.source import Node, read_text
from companyos.surfaces.program.types import FeatureFile, Problem

LONGEST = 100_000
NAME = "feature.yaml"
_IN_THE_INTAKE = frozenset({"data_domains", "success_metrics", "rollback_plan"})


@dataclass(frozen=True, slots=True)
class Read:
    """What a text says: a feature to be taken in, or every mistake that keeps it from being one."""

    file: FeatureFile | None = None
    proposal: actions.Proposal | None = None
    problems: tuple[Problem, ...] = ()


def read_feature(text: str, now: datetime) -> Read:
    """Read a feature's file. Changes nothing; never raises for what the text says."""
    if len(text) > LONGEST:
        return Read(problems=(Problem(NAME, 1, f"at most {LONGEST:,} letters are taken"),))
    node = read_text(text, NAME)
    if isinstance(node, Problem):
        return Read(problems=(node,))
    if problems := tuple(_of_shape(node)):
        return Read(problems=_in_order(problems))
    file = feature_from(node)
    proposal = proposal_of(file)
    problems = tuple(_of_sense(node, file, proposal, now))
    return Read(file, None if problems else proposal, _in_order(problems))


def _of_shape(node: Node) -> Iterator[Problem]:
    yield from problems_of_shape(node, "feature")
    if isinstance(node.value, dict) and "intake" not in node.value:
        yield node.problem("the field `intake` is missing: with what the feature enters")


def _of_sense(node: Node, file: FeatureFile, proposal: actions.Proposal, now: datetime) -> Iterator[Problem]:
    for field, words in actions.problems_with(proposal).items():
        at = node.field("intake").field(field) if field in _IN_THE_INTAKE else node.field(field)
        yield at.problem(words)
    for at, document in zip(node.field("documents").items(), proposal.documents, strict=True):
        if words := actions.why_not_a_document(document, now):
            yield at.problem(words)
    leads = {area.slug: area.lead for area in queries.areas()}
    if file.area in leads and file.lead_team != leads[file.area]:
        yield node.field("lead_team").problem(f"the area {file.area} is led by {leads[file.area]}")


def _in_order(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    return tuple(sorted(set(problems), key=lambda each: (each.line, each.message)))
