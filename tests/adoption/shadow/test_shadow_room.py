"""R118, P9: from the SDK's events through the engine to classes, marks, cases and a gate's fact."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from companyos.adoption.shadow import actions, evidence, queries
from companyos.adoption.shadow.domain.classes import coverage, ranked, standing
from companyos.adoption.shadow.domain.fixes import pairs_needed
from companyos.adoption.shadow.domain.types import Mark, MarkKind, Seen, Variant
from companyos.analytics.batch import read_batch
from companyos.analytics.engine import Engine, open_engine
from companyos.analytics.events import Event
from companyos.kernel.evidence import Question
from companyos.kernel.stats.binomial import upper_bound
from companyos.people.identity import actions as identity
from companyos.platform.models import Tenant
from companyos_sdk import events as sdk_events
from companyos_sdk.shadow import Inline, Shadow

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=10)
FEATURE = "unified-approvals"
OWNERS = frozenset({"bob"})
Told = Callable[[list[dict[str, Any]]], None]


class _Mail:
    """The SDK's own events, dated as the test wants them."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.at = NOW

    def send(self, name: str, *, at: datetime, **parts: Any) -> None:
        self.events.append(sdk_events.reported(name, tenant=parts["context"]["tenant"], at=self.at, **parts))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    opened = open_engine(tmp_path_factory.mktemp("engine"))
    yield opened
    opened.close()


