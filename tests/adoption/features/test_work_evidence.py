"""Evidence from work is read defensively: what is not whole, or not what it says it is, proves nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from companyos.adoption.features.domain.work import pipelines, records
from companyos.adoption.features.domain.work.reading import LARGEST, Unreadable

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
JUNIT = b"""<?xml version="1.0"?><testsuites><testsuite name="a" tests="3" failures="1">
<testcase classname="a" name="one"/><testcase name="two"><failure>no</failure></testcase>
<testcase name="three"><skipped/></testcase></testsuite></testsuites>"""
BILLION = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite><testcase name="&a;"/></testsuite>'


def test_what_is_whole_is_counted() -> None:
    fact = pipelines.junit(JUNIT)
    assert (fact.value, fact.n, fact.unit, fact.details) == (
        1.0,
        3,
        "failures",
        {"skipped": 1, "failed": ["two"]},
    )
    metrics = [
        {"name": n, "value": v, "target": 2, "better": b}
        for n, v, b in (("p95", 1, "lower"), ("rps", 1, "higher"))
    ]
    fact = pipelines.benchmark(json.dumps({"metrics": metrics}).encode())
    assert (fact.value, fact.n, fact.details["missed"]) == (0.5, 2, ["rps"])
    results = [
        {"level": "error", "ruleId": "S1"},
        {"level": "error", "suppressions": [{}]},
        {},
        {"kind": "pass"},
    ]
    fact = pipelines.sarif(json.dumps({"version": "2.1.0", "runs": [{"results": results}]}).encode())
    assert (fact.value, fact.n) == (1.0, 4)
    assert fact.details["by_level"] == {"error": 1, "suppressed": 1, "warning": 1, "none": 1}
    step = {"name": "forward", "ok": True, "seconds": 4}
    told = {"what": "migration", "steps": [step], "rows_before": 10, "rows_after": 9}
    fact = records.rehearsal(json.dumps(told).encode(), NOW)
    assert (fact.value, fact.details["faults"]) == (0.0, ["9 rows afterwards, 10 expected"])
    fact = records.rehearsal(json.dumps({**told, "rows_after": 10}).encode(), NOW)
    assert (fact.value, fact.name) == (1.0, "features.migration_rehearsal")
    told = {"what": "faq", "links": 4, "broken": 1, "changed_on": "2026-10-01", "review_by": "2027-01-01"}
    zone = ZoneInfo("Europe/Madrid")
    assert records.document(json.dumps(told).encode(), NOW, zone).value == 0.0
    fact = records.document(json.dumps({**told, "broken": 0}).encode(), NOW, zone)
    assert (fact.value, fact.details["expires_at"]) == (1.0, "2027-01-02T00:00:00+01:00")
    named = [{"name": "payments", "version": "2"}, {"name": "directory", "version": ""}]
    assert records.contracts(json.dumps({"contracts": named}).encode(), NOW).details["without_version"] == [
        "directory"
    ]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "Nothing was sent"),
        (b" " + b"x" * LARGEST, "bytes were sent"),
        (b"<testsuite>", "This is no XML"),
        (BILLION, "document type"),
        (FILE, "document type"),
        (b"<testsuite/>", "no test case"),
        (b'<testsuite tests="9"><testcase name="a"/></testsuite>', "claims 9 tests"),
        (b'<testsuite tests="many"><testcase name="a"/></testsuite>', "is a number"),
        (b"<a>" * 80 + b"</a>" * 80, "nested more than"),
        (b'<?xml version="1.0" encoding="utf-99"?><testsuite/>', "This is no XML"),
    ],
)
def test_a_junit_report_that_proves_nothing_is_refused(body: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        pipelines.junit(body)


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"{", b'{"metrics": []}', b'{"metrics": [1]}', b'{"metrics": [{"name": "a"}]}', b"[" * 100_000,
        b'{"metrics": [{"name": "a", "value": NaN, "target": 1, "better": "lower"}]}',
        b'{"metrics": [{"name": "a", "value": true, "target": 1, "better": "lower"}]}',
        b'{"metrics": [{"name": "a", "value": 1, "target": 1e999, "better": "lower"}]}',
        b'{"metrics": [{"name": "a", "value": 1, "target": 1, "better": "faster"}]}',
    ],
)  # fmt: skip
def test_other_bodies_that_prove_nothing_are_refused(body: bytes) -> None:
    for read in (pipelines.benchmark, pipelines.sarif):
        with pytest.raises(Unreadable):
            read(body)


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=8),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
FIELDS = some.sampled_from(
    ["metrics", "runs", "version", "what", "steps", "contracts", "links", "results", "author"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # how busy the machine is says nothing here
@given(
    some.binary(max_size=80)
    | some.dictionaries(FIELDS, JSON, max_size=4).map(lambda d: json.dumps(d).encode())
)
def test_whatever_is_sent_is_a_fact_or_a_plain_refusal(body: bytes) -> None:
    readers = (
        pipelines.junit, pipelines.benchmark, pipelines.sarif, lambda b: records.rehearsal(b, NOW),
        lambda b: records.contracts(b, NOW), lambda b: records.document(b, NOW, ZoneInfo("UTC")),
        lambda b: records.review(b, NOW), lambda b: records.data_model(b, NOW),
    )  # fmt: skip
    for read in readers:
        try:
            read(body)
        except Unreadable as refusal:
            assert str(refusal)
