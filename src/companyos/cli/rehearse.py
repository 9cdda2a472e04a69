"""`companyos rehearse` and `companyos up --rehearse`: a server on a virtual clock, and the driver that lives in it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.drive import drive
from companyos.adoption.rollouts.rehearsal.order import (
    DriveFailed,
    Fault,
    FaultKind,
    Keys,
    Order,
    Progress,
)
from companyos.adoption.rollouts.rehearsal.page import page_of
from companyos.adoption.rollouts.rehearsal.profile import Profile, stored_profile
from companyos.adoption.rollouts.rehearsal.workforce import BadWorkforce, load_workforce
from companyos.adoption.rollouts.rehearsal.xes import BadLog
from companyos.cli.both_paths import paths_of
from companyos.cli.commands import Mistake
from companyos.cli.program import read_program
from companyos.cli.up import KEYS, KEYS_BEFORE
from companyos.surfaces.program.types import Program

ENDED_ELSEWHERE = 3
_STARTS_WITHIN = 120.0  # a busy machine is slow, a dead server is noticed at once


def rehearse(options: argparse.Namespace) -> int:
    """Run headless. 0: ready for external GA; 3: ended in another state; 2: bad input; 1: anything else."""
    order = _order(options, faults=options.fault or [], pace=None)
    with (
        tempfile.TemporaryDirectory(prefix="companyos-rehearsal-") as folder,
        _server(options, Path(folder), options.port) as server,
    ):
        report = server.run(order, _Terminal())
    if options.report:
        _write(options.report, report)
    print(_summary(report))
    return 0 if report["final_state"] == "ready_for_external_ga" else ENDED_ELSEWHERE


def watch_rehearsal(options: argparse.Namespace) -> int:
    """Serve a rehearsal to the browser while it runs, then stay up for browsing until Ctrl-C."""
    options.log, options.until, options.workforce, options.plan = None, None, None, options.rehearse
    order = _order(options, faults=[] if options.smooth else _planted_in(options), pace=options.seconds)
    folder = options.data / "rehearsals" / f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    with _server(options, folder, options.port) as server:
        print(f"The rehearsal is on {server.url}/rollouts/{order.plan}")
        print(f"Sign in once with   {server.url}/sign-in/{server.sign_in}", flush=True)
        try:
            report = server.run(order, _Terminal())
            _write(Path("report.json"), report)
            print(_summary(report))
            print(
                "Written: report.json, report.html. Still serving for a look around; Ctrl-C stops.",
                flush=True,
            )
            if not options.stop_when_done:
                server.started.process.wait()
        except KeyboardInterrupt:
            print("\nstopping")
    return 0


def _planted_in(options: argparse.Namespace) -> list[str]:
    """The faults of a run to watch: a regression, and a difference in the first stage that begins in shadow."""
    plans = [plan for plan in read_program(options.program).plans if plan.slug == options.plan]
    shadowed = [stage.slug for plan in plans for stage in plan.stages if stage.shadow]
    return ["regression@expand", *(f"{FaultKind.MISMATCH}@{stage}" for stage in shadowed[:1])]


def _order(options: argparse.Namespace, *, faults: list[str], pace: float | None) -> Order:
    program = read_program(options.program)
    if options.plan not in {plan.slug for plan in program.plans}:
        known = ", ".join(plan.slug for plan in program.plans)
        raise Mistake(f"there is no plan {options.plan!r}; the program has {known}.")
    stages = [stage.slug for plan in program.plans if plan.slug == options.plan for stage in plan.stages]
    company = program.company
    try:
        planted = {each.kind: each for each in map(Fault.parse, faults)}
        workforce = load_workforce(options.workforce or options.program / "workforce.yaml")
    except (ValueError, BadWorkforce) as error:
        raise Mistake(str(error)) from None
    for stage in filter(None, [*(each.stage for each in planted.values()), options.until]):
        if stage not in stages:
            raise Mistake(f"there is no stage {stage!r}; the plan has {', '.join(stages)}.")
    mismatch = planted.pop(FaultKind.MISMATCH, None)
    _need_a_shadow(program, options.plan, mismatch)
    if len(planted) > 1:
        raise Mistake(f"one fault at a time, and a mismatch beside it; got {' and '.join(planted)}.")
    if options.log and not options.log.is_file():
        raise Mistake(f"there is no log {options.log}.")
    return Order(
        plan=options.plan,
        people=_people(program),
        workforce=workforce,
        profile=_profile(),
        log=options.log,
        fault=next(iter(planted.values()), None),
        mismatch=mismatch,
        paths=paths_of(program, workforce.mismatch),
        seed=options.seed,
        cases=options.cases,
        starts_at=company.baseline_starts.astimezone(UTC),
        zone=company.zone,
        holidays=company.holidays,
        until_stage=options.until,
        pace_seconds=pace,
        hours=company.working_hours,
        all_through_feature=options.all_through_feature,
    )


def _need_a_shadow(program: Program, plan: str, fault: Fault | None) -> None:
    shadowed = [
        stage.slug for each in program.plans if each.slug == plan for stage in each.stages if stage.shadow
    ]
    if fault and fault.stage not in shadowed:
        raise Mistake(
            f"{fault} needs a stage that begins in shadow; the plan has {', '.join(shadowed) or 'none'}."
        )


def _profile() -> Profile:
    return stored_profile()


def _people(program: Program) -> tuple[Person, ...]:
    teams = {team.slug: team for team in program.teams}
    return tuple(
        Person(
            p.slug, p.team, teams[p.team].department, p.role, teams[p.team].works_in or teams[p.team].tenant
        )
        for p in program.people
    )


@dataclass(slots=True)
class _Started:
    """The child process that serves the rehearsal, and how it was started."""

    command: list[str]
    folder: Path
    process: subprocess.Popen[bytes]

    def again(self, now: datetime, port: int) -> None:
        """Start it once more where it was, after it died; returns when it listens."""
        self.process.wait(timeout=_STARTS_WITHIN)
        (self.folder / KEYS).replace(self.folder / KEYS_BEFORE)
        command = [*self.command, "--port", str(port), "--again", now.isoformat()]
        self.process = subprocess.Popen(command, start_new_session=True)  # noqa: S603
        _wait_for_keys(self.process, self.folder / KEYS)


@dataclass(frozen=True, slots=True)
class _Server:
    """A rehearsal that is served, and what opens it."""

    started: _Started
    keys: Keys
    sign_in: str

    @property
    def url(self) -> str:
        return self.keys.url

    def run(self, order: Order, terminal: _Terminal) -> dict[str, Any]:
        """Drive the rehearsal to its end and return the report."""
        began = time.monotonic()
        with _peak_memory() as peak:
            try:
                outcome = asyncio.run(drive(order, self.keys, say=terminal.say, again=self.again))
            except (BadLog, BadWorkforce) as error:
                raise Mistake(str(error)) from None
            except DriveFailed as error:
                raise SystemExit(f"companyos: {error}") from None
        report = dict(outcome.report)
        report["wall_seconds"] = round(time.monotonic() - began, 1)
        report["peak_rss_mb"] = round(peak[0] / 2**20)
        return report

    def again(self, now: datetime) -> None:
        """Start a server that died, at a time of the rehearsal, where everybody looks for it."""
        self.started.again(now, urlsplit(self.url).port or 0)


@contextlib.contextmanager
def _server(options: argparse.Namespace, folder: Path, port: int) -> Iterator[_Server]:
    """Start the rehearsal's own server on its own data directory; stop it at the end."""
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(folder)]
    command += ["--program", str(options.program)]
    started = _Started(
        command,
        folder,
        subprocess.Popen([*command, "--port", str(port)], start_new_session=True),  # noqa: S603
    )
    try:
        told = _wait_for_keys(started.process, folder / KEYS)
        keys = Keys(told["url"], told["clock_key"], told["server_key"], told["people"])
        with _differences_logged(folder):
            yield _Server(started, keys, told["sign_in"])
    finally:
        started.process.send_signal(signal.SIGINT)
        try:
            started.process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            started.process.kill()


