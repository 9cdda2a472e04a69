"""Measures evaluation inside the peers' environment; prints one JSON object. Started by `evaluate.py`.

Four flags, 512 people in turn. In every round each engine evaluates each flag, one after the other, so that whatever
else the machine does falls on all alike; the figures are medians over the rounds, in processor time of the asking
thread (what a peer does in threads of its own is not held against it), the cost of the loop taken off.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any

from openfeature.evaluation_context import EvaluationContext

from companyos_sdk.evaluator import FlagSet
from companyos_sdk.facade import Flags
from companyos_sdk.provider import CompanyOSProvider
from companyos_sdk.telemetry import Telemetry
from openfeature import api

ROUNDS = 7
EVALUATIONS = 4_000
PEOPLE = 512
FLAGS = {
    "plain": "a plain",
    "cohort": "b in-list + ends_with",
    "quarter": "c 25 %",
    "composite": "d segment + semver + 50 %",
}
TEAMS = ["sales", "legal", "ops", "gtm", "people", "finance", "support", "security"]
CHOSEN = TEAMS[:4]

Ask = Callable[[int], Any]


def document() -> dict[str, Any]:
    on_off = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off"}
    cohort = {"and": [{"in": [{"var": "team"}, CHOSEN]}, {"ends_with": [{"var": "email"}, "@corp.example"]}]}
    composite = {"and": [{"$ref": "segment"}, {"sem_ver": [{"var": "version"}, ">=", "2.1.0"]}]}
    half = {"fractional": [["on", 50], ["off", 50]]}
    return {
        "flags": {
            "plain": on_off | {"defaultVariant": "on"},
            "cohort": on_off | {"targeting": {"if": [cohort, "on", "off"]}},
            "quarter": on_off | {"targeting": {"fractional": [["on", 25], ["off", 75]]}},
            "composite": on_off | {"targeting": {"if": [composite, half, "off"]}},
        },
        "$evaluators": {"segment": {"in": [{"var": "team"}, CHOSEN]}},
        "metadata": {"flagSetId": "bench", "version": 1, "fractional": "v3"},
    }


def people() -> list[dict[str, Any]]:
    return [
        {
            "targetingKey": f"person-{i}",
            "team": TEAMS[i % len(TEAMS)],
            "email": f"person-{i}@{'corp' if i % 3 else 'other'}.example",
            "version": f"{1 + i % 3}.{i % 5}.{i % 7}",
            "tenant": "corporate",
        }
        for i in range(PEOPLE)
    ]


def contexts() -> list[EvaluationContext]:
    return [
        EvaluationContext(who["targetingKey"], {k: v for k, v in who.items() if k != "targetingKey"})
        for who in people()
    ]


# -- engines: for each flag a function of a person's number -------------------------------------------------------


def ours() -> tuple[CompanyOSProvider, dict[str, dict[str, Ask]]]:
    provider = CompanyOSProvider("http://127.0.0.1:9", key="none", flag_set="bench")
    provider.took(json.dumps(document()).encode(), None)
    telemetry = Telemetry("http://127.0.0.1:9", key="none", every_seconds=3600.0)
    flags, told = Flags(provider), Flags(provider, hook=telemetry.exposed)
    about, attributes = contexts(), people()
    return provider, {
        "ours": {k: (lambda i, k=k: provider.resolve_boolean_details(k, False, about[i])) for k in FLAGS},
        "facade": {k: (lambda i, k=k: flags.boolean(k, False, attributes[i])) for k in FLAGS},
        "facade + hook": {k: (lambda i, k=k: told.boolean(k, False, attributes[i])) for k in FLAGS},
    }


def flagd_core() -> dict[str, Ask]:
    from openfeature.contrib.tools.flagd.core import FlagdCore

    core, about = FlagdCore(), contexts()
    core.set_flags(json.dumps(document()))
    return {k: (lambda i, k=k: core.resolve_boolean_value(k, False, about[i])) for k in FLAGS}


def statsig() -> dict[str, Ask]:
    from statsig_python_core import DataStore, Statsig, StatsigOptions, StatsigUser
    from statsig_python_core.data_store import DataStoreResponse

    specs = json.dumps(_statsig_specs())

    class Store(DataStore):
        def get(self, key: str) -> DataStoreResponse:
            return DataStoreResponse(specs, 1)

    options = StatsigOptions(
        data_store=Store(), disable_network=True, disable_all_logging=True, output_log_level="none"
    )
    engine = Statsig("secret-bench", options)
    engine.initialize().wait()
    users = [
        StatsigUser(
            user_id=who["targetingKey"],
            email=who["email"],
            app_version=who["version"],
            custom={"team": who["team"]},
        )
        for who in people()
    ]
    return {k: (lambda i, k=k: engine.check_gate(users[i], k)) for k in FLAGS}


def _statsig_specs() -> dict[str, Any]:
    """The same four flags, in the form Statsig's servers send."""

    def rule(name: str, conditions: list[str], share: int = 100) -> dict[str, Any]:
        named = {"name": name, "groupName": name, "id": name, "salt": name, "idType": "userID"}
        return named | {"passPercentage": share, "conditions": conditions, "returnValue": True}

    def gate(*rules: dict[str, Any]) -> dict[str, Any]:
        about = {
            "type": "feature_gate",
            "entity": "feature_gate",
            "salt": "s",
            "idType": "userID",
            "version": 1,
        }
        return about | {"enabled": True, "defaultValue": False, "rules": rules}

    def condition(
        kind: str, operator: str | None = None, field: str | None = None, target: Any = None
    ) -> Any:
        asked = {"type": kind, "operator": operator, "field": field, "targetValue": target}
        return asked | {"additionalValues": {}, "idType": "userID", "isDeviceBased": False}

    return {
        "feature_gates": {
            "plain": gate(rule("plain", ["public"])),
            "cohort": gate(rule("cohort", ["team", "email"])),
            "quarter": gate(rule("quarter", ["public"], 25)),
            "segment": gate(rule("segment", ["team"])),
            "composite": gate(rule("composite", ["segment", "version"], 50)),
        },
        "condition_map": {
            "public": condition("public"),
            "team": condition("user_field", "any_case_sensitive", "team", CHOSEN),
            "email": condition("user_field", "str_ends_with_any", "email", ["@corp.example"]),
            "segment": condition("pass_gate", target="segment"),
            "version": condition("user_field", "version_gte", "app_version", "2.1.0"),
        },
        **{
            name: {}
            for name in ("dynamic_configs", "layer_configs", "layers", "experiment_to_layer", "sdk_configs")
        },
        "has_updates": True,
        "time": 1,
    }


