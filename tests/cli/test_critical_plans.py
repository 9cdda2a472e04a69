"""P16: a critical workflow without a shadow is refused when its plan is checked and when it is applied."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.adoption.rollouts.actions import Refused
from companyos.cli.commands import run
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[2] / "program"
EXEMPT = "without_shadow: {by: [ana-ruiz, zeynep-yilmaz], why: the router is gone, until: 2099-01-31}\n"


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The shipped program, with a plan that switches over at once."""
    folder = tmp_path / "program"
    shutil.copytree(PROGRAM, folder)
    plan = folder / "plans/unified-approvals.yaml"
    text = plan.read_text(encoding="utf-8")
    plan.write_text(text.replace("    shadow: {until: [paths-agree]}\n", ""), encoding="utf-8")
    return folder


def _check(program: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = run(["plan", "check", "unified-approvals", "--program", str(program), "--cases", "20000"])
    return code, capsys.readouterr().out


def _exempted(program: Path) -> None:
    plan = program / "plans/unified-approvals.yaml"
    plan.write_text(plan.read_text(encoding="utf-8") + EXEMPT, encoding="utf-8")


def test_plan_check_refuses_with_reason_and_repair(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = _check(program, capsys)
    assert code == 1
    assert "Refused: it changes a critical workflow (its feature is declared critical)" in said
    assert "add `shadow: {until: [GATE]}` to a stage" in said
    assert "without_shadow" in said
    assert "critical workflow" not in _check(PROGRAM, capsys)[1]
    _exempted(program)
    assert "critical workflow" not in _check(program, capsys)[1]


@pytest.mark.django_db
def test_apply_refuses_and_changes_nothing_and_an_exemption_lets_it_through(program: Path) -> None:
    now = datetime(2026, 11, 9, 9, tzinfo=UTC)
    with pytest.raises(
        Refused, match=r"cannot be used: it changes a critical workflow .* Repairs: add `shadow"
    ):
        apply(load_program(program), now=now)
    _exempted(program)
    assert "plan unified-approvals" in apply(load_program(program), now=now)
