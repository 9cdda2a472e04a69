"""How fast flags are answered: beside Unleash's server in one run, and while pages are loaded and changes streamed.

Bars: all of 50 flags 8 times as often as Unleash's frontend API; "not modified" 20,000 a second; and with the edge in
a process of its own, 99 of 100 evaluations within 5 ms under an open load of everything at once.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from statistics import median
from typing import Any

import httpx

from bench import _wrk
from bench._client import Client, events
from bench._instance import CONTEXT, FLAGS, KEY, Running, percentile, running, store
from bench._unleash import Missing, unleash

ROUNDS = 3
AT_LEAST_TIMES_UNLEASH = 8.0
AT_LEAST_NOT_MODIFIED = 20_000
AT_MOST_P99_MS = 5.0
EVALUATIONS, PAGES, ANALYTICS, STREAMS = 300, 10, 2, 500  # a second each, and streams in all
SECONDS = 20
PAGES_WITHIN = 60.0
EVENTS = 200_000

_FLAGS_URL = "/ofrep/v1/evaluate/flags"
_KEYED = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
_BODY = json.dumps({"context": CONTEXT})


def main() -> int:
    """Measure, print a table and a summary, store the figures; 1 when a bar is missed."""
    closed = _closed_loop()
    open_ = {f"{count} process{'es' * (count > 1)}": asyncio.run(_open_loop(count)) for count in (1, 2)}
    for name, found in open_.items():
        print(
            f"open load, {name:<12} p50 {found['p50_ms']:7.2f} ms  p99 {found['p99_ms']:7.2f} ms  {found['note']}"
        )
    missed = _missed(closed, open_["2 processes"])
    store("server", {"closed_loop": closed, "open_loop": open_, "missed": missed})
    print(
        f"server: {'bars met' if not missed else 'BAR MISSED: ' + '; '.join(missed)}; {_summary(closed, open_)}"
    )
    return 1 if missed else 0


def _closed_loop() -> dict[str, Any]:
    if not _wrk.is_there():
        return {"skipped": "wrk is not installed (Debian: apt install wrk)"}
    with running(processes=1) as ours:
        try:
            with unleash(flags=FLAGS) as theirs:
                found = _rounds(ours, theirs)
        except Missing as missing:
            found = _rounds(ours, None) | {"unleash_skipped": str(missing)}
    for name, load in found.items():
        if isinstance(load, dict):
            print(
                f"{name:<28}{load['per_second']:>9,.0f}/s  p99 {load['p99_ms']:7.2f} ms  failed {load['failed']}"
            )
    return found


def _rounds(ours: Running, theirs: str | None) -> dict[str, Any]:
    """Measure everything in turn, several times; the median of each by its rate."""
    url = ours.url + _FLAGS_URL
    etag = httpx.post(url, content=_BODY, headers=_KEYED).headers["etag"]
    cases: dict[str, Callable[[], _wrk.Load]] = {
        "one flag, plain": lambda: _wrk.load(f"{url}/flag-00", headers=_KEYED, body=_BODY),
        "one flag, four rules": lambda: _wrk.load(f"{url}/flag-03", headers=_KEYED, body=_BODY),
        "all 50 flags": lambda: _wrk.load(url, headers=_KEYED, body=_BODY),
        "all 50 flags, not modified": lambda: _wrk.load(
            url, headers=_KEYED | {"if-none-match": etag}, body=_BODY
        ),
    }
    if theirs is not None:
        cases["Unleash frontend, 50 flags"] = lambda: _wrk.load(theirs)
    runs: dict[str, list[_wrk.Load]] = {name: [] for name in cases}
    for _ in range(ROUNDS):
        for name, case in cases.items():
            runs[name].append(case())
    return {
        name: sorted(each, key=lambda load: load.per_second)[ROUNDS // 2].as_dict()
        for name, each in runs.items()
    }


async def _open_loop(processes: int) -> dict[str, Any]:
    """Evaluate at a steady rate whatever the server does; each is timed from when it should have been sent."""
    with running(processes=processes) as server:
        client = Client(server.port)
        cookie = _signed_in(server)
        await _send_events(client)
        streams = [asyncio.create_task(_listen(server.port)) for _ in range(STREAMS)]
        await _until_listening(client, streams)
        took: list[float] = []
        pages: list[float] = []
        analytics: list[float] = []
        person = {"authorization": f"Bearer {server.person_key}"}
        addresses = ["/rollouts/unified-approvals", "/", "/tenants", "/rollouts"]
        await asyncio.gather(
            _steadily(EVALUATIONS, lambda: _evaluate(client), took),
            _steadily(PAGES, lambda: _get(client, random.choice(addresses), cookie), pages),
            _steadily(
                ANALYTICS,
                lambda: _get(client, "/api/v1/rollouts/unified-approvals/report", person),
                analytics,
            ),
        )
        ended = sum(task.done() for task in streams)
        for task in streams:
            task.cancel()
        await asyncio.gather(*streams, return_exceptions=True)
        client.close()
    lost = EVALUATIONS * SECONDS - len(took)
    note = (
        f"pages p50 {median(pages):.0f} ms, analytics p50 {median(analytics):.0f} ms, streams ended {ended}"
    )
    return {
        "p50_ms": round(percentile(took, 0.5), 3),
        "p99_ms": round(percentile(took, 0.99), 3),
        "evaluations": len(took),
        "lost": lost,
        "page_p50_ms": round(median(pages), 1),
        "analytics_p50_ms": round(median(analytics), 1),
        "note": note + (f", {lost} evaluations lost" if lost else ""),
    }


async def _steadily(per_second: int, ask: Callable[[], Awaitable[None]], took: list[float]) -> None:
    """Ask `per_second` times a second for the whole time; `took` gets milliseconds from the intended moment."""
    began, asked = time.perf_counter() + 0.5, []

    async def one(due: float) -> None:
        await ask()
        took.append((time.perf_counter() - due) * 1000)

    for number in range(per_second * SECONDS):
        due = began + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(one(due)))
    for problem in await asyncio.gather(*asked, return_exceptions=True):
        if problem is not None:
            print(f"  lost: {problem!r}")


async def _evaluate(client: Client) -> None:
    flag = f"{_FLAGS_URL}/flag-{random.randrange(FLAGS):02d}"
    status, _, _ = await client.request("POST", flag, _KEYED, _BODY.encode())
    assert status == 200, status


async def _get(client: Client, path: str, headers: dict[str, str]) -> None:
    status, _, _ = await client.request("GET", path, headers)
    assert status == 200, (path, status)


def _signed_in(server: Running) -> dict[str, str]:
    """Sign in once the pages answer: beside an edge of its own their process needs a moment longer."""
    deadline = time.monotonic() + PAGES_WITHIN
    while (answer := httpx.get(server.sign_in)).status_code == 503 and time.monotonic() < deadline:
        time.sleep(0.2)
    return {"cookie": f"sessionid={answer.cookies['sessionid']}"}


async def _send_events(client: Client) -> None:
    """Give the engine something to count."""
    at = "2026-03-02T09:00:00Z"
    for first in range(0, EVENTS, 1000):
        batch = [
            {"id": f"bench-{n:07d}", "event": "task_completed", "time": at, "tenant": "sales"}
            for n in range(first, first + 1000)
        ]
        status, _, told = await client.request(
            "POST", "/v1/events", _KEYED, json.dumps({"events": batch}).encode()
        )
        assert status == 202, told


async def _listen(port: int) -> None:
    pipe = await asyncio.open_connection("127.0.0.1", port)
    try:
        async for _ in events(pipe, "/ofrep/v1/sse", KEY):
            pass
    finally:
        pipe[1].close()


async def _until_listening(client: Client, streams: list[asyncio.Task[None]]) -> None:
    """Wait until the streams are open and the events are counted, so that the start is not measured."""
    for _ in range(3):
        await _evaluate(client)
        await asyncio.sleep(1)
    assert not any(task.done() for task in streams)


def _missed(closed: dict[str, Any], two: dict[str, Any]) -> list[str]:
    missed = []
    if times := _times_unleash(closed):
        missed += [f"{times:.1f} times Unleash"] if times < AT_LEAST_TIMES_UNLEASH else []
    if "skipped" not in closed:
        rate = closed["all 50 flags, not modified"]["per_second"]
        missed += [f"{rate:,.0f} not modified a second"] if rate < AT_LEAST_NOT_MODIFIED else []
    if two["p99_ms"] > AT_MOST_P99_MS or two["lost"]:
        missed.append(f"p99 {two['p99_ms']:.1f} ms with two processes, {two['lost']} lost")
    return missed


def _times_unleash(closed: dict[str, Any]) -> float | None:
    theirs = closed.get("Unleash frontend, 50 flags")
    return closed["all 50 flags"]["per_second"] / theirs["per_second"] if theirs else None


def _summary(closed: dict[str, Any], open_: dict[str, Any]) -> str:
    if "skipped" in closed:
        rates = f"rates skipped: {closed['skipped']}"
    else:
        times = _times_unleash(closed)
        beside = f"{times:.1f} times Unleash" if times else f"Unleash skipped: {closed['unleash_skipped']}"
        bulk, same = (closed[name]["per_second"] for name in ("all 50 flags", "all 50 flags, not modified"))
        rates = f"bulk {bulk:,.0f}/s ({beside}), not modified {same:,.0f}/s"
    p99 = ", ".join(f"{found['p99_ms']:.1f} ms in {name}" for name, found in open_.items())
    return f"{rates}; p99 {p99}"
