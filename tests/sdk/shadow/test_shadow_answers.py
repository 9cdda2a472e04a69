"""R118: control always answers, whatever the candidate does; what it did is told, and nothing else leaves it."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import sides
from heard import Heard

from companyos_sdk.facade import Flags
from companyos_sdk.provider import CompanyOSProvider
from companyos_sdk.shadow import (
    SHARED,
    Breaker,
    Guard,
    Inline,
    Mismatch,
    Mode,
    ProcessPool,
    ReadOnly,
    Redaction,
    RolledBack,
    Rules,
    Shadow,
    SideEffectRefused,
    ThreadPool,
    release_mode,
)

REQUEST = {"amount": 500}
ANSWER = {"to": "finance", "amount": 500}
ABOUT = {"tenant": "sales", "targetingKey": "ada", "case": "c-1", "variant": "large"}


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_candidates_that_raise_leave_no_garbage_behind(heard: Heard) -> None:
    """Whoever allocates next would have to collect it, and that is the caller as often as not."""
    shadow = Shadow("route", telemetry=heard, pool=Inline(), breaker=Breaker(after=1_000))
    shadow.call(sides.route, sides.raises, REQUEST, about=ABOUT)
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            shadow.call(sides.route, sides.raises, REQUEST, about=ABOUT)
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.fixture(params=["threads", "processes"])
def pool(request: pytest.FixtureRequest) -> Iterator[Any]:
    made: Any = (
        ThreadPool(timeout_seconds=1.5)
        if request.param == "threads"
        else ProcessPool(timeout_seconds=1.5, memory_mb=600, nice=0)
    )
    yield made
    sides.RELEASED.set()
    made.close(within=5)


def test_R118_the_same_answer_is_told_as_same(pool: Any, heard: Heard) -> None:
    shadow = Shadow(
        "route", feature="unified-approvals", telemetry=heard, pool=pool, version="1.2", flag="path"
    )
    assert shadow.call(sides.route, sides.route, dict(REQUEST), about=ABOUT) == ANSWER

    told = heard.wait_for(1)[0]
    assert (told["event"], told["value"], told["kind"], told["case"], told["task"]) == (
        "shadow_compared", 0.0, "large", "c-1", "route",
    )  # fmt: skip
    props = told["props"]
    assert props["shadow.verdict"] == "same"
    assert props["feature_flag.key"] == "path"
    assert props["feature_flag.result.variant"] == "shadow"
    assert props["service.version"] == "1.2"
    assert props["shadow.old_ms"] >= 0
    assert props["shadow.new_ms"] >= 0
    assert "shadow.example" not in props


@pytest.mark.parametrize(
    ("candidate", "verdict", "places"),
    [
        (sides.other_route, "different", ["/to changed"]),
        (sides.raises, "error", ["an answer or LookupError"]),
        (sides.hangs, "timeout", ["timeout"]),
        (sides.changes_its_input, "same", None),
        (sides.connects, "side_effect", ["socket.getaddrinfo"]),
        (sides.writes, "side_effect", ["open"]),
        (sides.huge, "different", [" type"]),
        (sides.prints, "same", None),
    ],
)
def test_R118_whatever_the_candidate_does_control_answers(
    pool: Any, heard: Heard, candidate: Any, verdict: str, places: list[str] | None
) -> None:
    shadow = Shadow("route", telemetry=heard, pool=pool)
    request = dict(REQUEST)
    began = perf_counter()
    assert shadow.call(sides.route, candidate, request, about=ABOUT) == ANSWER
    took = perf_counter() - began

    assert heard.verdicts(1) == [verdict]
    found = heard.events[0]["props"].get("shadow.places")
    assert found == (["/ type"] if candidate is sides.huge else places)
    assert request == REQUEST
    assert took < 0.4  # the candidate hangs for 10 s
    assert not Path("/tmp/companyos-shadow-was-here").exists()  # noqa: S108


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_R118_a_forked_worker_compares_on_its_own(pool: Any, heard: Heard) -> None:
    shadow = Shadow("route", telemetry=heard, pool=pool)
    shadow.call(sides.route, sides.route, dict(REQUEST), about=ABOUT)
    heard.wait_for(1)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            shadow.call(sides.route, sides.other_route, dict(REQUEST), about=ABOUT)
            status = 0 if heard.verdicts(2) == ["same", "different"] else 1
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_R118_a_process_may_die_or_take_all_memory(heard: Heard) -> None:
    pool = ProcessPool(timeout_seconds=5, memory_mb=300, nice=0)
    shadow = Shadow("route", telemetry=heard, pool=pool)
    for candidate in (sides.dies, sides.greedy, sides.route):
        assert shadow.call(sides.route, candidate, dict(REQUEST), about=ABOUT) == ANSWER
    assert heard.verdicts(3) == ["crashed", "error", "same"]
    assert heard.events[1]["props"]["shadow.places"] == ["an answer or MemoryError"]
    pool.close()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux")
def test_R118_a_candidate_that_never_ends_ends_with_its_program() -> None:
    command = [sys.executable, "-c", _SPINNING]
    here = Path(__file__).parent
    with subprocess.Popen(command, cwd=here, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stderr
        candidate = int(program.stderr.readline())
        program.kill()
    until = perf_counter() + 20
    while Path(f"/proc/{candidate}").exists() and perf_counter() < until:
        threading.Event().wait(0.02)
    assert not Path(f"/proc/{candidate}").exists()


_SPINNING = """
import sides
from companyos_sdk.shadow import ProcessPool, Shadow
Shadow("route", pool=ProcessPool(timeout_seconds=60, nice=0)).call(len, sides.says_its_number_and_spins, "")
input()
"""


def test_R118_what_control_raises_is_raised_and_compared(pool: Any, heard: Heard) -> None:
    shadow = Shadow("route", telemetry=heard, pool=pool)
    for candidate in (sides.raises, sides.refuses, sides.route):
        with pytest.raises(LookupError, match="no approver"):
            shadow.call(sides.raises, candidate, dict(REQUEST), about=ABOUT)
    assert heard.verdicts(3) == ["same", "error", "error"]


def test_R118_coroutines_run_on_a_loop_of_the_pools_own(pool: Any, heard: Heard) -> None:
    shadow = Shadow("route", telemetry=heard, pool=pool)

    @shadow.beside(sides.ahangs, about=lambda _: ABOUT)  # type: ignore[arg-type]
    async def hanging(request: dict[str, Any]) -> dict[str, Any]:
        return sides.route(request)

    async def both() -> None:
        assert await hanging(dict(REQUEST)) == ANSWER
        assert await shadow.acall(sides.aroute, sides.aroute, dict(REQUEST), about=ABOUT) == ANSWER
        async with shadow.comparing(ABOUT) as run:
            run.old(sides.aroute, dict(REQUEST))
            run.new(sides.aroute, {"amount": 1})
            assert await run.answer_async() == ANSWER

    asyncio.run(both())
    assert sorted(heard.verdicts(3)) == ["different", "same", "timeout"]


@pytest.mark.parametrize(
    ("mode", "answer", "verdicts"),
    [
        (Mode.OFF, "finance", []),
        (Mode.SHADOW, "finance", ["different"]),
        (Mode.DUAL_RUN, "finance", ["different"]),
        (Mode.SWITCHED, "cfo", []),
        (Mode.REVERSE_SHADOW, "cfo", ["different"]),
    ],
)
def test_R118_the_mode_says_who_answers(mode: Mode, answer: str, verdicts: list[str], heard: Heard) -> None:
    shadow = Shadow("route", mode=lambda _: mode, telemetry=heard, pool=Inline())
    with shadow.comparing(ABOUT) as run:
        run.old(sides.route, dict(REQUEST))
        run.new(sides.other_route, dict(REQUEST))
        assert run.answer()["to"] == answer
    assert heard.verdicts(len(verdicts)) == verdicts
    for each in heard.events:  # old is old and new is new, whoever answers
        example = each["props"]["shadow.example"]
        assert (example["old"]["to"], example["new"]["to"]) == ("finance", "cfo")


def test_R118_only_a_dual_run_may_have_side_effects(tmp_path: Path, heard: Heard) -> None:
    def writes(n: int) -> int:
        (tmp_path / "written").write_text(str(n))
        return n

    for mode, exists in ((Mode.SHADOW, False), (Mode.DUAL_RUN, True)):
        Shadow("w", mode=mode, telemetry=heard, pool=Inline()).call(int, writes, 1)
        assert (tmp_path / "written").exists() is exists


def test_R118_a_side_effect_is_said_loudly(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    shadow = Shadow("route", telemetry=heard, pool=Inline())
    with caplog.at_level(logging.WARNING):
        for _ in range(10):
            shadow.call(sides.route, sides.connects, dict(REQUEST))
    said = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(said) == 2  # the first and the tenth
    assert "127.0.0.1" in said[0].getMessage()
    assert said[0].shadow["shadow.severity"] == 5  # type: ignore[attr-defined]


def test_R118_a_read_only_handle_and_a_rolled_back_transaction(tmp_path: Path, heard: Heard) -> None:
    file = tmp_path / "db"
    with sqlite3.connect(file) as made:
        made.execute("create table t (n)")
    made.close()

    def writes_and_counts(_: int) -> int:
        with RolledBack(partial(sqlite3.connect, file)) as db:
            db.execute("insert into t values (1)")
            return int(db.execute("select count(*) from t").fetchone()[0])

    def commits(_: int) -> int:
        with RolledBack(partial(sqlite3.connect, file)) as db:
            db.execute("insert into t values (1)")
            db.commit()
        return 1

    def clears(_: int) -> int:
        ReadOnly({"a": 1}, allow=("get",)).clear()
        return 1

    shadow = Shadow("db", telemetry=heard, pool=Inline(), copy=SHARED)
    for candidate in (writes_and_counts, commits, clears):
        assert shadow.call(int, candidate, 1) == 1
    assert heard.verdicts(3) == ["same", "side_effect", "side_effect"]
    check = sqlite3.connect(file)
    assert check.execute("select count(*) from t").fetchone() == (0,)
    check.close()
    assert ReadOnly({"a": 1}, allow=("get",)).get("a") == 1
    with pytest.raises(SideEffectRefused):
        ReadOnly({}, allow=()).items()


def test_R118_more_than_fits_is_dropped_and_counted(heard: Heard) -> None:
    gate = threading.Event()
    pool = ThreadPool(workers=1, waiting=2, timeout_seconds=30)
    shadow = Shadow("route", telemetry=heard, pool=pool, copy=SHARED)
    for _ in range(20):
        assert shadow.call(lambda: 1, gate.wait) == 1
    assert shadow.counts["full"] >= 17
    gate.set()
    compared = 20 - shadow.counts["full"]
    heard.wait_for(compared)
    assert (
        sum(each["props"].get("shadow.skipped", {}).get("full", 0) for each in heard.events)
        == shadow.counts["full"]
    )
    pool.close()


def test_R118_a_candidate_that_hangs_again_and_again_rests(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    pool = ThreadPool(workers=1, timeout_seconds=0.05, most_stuck=5)
    breaker = Breaker(after=3, rest_seconds=3600)
    shadow = Shadow("route", telemetry=heard, pool=pool, breaker=breaker)
    for n in range(3):
        assert shadow.call(sides.route, sides.hangs, dict(REQUEST)) == ANSWER
        heard.wait_for(n + 1)
    for _ in range(5):
        assert shadow.call(sides.route, sides.hangs, dict(REQUEST)) == ANSWER
    assert shadow.counts["resting"] == 5
    assert "rests for 3600 s after 3 failures" in caplog.text
    pool.close()


def test_R118_a_rested_candidate_gets_one_try(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("companyos_sdk.shadow.breaker.monotonic", lambda: now[0])
    breaker = Breaker(after=2, rest_seconds=30)
    assert [breaker.failed(), breaker.failed(), breaker.lets_through()] == [False, True, False]
    now[0] = 31
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]
    breaker.went_well()
    assert breaker.lets_through()
    assert not breaker.is_open


def test_R118_the_sample_is_sticky_and_of_the_size_asked_for(heard: Heard) -> None:
    shadow = Shadow("route", share=lambda _: 0.2, telemetry=heard, pool=Inline())
    for _ in range(2):
        for n in range(2_000):
            shadow.call(sides.route, sides.route, dict(REQUEST), about={**ABOUT, "case": f"c-{n}"})
    first, second = heard.events[: len(heard.events) // 2], heard.events[len(heard.events) // 2 :]
    assert [each["case"] for each in first] == [each["case"] for each in second]
    assert 330 < len(first) < 470  # 400, four standard deviations


def test_R118_noise_is_control_against_control(heard: Heard) -> None:
    numbers = iter(range(100))
    shadow = Shadow("route", telemetry=heard, pool=Inline(), noise=1.0, copy=SHARED)
    assert shadow.call(lambda: next(numbers), sides.route) == 0
    assert [(each["event"], each["value"]) for each in heard.events] == [("shadow_noise", 1.0)]


def test_R118_only_the_first_examples_of_a_class_are_sent(heard: Heard) -> None:
    shadow = Shadow("route", telemetry=heard, pool=Inline(), examples=2)
    for _ in range(6):
        shadow.call(sides.route, sides.other_route, dict(REQUEST))
    assert [("shadow.example" in each["props"]) for each in heard.events] == [True, True, *[False] * 4]
    assert len({each["props"]["shadow.signature"] for each in heard.events}) == 1


def test_R118_secrets_and_people_do_not_leave_the_process(
    heard: Heard, caplog: pytest.LogCaptureFixture
) -> None:
    note = "ask ada@example.org at +49 170 1234567"
    secret = {"password": "hunter2", "note": note, "iban": {"no": "DE89"}, "hid": {"x": "deep"}, "n": 1}
    shadow = Shadow("r", telemetry=heard, pool=Inline(), redaction=Redaction(paths=("/hid",)))
    shadow.call(
        lambda _: secret, lambda _: {**secret, "n": 2, "iban": {"no": "DE90"}, "hid": {"x": "deeper"}}, secret
    )
    written = repr(heard.events) + repr([record.__dict__ for record in caplog.records])
    for each in ("hunter2", "ada@example", "1234567", "DE89", "DE90", "deep"):
        assert each not in written
    assert "/iban/no changed" in heard.events[0]["props"]["shadow.places"]


def test_R118_tests_can_ask_for_an_error() -> None:
    shadow = Shadow("route", pool=Inline(), raise_on_mismatch=True)
    assert shadow.call(sides.route, sides.route, dict(REQUEST)) == ANSWER
    with pytest.raises(Mismatch, match="/to changed: 'finance' or 'cfo'"):
        shadow.call(sides.route, sides.other_route, dict(REQUEST))
    with pytest.raises(ValueError, match="Inline"):
        Shadow("route", raise_on_mismatch=True)


def test_R118_what_fails_in_shadow_itself_stays_there(heard: Heard, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("broken")

    for settings in (
        {"mode": broken},
        {"mode": lambda _: None},
        {"share": broken},
        {"rules": Rules(normalise={"/to": broken})},
        {"rules": Rules(same={"/to": broken})},
        {"redaction": Redaction(own=broken)},
    ):
        shadow = Shadow("route", telemetry=heard, pool=Inline(), **settings)  # type: ignore[arg-type]
        assert shadow.call(sides.route, sides.other_route, dict(REQUEST)) == ANSWER
    decorated = Shadow("route", telemetry=heard, pool=Inline()).beside(sides.route, about=broken)(sides.route)
    assert decorated(dict(REQUEST)) == ANSWER
    lock = threading.Lock()
    uncopied = Shadow("route", telemetry=heard, pool=Inline())
    assert uncopied.call(lambda _: 1, lambda _: 2, lock) == 1
    assert uncopied.counts["not_copied"] == 1
    large = Shadow("route", telemetry=heard, pool=Inline())
    assert large.call(lambda each: len(each), lambda _: 2, b"x" * 1_000_000) == 1_000_000
    assert large.counts["not_copied"] == 1


def test_R118_a_guard_may_allow() -> None:
    shadow = Shadow("route", pool=Inline(), guard=Guard(allow=("network",)), raise_on_mismatch=True)
    assert shadow.call(sides.route, sides.connects, dict(REQUEST)) == ANSWER


@pytest.mark.parametrize(
    ("variant", "mode"),
    [
        ("off", Mode.OFF),
        ("shadow", Mode.SHADOW),
        ("dual-run", Mode.DUAL_RUN),
        ("on", Mode.SWITCHED),
        ("odd", Mode.OFF),
    ],
)
def test_R118_a_release_flag_says_the_mode_by_its_variant(variant: str, mode: Mode) -> None:
    provider = CompanyOSProvider("http://127.0.0.1:9", key="none")
    variants = {"off": False, "on": True, "shadow": False, "dual-run": False, "odd": True}
    flag = {"state": "ENABLED", "variants": variants, "defaultVariant": variant}
    provider.took(json.dumps({"flags": {"path": flag}, "metadata": {"version": 1}}).encode(), None)
    read = release_mode(Flags(provider), "path")
    assert read({"targetingKey": "ada"}) is mode
    assert release_mode(Flags(provider), "missing", Mode.SHADOW)({}) is Mode.SHADOW