def clients(provider: CompanyOSProvider) -> dict[str, dict[str, Ask]]:
    """Both providers behind OpenFeature's unmodified client."""
    from openfeature.contrib.provider.flagd import FlagdProvider
    from openfeature.contrib.provider.flagd.config import ResolverType

    source = Path(tempfile.mkdtemp()) / "flags.json"
    source.write_text(json.dumps(document()))
    theirs = FlagdProvider(
        resolver_type=ResolverType.FILE, offline_flag_source_path=str(source), deadline_ms=3_600_000
    )
    provider.initialize = lambda _context: None  # type: ignore[method-assign]  # it has its ruleset already
    api.set_provider_and_wait(provider, "ours")
    api.set_provider_and_wait(theirs, "flagd")
    about = contexts()

    def asking(domain: str) -> dict[str, Ask]:
        client = api.get_client(domain)
        return {k: (lambda i, k=k: client.get_boolean_value(k, False, about[i])) for k in FLAGS}

    return {"client, ours": asking("ours"), "client, provider-flagd": asking("flagd")}


# -- measuring ----------------------------------------------------------------------------------------------------


def nanoseconds(ask: Ask, evaluations: int) -> float:
    numbers = list(islice(cycle(range(PEOPLE)), evaluations))
    began = time.thread_time_ns()
    for number in numbers:
        ask(number)
    return (time.thread_time_ns() - began) / evaluations


def measured(engines: dict[str, dict[str, Ask]]) -> dict[str, dict[str, float]]:
    """Engine -> flag -> median nanoseconds, the empty loop taken off."""
    found: dict[str, dict[str, list[float]]] = {name: {k: [] for k in FLAGS} for name in engines}
    for asks in engines.values():  # warm up: caches, exposures of the first time
        for ask in asks.values():
            nanoseconds(ask, PEOPLE)
    for turn in range(ROUNDS):
        order = list(engines)
        for key in FLAGS:
            nothing = nanoseconds(lambda _i: None, EVALUATIONS)
            for name in order[turn % len(order) :] + order[: turn % len(order)]:
                spent = nanoseconds(engines[name][key], EVALUATIONS)
                found[name][key].append(max(spent - nothing, 1.0))
    return {name: {k: round(median(times)) for k, times in by.items()} for name, by in found.items()}