def _wait_for_keys(process: subprocess.Popen[bytes], path: Path) -> dict[str, Any]:
    """Wait until the server listens: it writes its keys then."""
    deadline = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise Mistake("the rehearsal's server did not start; what it said is above.")
        with contextlib.suppress(OSError, ValueError):
            told: dict[str, Any] = json.loads(path.read_text())
            return told
        threading.Event().wait(0.05)
    raise Mistake(f"the rehearsal's server did not start within {_STARTS_WITHIN:.0f} s.")


@contextlib.contextmanager
def _differences_logged(folder: Path) -> Iterator[None]:
    """Keep what the SDK logs of differences in a file of the data directory: the terminal tells the scene."""
    log = logging.getLogger("companyos_sdk.shadow")
    to_file = logging.FileHandler(folder / "shadow.log", encoding="utf-8", delay=True)
    to_file.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(to_file)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(to_file)
        log.propagate = True
        to_file.close()


@contextlib.contextmanager
def _peak_memory() -> Iterator[list[int]]:
    """Sample the memory of the process tree twice a second; the highest sum of RSS, in bytes."""
    peak, stop = [0], threading.Event()

    def sample() -> None:
        me = psutil.Process()
        while not stop.wait(0.5):
            total = 0
            for each in [me, *me.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    total += each.memory_info().rss
            peak[0] = max(peak[0], total)

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        stop.set()
        thread.join()


class _Terminal:
    """One line a virtual day, and one for whatever happens."""

    def __init__(self) -> None:
        self._day = ""

    def say(self, progress: Progress) -> None:
        day = f"{progress.at:%a %d %b}"
        if progress.note:
            print(
                f"{progress.at:%a %d %b %H:%M}  {progress.stage or 'baseline':<22} {progress.note}",
                flush=True,
            )
        elif day != self._day:
            words = f"{progress.cases_begun:>6} cases  {progress.events_acked:>7} events  {progress.status}"
            print(f"{day} {'':5}  {progress.stage or 'baseline':<22} {words}", flush=True)
        self._day = day


def _summary(report: dict[str, Any]) -> str:
    lines = [f"\n{'stage':<24}{'attempt':>8}  {'state':<12} {'gates':<8} entered"]
    for stage in report["stages"]:
        passed = sum(gate["verdict"] == "passed" for gate in stage["gates"])
        entered = (stage["entered_at"] or "")[:10]
        gates = f"{passed}/{len(stage['gates'])}"
        lines.append(f"{stage['name']:<24}{stage['attempt']:>8}  {stage['state']:<12} {gates:<8} {entered}")
    lines.extend(_planted(report.get("fault") or {}))
    for decision in report["decisions"]:
        if decision["move"] == "switch_over":
            lines.append(f"\nSwitched over: {decision['because']}")
            lines.extend(_in_shadow(report))
            lines.extend(_spread(report, decision, "switched over"))
        if decision["move"] == "roll_back":
            lines.append(f"\nTaken back: {decision['because']}")
            lines.extend(_spread(report, decision, "taken back from"))
    ready = [each["verdict"] == "passed" for each in report.get("readiness", [])]
    lines.append(
        f"\nReadiness: {sum(ready)} of {len(ready)} criteria passed. Final state: {report['final_state']}."
    )
    again = report.get("replayed", {"decisions": 0, "the_same": 0})
    lines.append(
        f"Replayed from their frozen evidence, {again['the_same']} of {again['decisions']} decisions come out the same."
    )
    if report.get("certificate"):
        lines.append("Two roles said go: the readiness certificate is written and signed.")
    lines.append(
        f"{report['feature_requests']} of {report['cases_replayed'] + report['cases_sampled']} cases went through"
        f" the feature itself ({_each(report['feature_by_path'])}), {report['feature_acts']} answers;"
        f" by stage: {_each(report['feature_by_stage'])}."
    )
    lines.append(
        f"{report['cases_replayed']} cases replayed, {report['cases_sampled']} sampled;"
        f" {report['events_acked']} events acknowledged, {report['events_counted']} counted,"
        f" and {report['bugs_counted']} bugs that people opened as cases;"
        f" {report['wall_seconds']} s, {report['peak_rss_mb']} MB at most."
    )
    return "\n".join(lines)


def _planted(fault: dict[str, Any]) -> Iterator[str]:
    """What was planted between the work and the controller, and what the controller did about it."""
    counts = {name: fault[name] for name in ("events_lost", "events_late", "cases_astray") if name in fault}
    answer = fault.get("answer")
    if not answer or answer["move"] == "roll_back":
        return  # what was taken back is told with its reason anyway
    said = "".join(f", {name.replace('_', ' ')} {n:,}" for name, n in counts.items())
    yield f"\nPlanted: {fault['fault']} from {fault['began_at'][:16]} on{said}."
    yield f"{answer['move'].capitalize()} at {answer['at'][:16]} by {answer['rule']}: {answer['because']}"


def _each(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counts.items()) or "none"


def _in_shadow(report: dict[str, Any]) -> Iterator[str]:
    shadow = report.get("shadow")
    if not shadow:
        return
    yield f"in shadow {shadow['pairs']} pairs ran, {shadow['differed']} of them differed"
    for each in sorted(shadow["found"], key=lambda found: found["rank"]):
        yield f"ranked {each['rank']}: {', '.join(each['places'])} ({each['count']} pairs by then), {each['said']}"
    planted = shadow["planted"] or {}
    if planted.get("mended_at"):
        began, mended = (datetime.fromisoformat(planted[name]) for name in ("began_at", "mended_at"))
        hours = (mended - began).total_seconds() / 3600
        yield f"{planted['fault']} blocked the stage, and was fixed {hours:.0f} h after it began"


def _spread(report: dict[str, Any], decision: dict[str, Any], done: str) -> Iterator[str]:
    for spread in report.get("propagation", []):
        if spread["version"] == decision["ruleset_version"] and spread["seconds"] is not None:
            yield (
                f"{done} {spread['people']} people in {spread['seconds']:.1f} s,"
                f" {spread['confirmed']} of {spread['providers']} providers confirmed"
            )


def _write(path: Path, report: dict[str, Any]) -> None:
    path.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    path.with_suffix(".html").write_text(page_of(report))
    if report.get("certificate"):
        told = json.dumps(report["certificate"], indent=1, ensure_ascii=False)
        path.with_suffix(".certificate.json").write_text(told + "\n")
