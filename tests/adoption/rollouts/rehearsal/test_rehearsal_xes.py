"""A real log can be replayed; a damaged one is refused with the place and the way out."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from adoption.rollouts.rehearsal.small_company import xes_of
from companyos.adoption.rollouts.rehearsal.courses import Step
from companyos.adoption.rollouts.rehearsal.xes import BadLog, read_log


def test_a_log_is_read_in_the_order_in_which_cases_began(a_log: Path) -> None:
    log = read_log(a_log)
    assert (log.name, len(log.cases), len(log.sha256)) == ("approvals.xes.gz", 60, 64)
    assert log.cases[0].offsets == (0.0, 7260.5, 90000.0)
    assert [step.role for step in log.cases[0].steps] == ["EMPLOYEE", "SUPERVISOR", ""]


def test_a_plain_log_reads_as_its_packed_twin(a_log: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.xes"
    plain.write_bytes(gzip.decompress(a_log.read_bytes()))
    assert read_log(plain).cases == read_log(a_log).cases


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Declaration SUBMITTED by EMPLOYEE", "submit_employee"),
        ("Request For Payment FINAL_APPROVED by SUPERVISOR", "approve_supervisor"),
        ("Declaration APPROVED by BUDGET OWNER", "approve_budget_owner"),
        ("Request Payment", "request_payment"),
        ("!!", "step"),
    ],
)
def test_a_step_names_its_kind(name: str, kind: str) -> None:
    assert Step(name, "X").kind == kind


STEP = '<event><string key="concept:name" value="A"/><date key="time:timestamp" value="2017-01-09T09:00:00Z"/></event>'


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (gzip.compress(xes_of(60).encode(), mtime=0)[:-900], "cut off"),
        (xes_of(60).encode()[:-40], "cut off"),
        (gzip.compress(b"<log/>", mtime=0)[:12] + b"\xff\xff\xff\xff", "damaged|cut off"),
        (b"", "not well-formed"),
        (b"<log></log>", "holds no case"),
        (b"<html></html>", "not an XES log"),
        (b'<!DOCTYPE log [<!ENTITY a "b">]><log>&a;</log>', "document type"),
        (f"<log><trace>{STEP.replace('concept:name', 'x')}</trace></log>".encode(), "no name"),
        (f"<log><trace>{STEP.replace('time:timestamp', 'x')}</trace></log>".encode(), "no time"),
        (f"<log><trace>{STEP.replace('2017-01-09T', 'soon ')}</trace></log>".encode(), "no ISO 8601"),
    ],
)
def test_a_bad_log_is_refused_with_its_reason(content: bytes, why: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.xes.gz"
    path.write_bytes(content)
    with pytest.raises(BadLog, match=why) as refused:
        read_log(path)
    assert "Nothing has been sent" in str(refused.value)


def test_a_missing_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadLog, match="cannot be read"):
        read_log(tmp_path / "none.xes")