def agreeing(a: dict[str, Ask], b: dict[str, Ask]) -> int:
    """How many of all (flag, person) pairs two engines answer alike in value, variant and reason."""
    pairs = [(a[k](i), b[k](i)) for k in FLAGS for i in range(PEOPLE)]
    return sum((x.value, x.variant, x.reason) == (y.value, y.variant, y.reason) for x, y in pairs)


def _on_for(asks: dict[str, Ask]) -> dict[str, int]:
    """For how many people each flag is on: a peer whose rules do not match is fast for nothing."""
    return {key: sum(bool(asks[key](i)) for i in range(PEOPLE)) for key in FLAGS}


def realistic(number: int) -> dict[str, Any]:
    """One of 1,000 flags as a company has them: a segment, a cohort by name, a version, a percentage, a fallback."""
    names = [f"person-{number}-{i}" for i in range(20)]
    segment = {"and": [{"$ref": "staff"}, {"sem_ver": [{"var": "version"}, ">=", f"2.{number}.0"]}]}
    share = {"fractional": [["on", number % 100], ["off", 100 - number % 100]]}
    corporate = {
        "and": [{"==": [{"var": "tenant"}, "corporate"]}, {"ends_with": [{"var": "email"}, "@corp.example"]}]
    }
    return {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "metadata": {"owner": f"squad-{number}"},
        "targeting": {
            "if": [{"in": [{"var": "targetingKey"}, names]}, "on", segment, share, corporate, "on", "off"]
        },
    }


def loading_ms() -> tuple[float, float, int]:
    """Milliseconds to compile 1,000 flags, and to parse their JSON before that; its bytes."""
    staff = {"in": [{"var": "team"}, [f"team-{i}" for i in range(50)]]}
    flags = {f"flag-{i}": realistic(i) for i in range(1_000)}
    text = json.dumps({"flags": flags, "$evaluators": {"staff": staff}, "metadata": {"version": 1}})
    parsed, compiled = [], []
    for _round in range(ROUNDS):
        began = time.thread_time()
        source = json.loads(text)
        between = time.thread_time()
        loaded = FlagSet.load(source)
        compiled.append((time.thread_time() - between) * 1000)
        parsed.append((between - began) * 1000)
        assert not loaded.problems
        del source, loaded  # or the next round would pay for throwing this one away
    return median(compiled), median(parsed), len(text)


def main() -> None:
    skipped: dict[str, str] = {}
    provider, engines = ours()
    peers: dict[str, Callable[[], dict[str, Ask]]] = {"flagd-core": flagd_core, "statsig": statsig}
    for name, peer in peers.items():
        try:
            engines[name] = peer()
        except Exception as problem:  # noqa: BLE001, RUF100  (a peer's trouble is a reason to skip it)
            skipped[name] = f"{type(problem).__name__}: {problem}"
    try:
        engines |= clients(provider)
    except Exception as problem:  # noqa: BLE001, RUF100
        skipped["client, provider-flagd"] = f"{type(problem).__name__}: {problem}"
    alike = agreeing(engines["ours"], engines["flagd-core"]) if "flagd-core" in engines else None
    chosen = _on_for(engines["statsig"]) if "statsig" in engines else None
    compiled, parsed, size = loading_ms()
    result = {
        "python": sys.version.split()[0],
        "rounds": ROUNDS,
        "nanoseconds": measured(engines),
        "compile_1000_flags_ms": round(compiled, 1),
        "parse_1000_flags_ms": round(parsed, 1),
        "compile_bytes": size,
        "alike_with_flagd_core": alike,
        "pairs": len(FLAGS) * PEOPLE,
        "ours_on": {key: sum(engines["facade"][key](i) for i in range(PEOPLE)) for key in FLAGS},
        "statsig_on": chosen,
        "skipped": skipped,
    }
    print(json.dumps(result))
    api.shutdown()


main()
