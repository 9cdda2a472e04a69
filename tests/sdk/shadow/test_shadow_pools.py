"""R118: control always answers, whatever the candidate does in the threads and processes of a pool."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import sides
from heard import Heard
from sides import ABOUT, ANSWER, REQUEST

from companyos_sdk.shadow import (
    SHARED,
    Breaker,
    Inline,
    ProcessPool,
    Shadow,
    ThreadPool,
)


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