@pytest.fixture
def told(engine: Engine, request: pytest.FixtureRequest) -> Told:
    """Put events into the engine; each test has a feature of its own."""
    queries.connect(engine)

    def put(found: list[dict[str, Any]]) -> None:
        read = read_batch(json.dumps({"events": found}).encode())
        assert all(isinstance(each, Event) for each in read), read
        blank = {"latency_ms": None, "by": "", "actor": "", "path": "", "value": None}
        rows = [
            {**blank, **each, "received": each["time"], "props": json.dumps(each["props"])} for each in found
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        engine.insert("events", text.encode(), token=request.node.name + str(len(text)) + rows[0]["id"])

    return put


@pytest.fixture
def mail() -> _Mail:
    return _Mail()


def _run(mail: _Mail, feature: str, new: Callable[[int], Any], cases: range, **more: Any) -> None:
    shadow = Shadow("route", feature=feature, telemetry=mail, pool=Inline(), **more)
    for n in cases:
        about = {"tenant": "sales", "targetingKey": "ada", "case": f"c-{n}", "variant": "large"}
        shadow.call(lambda n: {"to": "cfo", "n": n}, new, n, about=about)


def _question(feature: str, **parameters: Any) -> Question:
    return Question(feature, SINCE, NOW + timedelta(hours=1), frozenset(), frozenset(), parameters=parameters)


def _person() -> None:
    Tenant.objects.create(slug="sales", title="Sales")
    identity.keep_department(slug="d", title="D")
    identity.keep_team(slug="t", title="T", department="d", home_tenant="sales", works_in="sales", lead="bob")
    identity.keep_person(slug="bob", name="Bob", email="bob@example.org", team="t", job_role="")


@pytest.mark.django_db
def test_R118_a_planted_difference_blocks_until_it_is_marked_and_fixed(told: Told, mail: _Mail) -> None:
    _person()
    mail.at = NOW - timedelta(days=2)
    _run(mail, FEATURE, lambda n: {"to": "cfo" if n % 10 else "lead", "n": n}, range(500))
    _run(mail, FEATURE, lambda n: {"to": "cfo", "n": n, "extra": 1}, range(500, 503))
    told(mail.events)

    fact = evidence.mismatch(_question(FEATURE))
    assert (fact.n, fact.value, fact.problem) == (503, 53 / 503, "")
    assert fact.high == upper_bound(53, 503, 0.95)
    first, second = queries.classes(FEATURE, SINCE, NOW)
    assert (first.places, first.count, second.places, second.count) == (
        ("/to changed",),
        50,
        ("/extra added",),
        3,
    )
    assert fact.details["worst"][0]["signature"] == first.signature
    shown = queries.examples(FEATURE, first.signature, SINCE, NOW)
    assert len(shown) == 3
    assert (shown[0].fields[0]["control"], shown[0].fields[0]["candidate"]) == ("cfo", "lead")
    assert queries.latency(FEATURE, SINCE, NOW).n == 503

    common = {"actor": "bob", "owners": OWNERS, "feature": FEATURE, "workflow": "route"}
    case = actions.open_case(**common, signature=first.signature, because="wrong approver", now=NOW)
    assert case.tenant == "sales"
    with pytest.raises(actions.Refused, match="already"):
        actions.open_case(**common, signature=first.signature, because="again", now=NOW)
    actions.mark(**common, signature=second.signature, kind=MarkKind.EXPECTED, because="a new field", now=NOW)
    assert evidence.mismatch(_question(FEATURE)).details == {
        "explained": 3, "unexplained": 50, "left_out": {"too_large": 0}, "worst": fact.details["worst"][:1],
        "unproven": [],
    }  # fmt: skip

    actions.mark(
        **common, signature=first.signature, kind=MarkKind.FIXED, because="corrected in 1.3", now=NOW
    )
    after = evidence.mismatch(_question(FEATURE))
    assert (after.n, after.value) == (
        453,
        0.0,
    )  # what the fix has overtaken says nothing of the new path as it is
    assert after.details["unproven"] == [
        "/to changed was fixed; 0 of 29 pairs since that would have shown it again"
    ]

    mail.events, mail.at = [], NOW + timedelta(minutes=5)
    _run(mail, FEATURE, lambda n: {"to": "lead", "n": n}, range(1_000, 1_001))
    told(mail.events)
    back = evidence.mismatch(_question(FEATURE))
    assert (back.n, back.details["unexplained"]) == (454, 1)
    assert queries.classes(FEATURE, SINCE, NOW + timedelta(hours=1))[0].is_back


@pytest.mark.django_db
def test_R118_a_case_that_ran_again_counts_once_by_its_last_run(told: Told, mail: _Mail) -> None:
    mail.at = NOW - timedelta(days=2)
    _run(mail, "again", lambda n: {"to": "lead", "n": n}, range(5))
    mail.at = NOW - timedelta(days=1)
    _run(mail, "again", lambda n: {"to": "cfo", "n": n}, range(5))
    told(mail.events)
    fact = evidence.mismatch(_question("again"))
    assert (fact.n, fact.value) == (5, 0.0)
    assert (
        evidence.mismatch(_question("again", workflow="other")).problem
        == "no pair was compared in shadow yet"
    )


@pytest.mark.django_db
def test_R118_a_program_without_the_sdk_may_send_the_value_alone(told: Told, mail: _Mail) -> None:
    for n in range(8):
        parts = {
            "tenant": "sales",
            "feature": "plain",
            "case": f"c-{n}",
            "task": "t",
            "value": n % 2,
            "at": NOW,
        }
        mail.events.append(sdk_events.reported("shadow_compared", context={}, kind="", props={}, **parts))  # type: ignore[arg-type]
    told(mail.events)
    fact = evidence.mismatch(_question("plain"))
    assert (fact.n, fact.value, fact.details["worst"][0]["count"]) == (8, 0.5, 4)


@pytest.mark.django_db
def test_R118_calls_left_out_do_not_pass_for_agreement(told: Told, mail: _Mail) -> None:
    _run(mail, "left-out", lambda n: {"to": "cfo", "n": n}, range(50))
    mail.events[-1]["props"]["shadow.skipped"] = {"resting": 10, "full": 1}
    told(mail.events)
    fact = evidence.mismatch(_question("left-out"))
    assert (fact.value, fact.details["left_out"]) == (None, {"full": 1, "resting": 10, "too_large": 0})
    assert "11 of 61 calls could not be compared" in fact.problem


@pytest.mark.django_db
def test_P9_coverage_is_of_the_old_paths_cases(told: Told, mail: _Mail) -> None:
    for n in range(20):
        kind = "small" if n < 1 else "large"
        parts = {"tenant": "sales", "feature": "cover", "case": f"c-{n}", "task": "t", "value": 0, "at": NOW}
        event = sdk_events.reported("task_started", context={}, kind=kind, props={}, **parts)  # type: ignore[arg-type]
        mail.events.append(event | {"path": "existing"})
    _run(mail, "cover", lambda n: {"to": "cfo", "n": n}, range(3))
    told(mail.events)
    fact = evidence.covered(Question("cover", SINCE, NOW + timedelta(hours=1), frozenset(), frozenset()))
    assert (fact.value, fact.n, fact.details["never_ran"]) == (0.95, 20, ["small"])
    nothing = evidence.covered(Question("none", SINCE, NOW, frozenset(), frozenset()))
    assert (nothing.value, nothing.problem) == (None, "the old path told of no case in 90 days")


@pytest.mark.django_db
def test_R118_who_may_say_what_a_difference_is(told: Told, mail: _Mail) -> None:
    _run(mail, "roles", lambda n: {"to": "lead", "n": n}, range(1))
    told(mail.events)
    signature = queries.classes("roles", SINCE, NOW + timedelta(1))[0].signature
    asked: dict[str, Any] = {
        "actor": "bob",
        "owners": OWNERS,
        "feature": "roles",
        "workflow": "route",
        "signature": signature,
        "because": "reason",
        "kind": MarkKind.IGNORED,
        "until": NOW + timedelta(days=1),
    }
    later = {"now": NOW + timedelta(seconds=1)}
    for wrong, refusal in (
        ({"actor": "eve"}, actions.NotYours),
        ({"because": " "}, actions.Refused),
        ({"until": None}, actions.Refused),
        ({"until": NOW + timedelta(days=31)}, actions.Refused),
        ({"signature": "0" * 16}, actions.NoSuchClass),
    ):
        with pytest.raises(refusal):
            actions.mark(**{**asked, **later, **wrong})
    assert queries.history("roles") == ()
    actions.mark(**{**asked, **later})
    assert evidence.mismatch(_question("roles")).details["explained"] == 1
    tomorrow = Question("roles", SINCE, NOW + timedelta(days=2), frozenset(), frozenset())
    assert evidence.mismatch(tomorrow).details["unexplained"] == 1  # it was ignored until then


@pytest.mark.parametrize(
    ("seen", "compared", "needed"),
    [(50, 503, 29), (1, 1_000, 2_995), (5, 24, 13), (24, 24, 1), (0, 24, 0), (0, 0, 0)],
)
def test_R118_a_fix_is_believed_when_its_class_would_have_come_again(
    seen: int, compared: int, needed: int
) -> None:
    assert pairs_needed(seen, compared) == needed
    if 0 < seen < compared:
        stays_away = 1 - seen / compared
        assert stays_away**needed <= 0.05 < stays_away ** (needed - 1)


@pytest.mark.django_db
def test_R118_a_fix_needs_pairs_after_it(told: Told, mail: _Mail) -> None:
    mail.at = NOW - timedelta(days=2)
    _run(mail, "mended", lambda n: {"to": "cfo" if n % 2 else "lead", "n": n}, range(40))
    told(mail.events)
    common = {"actor": "bob", "owners": OWNERS, "feature": "mended", "workflow": "route", "because": "done"}
    signature = queries.classes("mended", SINCE, NOW)[0].signature
    actions.mark(**common, signature=signature, kind=MarkKind.FIXED, now=NOW)
    assert evidence.mismatch(_question("mended")).details["unproven"]
    mail.events, mail.at = [], NOW + timedelta(minutes=5)
    _run(mail, "mended", lambda n: {"to": "cfo", "n": n}, range(100, 105))
    told(mail.events)
    found = evidence.mismatch(_question("mended"))
    assert (found.n, found.value, found.details["unproven"]) == (25, 0.0, [])


def _seen(signature: str, count: int, severity: int = 3, verdict: str = "different") -> Seen:
    return Seen("w", "2026-03-20", signature, verdict, severity, (signature,), count, ("sales",), NOW, NOW)


def test_R118_classes_rank_by_count_less_noise_times_severity() -> None:
    rows = [_seen("", 900, 0, "same"), _seen("noisy", 60), _seen("bad", 10, 5), _seen("many", 30, 1)]
    noise = [_seen("", 95, 0, "same"), _seen("noisy", 5)]
    found = ranked(rows, noise, {}, NOW)
    assert [(each.signature, each.by_noise, each.score) for each in found] == [
        ("bad", 0.0, 50.0), ("noisy", 50.0, 30.0), ("many", 0.0, 30.0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "until", "explained"),
    [
        (MarkKind.EXPECTED, None, 4),
        (MarkKind.IGNORED, NOW + timedelta(days=1), 4),
        (MarkKind.IGNORED, NOW, 0),
        (MarkKind.BUG, None, 0),
        (MarkKind.FIXED, None, 0),
        (MarkKind.OPEN, None, 0),
    ],
)
def test_R118_what_explains_a_difference(kind: MarkKind, until: datetime | None, explained: int) -> None:
    marks = {("w", "x"): Mark("w", "x", kind, "reason", "bob", NOW, until)}
    found = standing(
        [_seen("", 6, 0, "same"), _seen("x", 4), _seen("y", 2, 0, "too_large")], marks, {"full": 1}, NOW
    )
    assert (found.compared, found.explained, found.unexplained, found.too_large) == (
        10,
        explained,
        4 - explained,
        2,
    )


def test_P9_no_case_of_the_old_path_is_no_coverage() -> None:
    assert coverage([]) is None
    assert coverage([Variant("new only", 0, 5, 0)]) is None
    assert coverage([Variant("a", 90, 5, 0), Variant("b", 10, 5, 1)]) == 0.9
