"""R159: whatever happens to the server, every evaluation answers off the last good version, and it recovers."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

import pytest
from openfeature.evaluation_context import EvaluationContext
from watched import FlagServer, Make, Seen, until

from companyos_sdk.provider import CompanyOSProvider, State

BAD_ANSWERS = [
    "500",
    "busy",
    "garbage",
    "not-flags",
    "truncated",
    "cut-off",
    "older",
    "versionless",
    "other-set",
    "black-hole",
    "drip",
]
SALES = EvaluationContext("ada", {"tenant": "sales"})


class Askers:
    """Threads that ask all the time and write down what they were told."""

    def __init__(self, provider: CompanyOSProvider, threads: int = 4) -> None:
        self.asked, self.problems = 0, list[str]()
        self.versions: set[int] = set()
        self._provider, self._over = provider, threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(threads)]

    def _ask(self) -> None:
        newest = 0
        while not self._over.is_set():
            try:
                newest = self._once(newest)
            except Exception as problem:
                self.problems.append(repr(problem))
            sleep(0.001)

    def _once(self, newest: int) -> int:
        number = self._provider.resolve_integer_details("number-0", -1, SALES)
        approved = self._provider.resolve_boolean_details("approvals", False, SALES)
        self.asked += 1
        if number.error_code or approved.error_code or approved.value is not True or number.value < newest:
            self.problems.append(f"{number.value} after {newest}: {number.error_message}")
        self.versions.add(number.value)
        return number.value

    @contextmanager
    def asking(self) -> Iterator[Askers]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join()


def _ready(server: FlagServer, provider_of: Make, **settings: Any) -> Seen:
    server.tell(version=5)
    seen = provider_of(server, **settings)
    assert seen.initialize()
    assert seen.provider.version == 5
    return seen


def _endure(seen: Seen, askers: Askers) -> None:
    """Until the provider has noticed, and for a good number of answers after that."""
    until(lambda: seen.provider.state is State.STALE, what="STALE")
    enough = askers.asked + 300
    until(lambda: askers.asked > enough or askers.problems)


def _check(seen: Seen, askers: Askers, versions: set[int]) -> None:
    assert askers.problems == []
    assert askers.versions == versions
    until(lambda: seen.provider.state is State.READY, what="READY again")
    until(lambda: seen.names()[-1:] == ["CONFIGURATION_CHANGED"])
    assert seen.names() == ["STALE", "READY", "CONFIGURATION_CHANGED"]


@pytest.mark.parametrize("mode", BAD_ANSWERS)
def test_bad_answers_keep_the_last_good_version(server: FlagServer, provider_of: Make, mode: str) -> None:
    seen = _ready(server, provider_of, stream_idle_seconds=1.0)
    askers = Askers(seen.provider)

    with askers.asking():
        server.tell(mode=mode)
        _endure(seen, askers)
        assert seen.provider.version == 5
        server.tell(mode="good", version=6)
        until(lambda: 6 in askers.versions, what="version 6")

    _check(seen, askers, {5, 6})


@pytest.mark.parametrize("harm", ["killed", "stopped"])
def test_a_server_that_is_gone_or_hangs(server: FlagServer, provider_of: Make, harm: str) -> None:
    seen = _ready(server, provider_of, stream_idle_seconds=0.5)
    askers = Askers(seen.provider)

    with askers.asking():
        server.kill() if harm == "killed" else server.stopped()
        _endure(seen, askers)
        server.tell(version=6)
        server.start() if harm == "killed" else server.signal(signal.SIGCONT)
        until(lambda: 6 in askers.versions, what="version 6")

    _check(seen, askers, {5, 6})


@pytest.mark.parametrize("mode", ["same-etag", "always-unchanged"])
def test_a_server_with_wrong_etags_is_asked_without_one(
    server: FlagServer, provider_of: Make, mode: str
) -> None:
    """The stream tells of version 6; "unchanged" cannot be true then."""
    server.tell(mode="same-etag" if mode == "same-etag" else "good")
    seen = _ready(server, provider_of)
    server.tell(mode=mode, version=6)

    if mode == "always-unchanged":
        until(lambda: any(r["etag"] is None for r in server.noted("requests")[3:]), what="asked without ETag")
        assert seen.provider.version == 5
        server.tell(mode="good")
    until(lambda: seen.provider.version == 6)


@pytest.mark.parametrize("stream", ["none", "garbage"])
def test_without_a_usable_stream_it_polls(server: FlagServer, provider_of: Make, stream: str) -> None:
    server.tell(stream=stream)
    seen = _ready(server, provider_of)

    server.tell(version=6)

    until(lambda: seen.provider.version == 6)


def test_the_stream_brings_a_change_long_before_the_next_poll(server: FlagServer, provider_of: Make) -> None:
    seen = _ready(server, provider_of, poll_seconds=60.0, poll_seconds_with_stream=60.0)
    until(
        lambda: [r for r in server.noted("requests") if r["path"].endswith("sse")], what="the stream is open"
    )
    took = []

    for version in range(6, 26):
        began = monotonic()
        server.tell(version=version)
        until(lambda wanted=version: seen.provider.version == wanted)  # type: ignore[misc]
        took.append(monotonic() - began)

    assert sorted(took)[10] < 1.0, took


def test_after_each_reconnect_it_asks_again(server: FlagServer, provider_of: Make) -> None:
    """What was told while nobody listened is lost; the first poll would come too late."""
    seen = _ready(server, provider_of, poll_seconds=60.0, poll_seconds_with_stream=60.0)
    until(
        lambda: [r for r in server.noted("requests") if r["path"].endswith("sse")], what="the stream is open"
    )

    server.kill()
    server.tell(version=6)
    server.start()

    until(lambda: seen.provider.version == 6)


def test_lost_servers_are_not_stormed(server: FlagServer, provider_of: Make) -> None:
    """Attempts grow apart: a second of refusals costs a handful of requests, not thousands."""
    seen = _ready(server, provider_of, poll_seconds=0.05, longest_pause_seconds=30.0)
    server.tell(mode="500", stream="none")
    until(lambda: seen.provider.state is State.STALE)
    before = len(server.noted("requests"))

    sleep(1.5)  # measured over a time, so a time has to pass

    assert len(server.noted("requests")) - before < 30


def test_a_stream_that_tells_of_a_version_that_never_comes_is_not_believed_for_ever(
    server: FlagServer, provider_of: Make, caplog: pytest.LogCaptureFixture
) -> None:
    server.tell(stream="ahead")
    _ready(server, provider_of, poll_seconds_with_stream=60.0)

    until(lambda: "version 1005, which never came" in caplog.text)

    asked = [request for request in server.noted("requests") if request["path"].endswith("sync")]
    assert len(asked) < 20


def test_it_says_which_version_it_serves(server: FlagServer, provider_of: Make) -> None:
    _ready(server, provider_of, provider_id="worker-1")
    until(lambda: {"provider": "worker-1", "version": 5} in server.noted("serving"))

    server.tell(version=6)

    until(lambda: {"provider": "worker-1", "version": 6} in server.noted("serving"))


def test_a_changed_flag_is_named(server: FlagServer, provider_of: Make) -> None:
    seen = _ready(server, provider_of)

    server.tell(version=6)

    until(lambda: "CONFIGURATION_CHANGED" in seen.names())
    changed = dict(seen.events)["PROVIDER_CONFIGURATION_CHANGED"].flags_changed
    assert "number-0" in changed
    assert "approvals" not in changed


@pytest.mark.slow
def test_minutes_of_every_harm_one_after_the_other(server: FlagServer, provider_of: Make) -> None:
    """64 threads ask through all of it: every answer is there, and is off the last good version."""
    seen = _ready(server, provider_of, stream_idle_seconds=1.0)
    askers = Askers(seen.provider, threads=64)
    versions = {5}
    with askers.asking():
        for harm in (*BAD_ANSWERS, "always-unchanged", "killed", "stopped"):
            before = max(versions)
            _harm(server, harm)
            enough = monotonic() + 12
            while monotonic() < enough:
                assert askers.versions <= versions, harm
                assert askers.problems == [], harm
                sleep(0.1)
            assert seen.provider.version == before
            versions.add(before + 1)
            _heal(server, harm, before + 1)
            _until_served(seen, before + 1)
    assert askers.asked > 100_000
    assert askers.problems == []


def _harm(server: FlagServer, harm: str) -> None:
    if harm == "killed":
        server.kill()
    elif harm == "stopped":
        server.stopped()
    else:
        server.tell(mode=harm)


def _heal(server: FlagServer, harm: str, version: int) -> None:
    server.tell(mode="good", version=version)
    if harm == "killed":
        server.start()
    elif harm == "stopped":
        server.signal(signal.SIGCONT)


def _until_served(seen: Seen, version: int) -> None:
    until(lambda: seen.provider.version == version, what=f"version {version}")
