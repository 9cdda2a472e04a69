"""R118: the mode says who answers; what a candidate did is told, and nothing else leaves the process."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sides
from heard import Heard
from sides import ABOUT, ANSWER, REQUEST

from companyos_sdk.facade import Flags
from companyos_sdk.provider import CompanyOSProvider
from companyos_sdk.shadow import (
    SHARED,
    Guard,
    Inline,
    Mismatch,
    Mode,
    ReadOnly,
    Redaction,
    RolledBack,
    Rules,
    Shadow,
    SideEffectRefused,
    release_mode,
)


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
