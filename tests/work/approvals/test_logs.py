"""Logs of other systems: read as a stream, every event accounted for, each case kept once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.platform.models import Tenant
from companyos.work.approvals import actions
from companyos.work.approvals.domain.log_mapping import BadMapping, LeftOut, LogMapping, case_of, mapping_from
from companyos.work.approvals.domain.logs import BadLog, Trace, csv_traces, xes_traces
from companyos.work.approvals.domain.types import ActKind, Status
from companyos.work.approvals.models import Request, RequestAct

NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
ACTS = [
    {"match": "^Save", "act": "leave_out", "because": "a draft is not sent"},
    {"match": "^Submit", "act": "asked"},
    {"match": "^Approve at last", "act": "approved", "final": True},
    {"match": "^Approve", "act": "approved"},
    {"match": "^Reject by self", "act": "taken_back"},
    {"match": "^Reject", "act": "returned"},
    {"match": "^Pay", "act": "carried_out"},
]
DOCUMENT: dict[str, Any] = {
    "tenant": "corporate",
    "type": "thing",
    "title": "Thing",
    "case": "case",
    "event": {"name": "name", "time": "at", "role": "role", "software": ["SYSTEM"]},
    "fields": {"sum": "sum"},
    "numbers": ["sum"],
    "acts": ACTS,
}
NAMES = ("Save", "Submit", "Approve", "Approve at last", "Reject", "Reject by self", "Pay", "Dance", "")


def mapping(**changes: Any) -> LogMapping:
    return mapping_from({**DOCUMENT, **changes})


def event(name: str, minute: int | str = 0, role: str = "CLERK", **more: str) -> dict[str, str]:
    at = f"2018-01-02T09:{minute:02}:00+01:00" if isinstance(minute, int) else minute
    return {"name": name, "at": at, "role": role, "sum": "12.345", **more}


def trace(*names: str, case: str = "c1") -> Trace:
    return Trace({"case": case}, [event(name, n) for n, name in enumerate(names)])


def xes(*traces: Trace) -> bytes:
    def attributes(values: dict[str, str]) -> str:
        return "".join(f'<string key="{key}" value="{value}"/>' for key, value in values.items())

    body = "".join(
        f"<trace>{attributes(t.attributes)}{''.join(f'<event>{attributes(e)}</event>' for e in t.events)}</trace>"
        for t in traces
    )
    return f'<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">{body}</log>'.encode()


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_xes_is_the_same_in_whatever_chunks_it_comes(size: int) -> None:
    traces = [trace("Submit", "Approve", case="a"), trace("Submit", case="b")]
    document = xes(*traces)
    chunks = [document[n : n + size] for n in range(0, len(document), size)]
    assert list(xes_traces(chunks)) == traces


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "cut off"),
        (b"<html></html>", "not an XES log"),
        (xes(trace("Submit"))[:-20], "after case 1"),
        (b'<!DOCTYPE log [<!ENTITY a "b">]><log/>', "document type"),
    ],
)
def test_what_is_no_log_is_refused_with_the_place(document: bytes, says: str) -> None:
    with pytest.raises(BadLog, match=says):
        list(xes_traces([document]))


def test_nested_attributes_and_events_outside_a_case_are_no_trouble() -> None:
    document = (
        b'<log><event><string key="name" value="Stray"/></event><trace><string key="case" value="a">'
        b'<string key="case" value="inner"/></string><event><list key="x"><string key="name" value="inner"/></list>'
        b'<string key="name" value="Submit"/></event></trace></log>'
    )
    stray, case = xes_traces([document])
    assert (stray.stray_because, stray.events) == ("it belongs to no case", [{"name": "Stray"}])
    assert (case.attributes, case.events) == ({"case": "a"}, [{"name": "Submit"}])


def test_csv_reads_cases_that_follow_each_other_and_tells_of_those_that_come_back() -> None:
    lines = ["case,name\n", "a,Submit\n", "a,Approve\n", "b,Submit\n", "a,Pay\n", ",Pay\n"]
    found = [(t.attributes["case"], len(t.events), bool(t.stray_because)) for t in csv_traces(lines, "case")]
    assert found[:2] == [("a", 2, False), ("b", 1, False)]
    assert [stray for *_, stray in found].count(True) == 2
    with pytest.raises(BadLog, match="no column 'case'"):
        list(csv_traces(["id,name\n"], "case"))


@pytest.mark.parametrize(
    ("names", "status", "rounds"),
    [
        (["Submit", "Approve"], Status.OPEN, 1),
        (["Submit", "Approve", "Approve at last"], Status.APPROVED, 1),
        (["Submit", "Reject", "Reject by self"], Status.RETURNED, 1),
        (["Save", "Submit", "Reject", "Submit", "Approve at last", "Pay"], Status.CARRIED_OUT, 2),
    ],
)
def test_a_case_becomes_a_request_with_its_acts(names: list[str], status: Status, rounds: int) -> None:
    case, _ = case_of(trace(*names), mapping())
    assert case
    assert (case.status, case.acts[-1].round, case.fields) == (status, rounds, {"sum": 12.35})
    assert case.acts[0].kind is ActKind.ASKED


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from([0, 5, 59, "", "yesterday"])), max_size=12),
    st.booleans(),
)
def test_every_event_is_imported_or_left_out_with_a_reason(
    steps: list[tuple[str, int | str]], has_name: bool
) -> None:
    one = Trace({"case": "c"} if has_name else {}, [event(name, at) for name, at in steps])
    case, left = case_of(one, mapping())
    assert len(one.events) == (len(case.acts) if case else 0) + len(left)
    assert all(out.because for out in left)


@pytest.mark.parametrize(
    "acts",
    [
        [{"match": "x", "act": "dance"}],
        [{"match": "x", "act": "leave_out"}],
        [{"match": "(", "act": "asked"}],
        [{}],
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(acts: list[dict[str, str]]) -> None:
    with pytest.raises(BadMapping):
        mapping(acts=acts)


@pytest.fixture
def _ground(db: None) -> Iterator[None]:
    Tenant.objects.create(slug="corporate", title="Corporate", tenant_class="production", region="eu")
    chain = [{"step": "line", "ask": "manager"}]
    document = {"slug": "thing", "title": "Thing", "data_domain": "finance", "amount": "sum", "chain": chain}
    actions.keep_type(document=document, now=NOW)
    yield


@pytest.mark.usefixtures("_ground")
def test_a_log_is_imported_once_and_its_requests_are_read_only() -> None:
    cases = [trace("Submit", "Approve at last", "Pay", case=f"c{n}") for n in range(1200)]
    cases += [trace("Save", case="draft"), trace("Submit", "Dance", case="odd"), trace("Submit", case="c3")]

    def run(source: str, traces: Iterable[Trace]) -> tuple[actions.Imported, list[LeftOut]]:
        left: list[LeftOut] = []
        return actions.import_log(traces, mapping(), source=source, tell=left.append), left

    done, left = run("log", cases)
    assert (done.cases, done.read, done.imported, done.adds_up) == (1201, 3604, 3601, True)
    assert {out.because for out in left} == {
        "a draft is not sent",
        "no rule of the mapping fits 'Dance'",
        "its case was imported before",
    }
    assert Request.all_rows.filter(status="carried_out").count() == 1200
    assert RequestAct.all_rows.count() == done.imported
    again, _ = run("log", cases)
    assert (again.cases, again.imported, again.adds_up) == (0, 0, True)
    record = str(Request.all_rows.first().id)  # type: ignore[union-attr]
    with pytest.raises(actions.Refused, match="never acted on"):
        actions.approve(actor="CLERK", request=record, now=NOW)
    with pytest.raises(actions.Refused, match="no tenant"):
        actions.import_log([], mapping(tenant="nowhere"), source="log", tell=left.append)


_JUDGED = """
import json, sys
from bench.approvals import judged
ours, theirs, chain = judged(sys.argv[1])
print(json.dumps({
    "rules": chain.size, "points": [ours.points, theirs.points], "shares": [ours.share, theirs.share],
    "mismatches": ours.mismatches, "classes": {str(name): n for name, n in ours.classes.items()},
    "cases": [ours.cases, ours.rounds_right, ours.outcomes_right],
}))
"""


@pytest.mark.parametrize(
    ("name", "points"), [("domestic-declarations", 19_131), ("request-for-payment", 12_327)]
)
def test_a_chain_of_the_earlier_half_is_judged_on_the_later(shared: Path, name: str, points: int) -> None:
    """The bar of half the baseline's mismatch is not met: docs/decisions/0036 says what the logs do not hold."""
    root = Path(__file__).parents[3]
    asked = [sys.executable, "-c", _JUDGED, name]
    found = json.loads(subprocess.run(asked, cwd=root, capture_output=True, check=True, timeout=120).stdout)
    assert (found["rules"], found["points"]) == (4, [points, points])
    assert "unnamed" not in found["classes"]
    assert sum(found["classes"].values()) == found["mismatches"]
    ours, theirs = found["shares"]
    assert ours < theirs + 0.001
    cases, rounds_right, outcomes_right = found["cases"]
    assert rounds_right == cases
    assert outcomes_right / cases > 0.99
