"""A feature's file, pasted: each mistake with its line, and what it becomes when there is none (R64, R65)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.adoption.features import queries
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.intake import LONGEST, read_feature
from companyos.surfaces.program.load import load_program

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
GOOD = """slug: fast-lane
title: Fast lane
summary: Small amounts pass at once.
area: approvals
lead_team: people-ops
owner: approvals-squad
flag: approvals.fast-lane
critical: false
size: minor
risk: low
intake:
  spec: [{says: It is quick, must: true}]
  data_domains: [finance]
  success_metrics: [task-success]
  rollback_plan: The flag goes off; cases begun are finished by hand.
documents:
  - {what: runbook, link: docs/fast-lane.md, review_by: 2027-06-30}
"""


@pytest.fixture
def program(db: None) -> None:
    apply(load_program(Path(__file__).parents[2] / "program"), now=NOW)


def test_a_good_file_is_a_proposal_and_changes_nothing(program: None) -> None:
    read = read_feature(GOOD, NOW)
    assert read.problems == ()
    assert read.proposal is not None
    assert (read.proposal.slug, read.proposal.data_domains) == ("fast-lane", ("finance",))
    assert queries.feature("fast-lane") is None


def test_the_file_of_the_expenses_example_is_a_proposal(program: None) -> None:
    read = read_feature(
        (Path(__file__).parents[2] / "examples" / "expenses" / "feature.yaml").read_text(), NOW
    )
    assert read.problems == ()
    assert read.proposal is not None


BAD = (
    ("size: minor", "size: huge", 9, "`huge` is not known; allowed: minor, major"),
    ("area: approvals", "area: nothing-such", 4, "Choose an area"),
    ("lead_team: people-ops", "lead_team: support", 5, "is led by people-ops"),
    ("owner: approvals-squad", "owner: nobody", 6, "Choose the squad"),
    ("flag: approvals.fast-lane", "flag: approvals.unified", 7, "belongs to another feature"),
    ("title: Fast lane", "titel: Fast lane", 2, "there is no field `titel` here"),
    ("slug: fast-lane", "slug: unified-approvals", 1, "There is a feature unified-approvals already"),
    ("data_domains: [finance]", "data_domains: []", 13, "at least one"),
    ("docs/fast-lane.md", "somewhere", 17, "Give a link"),
    ("review_by: 2027-06-30", "review_by: 2026-01-01", 17, "It is read again after today"),
    ("risk: low", "risk: [low", 10, "not valid YAML"),
    ("title: Fast lane", "title: &a Fast lane", 2, "anchors and aliases"),
)


@pytest.mark.parametrize(("good", "bad", "line", "says"), BAD)
def test_each_mistake_is_told_with_its_line(program: None, good: str, bad: str, line: int, says: str) -> None:
    assert good in GOOD
    read = read_feature(GOOD.replace(good, bad, 1), NOW)
    assert read.proposal is None
    told = [(each.line, each.message) for each in read.problems]
    assert any(says in message and (at == line or "YAML" in says) for at, message in told), told


@pytest.mark.parametrize(
    "text",
    ["", "just words", "- a\n- list", "a: " + "[" * 90_000, "- " * 40_000, "x" * (LONGEST + 1), "a: \x00"],
)
def test_whatever_is_pasted_gets_a_plain_answer(program: None, text: str) -> None:
    read = read_feature(text, NOW)
    assert read.proposal is None
    assert all(each.message for each in read.problems)
    assert read.problems
