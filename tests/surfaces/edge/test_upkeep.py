"""The daily upkeep, from the edge to the sums: repetitions older than the window, erasures, what is past its time."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from edge_client import event
from edge_instance import SECRET, Instance
from edge_server import NOW

from companyos.adoption.telemetry import actions, queries
from companyos.adoption.telemetry.models import FirstExposure
from companyos.adoption.telemetry.queries import erasures
from companyos.analytics.intake.privacy import pseudonym
from companyos.surfaces.worker import loop


def test_a_repetition_older_than_the_window_is_taken_out_of_the_sums(instance: Instance) -> None:
    """The table drops it by its key; the sums had counted it twice until the upkeep made the day again."""
    told = [event(f"event-{n:04d}", actor="boyu-shen", feature="approvals") for n in range(5)]
    assert instance.send(*told)["accepted"] == 5
    instance.edge.clock.set(NOW + timedelta(hours=50))
    assert instance.send(*told[:3])["accepted"] == 3, "the inbox has forgotten them"
    instance.drain.catch_up()
    assert (queries.events_counted(), instance.summed()) == (5, 8)
    assert instance.turn()
    assert (queries.events_counted(), instance.summed()) == (5, 5)
    assert instance.engine.mend_rollups() == [], "a second time nothing is wrong"


def test_a_person_is_out_everywhere_and_the_record_says_how_much(instance: Instance) -> None:
    hidden = pseudonym("huong-pham", tenant="sales", secret=SECRET)
    instance.send(
        event("event-0001", actor="huong-pham", feature="approvals"),
        event("event-0002", actor=hidden, feature="approvals"),
        event("event-0003", actor="boyu-shen", feature="approvals", props={"by": "huong-pham"}),
        event("event-0004", actor="boyu-shen", feature="approvals"),
        event("event-0005", actor="huong-pham", nonsense=1),
    )
    FirstExposure(tenant_id="sales", feature="approvals", person="huong-pham", at=NOW).save()
    instance.send(event("event-0006", actor="boyu-shen", feature="approvals"))  # a newer file
    asked = actions.ask_for_erasure(
        actor="ana-ruiz", subject="huong-pham", because="she asked", owners={"ana-ruiz"}, now=NOW
    )
    assert instance.turn()
    (row,) = erasures.erasures()
    assert (row.id, row.subject, row.done_at) == (asked, "", instance.edge.clock.now())
    removed = dict(row.removed)  # rooms that an instance joins say theirs beside these
    assert {
        "events": 2,
        "mentions in events": 1,
        "quarantine": 1,
        "inbox log": 4,
        "first exposures": 1,
    }.items() <= removed.items()
    assert not instance.in_log("huong-pham")
    assert not instance.in_log(hidden)
    assert (queries.events_counted(), instance.summed()) == (3, 3)
    assert not FirstExposure.objects.of("sales").exists()
    found = instance.engine.rows("count_of_subject", names=["huong-pham", hidden], quoted=".*huong-pham.*")
    assert found == [(0, 0, 0)]


def test_who_still_stands_in_the_newest_file_is_taken_up_again(instance: Instance) -> None:
    instance.send(event("event-0001", actor="huong-pham", feature="approvals"))
    actions.ask_for_erasure(
        actor="ana-ruiz", subject="huong-pham", because="she asked", owners={"ana-ruiz"}, now=NOW
    )
    assert not instance.turn(), "its file is still written to"
    (row,) = erasures.erasures()
    assert (row.done_at, row.subject) == (None, "huong-pham")
    assert queries.events_counted() == 0
    instance.send(event("event-0002", actor="boyu-shen", feature="approvals"))
    assert instance.turn()
    (row,) = erasures.erasures()
    assert dict(row.removed)["events"] == 1
    assert dict(row.removed)["inbox log"] == 1
    assert not instance.in_log("huong-pham")


def test_each_data_domain_is_kept_as_long_as_the_program_says(instance: Instance) -> None:
    def domain(slug: str, holds: str, days: int, **more: list[str]) -> tuple[str, dict[str, Any]]:
        told = {
            "domain": slug,
            "title": slug,
            "holds": holds,
            "days": days,
            "owner": "sre",
            "because": "a test",
        }
        return slug, told | more

    kept = [
        domain("synthetic", "events", 10, tenants=["training"]),
        domain("opinions", "events", 30, events=["survey.answered"]),
        domain("work", "events", 20),
        domain("refused", "quarantine", 5),
        domain("inbox-log", "inbox", 3),
    ]
    actions.keep_definitions(kind="retention", documents=kept)
    instance.send(
        event("event-0001", feature="approvals"),
        event("event-0002", feature="approvals", tenant="training"),
        event("event-0003", feature="approvals", event="survey.answered", tenant="training"),
        event("event-0004", nonsense=1),
    )
    gone = {}
    for day in (1, 4, 6, 11, 21, 31):
        instance.edge.clock.set(NOW + timedelta(days=day))
        instance.send(
            event(f"later-{day:04d}", feature="approvals", time=instance.edge.clock.now().isoformat())
        )
        instance.turn()
        gone[day] = {
            name: row.rows
            for name, row in erasures.last_removals().items()
            if row.at == instance.edge.clock.now()
        }
    assert gone[1] == {}
    assert gone[4] == {"inbox-log": 1}, "a file goes when the one after it began long enough ago"
    assert gone[6] == {"refused": 1, "inbox-log": 1}
    assert gone[11] == {"synthetic": 1, "inbox-log": 2}
    assert gone[21] == {"work": 1, "inbox-log": 1}
    assert gone[31]["opinions"] == 1
    assert instance.summed() == queries.events_counted()


def test_the_upkeep_runs_daily_when_called_and_after_a_failure_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "UPKEEP_FIRST_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(loop, "UPKEEP_AGAIN_AFTER_SECONDS", 0.0)
    monkeypatch.setattr(loop, "UPKEEP_EVERY_SECONDS", 3600.0)
    called, stop, turns, idle = threading.Event(), threading.Event(), list[int](), threading.Semaphore(0)

    def turn() -> bool:
        turns.append(len(turns))
        if len(turns) == 1:
            raise RuntimeError("the engine is away")
        if len(turns) >= 3:
            idle.release()
        return len(turns) >= 3

    thread = threading.Thread(target=loop.keep_house, args=(turn, called, stop))
    thread.start()
    assert idle.acquire(timeout=10), "first, after the failure, and because something was left"
    called.set()
    assert idle.acquire(timeout=10), "an erasure does not wait for tomorrow"
    stop.set()
    called.set()
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert turns == [0, 1, 2, 3]


def test_nothing_of_a_page_names_whoever_is_out(instance: Instance) -> None:
    asked = actions.ask_for_erasure(
        actor="ana-ruiz", subject="huong-pham", because="she asked", owners={"ana-ruiz"}, now=NOW
    )
    actions.name_done(erasure=asked, now=NOW)
    from companyos.surfaces.console.telemetry import gather_kept

    page = gather_kept.page("ana-ruiz", NOW)
    assert "huong-pham" not in json.dumps([[str(v) for v in row] for row in page.erasures.rows])
