"""What a shadow adds to its caller's time: when off, and with everything compared, in programs of several kinds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import _shadow_sides as sides
from bench._shadow_arm import ABOUT, REQUEST, Counts
from companyos_sdk.facade import Flags
from companyos_sdk.provider import CompanyOSProvider
from companyos_sdk.shadow import Shadow, ThreadPool, flags_mode, flags_share

MOST_OFF_US, MOST_ON_P99_US = 5.0, 50.0
OFF = "off, by a flag"
ROUNDS, CALLS, RESAMPLES = 25, 160, 1_000


def measured() -> dict[str, dict[str, float]]:
    """Return µs above control's median by kind of program: median and p99, and the p99 of control alone."""
    flags = _flags()
    found = {OFF: _added(Shadow("route", mode=flags_mode(flags, "path"), telemetry=Counts()), None, 1_000)}
    for title, between in BETWEEN.items():
        found[title] = _added(Shadow("route", telemetry=Counts(), pool=ThreadPool()), between, CALLS)
    by_flags = Shadow(
        "route",
        mode=flags_mode(flags, "shown"),
        share=flags_share(flags, "share"),
        telemetry=Counts(),
        pool=ThreadPool(),
    )
    found["at 100 % by two flags, an idle program that is asked"] = _added(by_flags, _hears, CALLS)
    return found


def _added(shadow: Shadow, between: Callable[[], Any] | None, calls: int) -> dict[str, float]:
    def beside() -> Any:
        return shadow.call(sides.route, sides.route, _request[0], about=ABOUT)

    _timed(beside, 200, between)
    rounds, alone = [], []
    for _ in range(ROUNDS):  # by turns, so that a busy machine hits both alike
        rounds.append(_timed(beside, calls, between))
        alone.append(_timed(lambda: sides.route(_request[0]), calls, between))
    shadow.close()
    with_it, without = np.array(rounds), np.array(alone)
    usual = float(np.median(without))
    draws = np.random.default_rng(7).integers(0, ROUNDS, (RESAMPLES, ROUNDS))
    low, high = np.quantile([_p99(with_it[drawn]) - usual for drawn in draws], [0.025, 0.975])
    measured = {
        "median": float(np.median(with_it)) - usual,
        "p99": _p99(with_it) - usual,
        "low": float(low),
        "high": float(high),
        "alone_p99": _p99(without) - usual,
    }
    return {name: round(us, 2) for name, us in measured.items()}


def missed(found: dict[str, dict[str, float]]) -> list[str]:
    """Return in words which bars are missed."""
    words = []
    for title, us in found.items():
        if title == OFF and us["median"] > MOST_OFF_US:
            words.append(f"off costs {us['median']:.1f} µs, not {MOST_OFF_US:g}")
        if title != OFF and us["p99"] > MOST_ON_P99_US:
            words.append(f"{title}: p99 {us['p99']:.1f} µs, not {MOST_ON_P99_US:g}")
    return words


def _p99(times: Any) -> float:
    return float(np.quantile(times, 0.99))


def _timed(act: Callable[[], Any], times: int, between: Callable[[], Any] | None) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        took.append(1e6 * (time.perf_counter() - began))
        if between is not None:
            between()
    return took


def _flags() -> Flags:
    provider = CompanyOSProvider("http://127.0.0.1:9", key="none")
    modes = {"off": "off", "shadow": "shadow"}
    rule = {"if": [{"in": [{"var": "tenant"}, ["legal"]]}, "shadow", "off"]}
    flags = {
        "path": {"state": "ENABLED", "variants": modes, "defaultVariant": "off", "targeting": rule},
        "shown": {"state": "ENABLED", "variants": modes, "defaultVariant": "shadow"},
        "share": {"state": "ENABLED", "variants": {"all": 1.0}, "defaultVariant": "all"},
    }
    provider.took(json.dumps({"flags": flags, "metadata": {"version": 1}}).encode(), None)
    return Flags(provider)


def _works() -> None:
    """What a program does between two calls: 0.7 ms of other things."""
    json.loads(json.dumps(_OTHER_THINGS))


def _idles() -> None:
    time.sleep(0.001)


def _hears() -> None:
    """A program that idles until somebody asks: the request is read from the wire, and nothing else is warm."""
    time.sleep(0.001)
    _request[0] = json.loads(_ON_THE_WIRE)


_request = [REQUEST]
_ON_THE_WIRE = json.dumps(REQUEST)
_OTHER_THINGS = [{"id": n, "text": "x" * 50, "value": n * 1.5} for n in range(300)]
BETWEEN: dict[str, Callable[[], Any] | None] = {
    "at 100 %, a busy program": _works,
    "at 100 %, an idle program that is asked": _hears,
    "at 100 %, an idle program, its request cold as well": _idles,
    "at 100 %, back to back": None,
}
