"""Whose a surface is, and that each of CompanyOS's own is somebody's (R3)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.features.domain.surfaces import Entry, Seen, finding_of, owner_of
from companyos.adoption.telemetry.queries import catalogue_seen
from companyos.adoption.telemetry.queries.catalogue_seen import EventSeen, ScreenSeen
from companyos.analytics.limits import EngineError
from companyos.platform.instance import Instance, instance, run_as
from companyos.surfaces.console.readiness import surfaces
from companyos.surfaces.edge.app import ADDRESSES
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
REGISTER = (
    Entry("route", "/", "home"), Entry("route", "/flags", "flags"), Entry("route", "/flags/groups", "segments"),
    Entry("operation", "/flags", "flags"), Entry("screen", "checkout", "shop"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "owner"),
    [
        (Seen("route", "/"), "home"), (Seen("route", "/flags"), "flags"), (Seen("route", "/flags/<str:key>"), "flags"),
        (Seen("route", "/flags/groups/x"), "segments"), (Seen("route", "/flagship"), ""), (Seen("route", "/new"), ""),
        (Seen("edge", "/flags"), ""), (Seen("screen", "checkout/pay"), "shop"),
        (Seen("screen", "/basket", "shop"), "shop"), (Seen("screen", "/basket", "nobody"), ""),
        (Seen("route", "/basket", "shop"), "shop"),
    ],
)  # fmt: skip
def test_a_surface_belongs_to_the_closest_line(seen: Seen, owner: str) -> None:
    assert owner_of(seen, REGISTER, ["shop"]) == owner


@pytest.mark.parametrize(
    ("seen", "line"),
    [
        (Seen("edge", "/flags/x/{key}/y"), '- {kind: edge, begins: "/flags/x", feature: flags}'),
        (Seen("route", "/new/<int:n>"), '- {kind: route, begins: "/new", feature: FEATURE}'),
        (Seen("screen", "basket"), '- {kind: screen, begins: "basket", feature: FEATURE}'),
    ],
)
def test_a_finding_says_the_line_that_would_mend_it(seen: Seen, line: str) -> None:
    assert finding_of(seen, REGISTER).suggests == line


@pytest.fixture
def here(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    apply(load_program(Path(__file__).parents[3] / "program"), now=NOW)
    before = instance()
    run_as(Instance(before.clock, before.calendar, before.folder, b"x", edge_addresses=ADDRESSES))
    monkeypatch.setattr(catalogue_seen, "events_seen", lambda now: ())
    monkeypatch.setattr(catalogue_seen, "screens_seen", lambda now: ())
    yield monkeypatch
    run_as(before)


def test_each_of_our_own_surfaces_belongs_to_a_feature(here: Any) -> None:
    page = surfaces.surfaces_page(NOW)
    assert [each.suggests for each in page.findings] == []  # add these to program/registers.yaml
    kinds = {one.kind for each in page.owned for one in each.surfaces}
    assert kinds == {"route", "operation", "edge"}
    assert page.seen > 200


def test_a_screen_of_nobody_and_events_of_an_unknown_feature_are_findings(here: Any) -> None:
    events = (EventSeen("x", "t", "fast-lane", 3, NOW), EventSeen("x", "t", "unified-approvals", 3, NOW))
    screens = (ScreenSeen("", "/basket", 7, NOW), ScreenSeen("", "/requests/new", 9, NOW),
               ScreenSeen("unified-approvals", "/old-form", 2, NOW))  # fmt: skip
    here.setattr(catalogue_seen, "events_seen", lambda now: events)
    here.setattr(catalogue_seen, "screens_seen", lambda now: screens)
    found = surfaces.surfaces_page(NOW).findings
    assert [(each.seen.kind, each.seen.name) for each in found] == [
        ("screen", "/basket"),
        ("screen", "fast-lane"),
    ]


def test_without_the_engine_the_register_stands_and_says_what_is_missing(here: Any) -> None:
    def silent(now: datetime) -> Any:
        raise EngineError("it is away")

    here.setattr(catalogue_seen, "screens_seen", silent)
    page = surfaces.surfaces_page(NOW)
    assert "screens are not in the list" in page.problem
    assert page.seen > 200
