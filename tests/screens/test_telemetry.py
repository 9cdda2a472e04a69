"""Telemetry's pages in a real browser, on a real server that got real events over HTTP."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from ruamel.yaml import YAML

from companyos.surfaces.program.load import load_program
from screens.test_console import browser, faults, page, server  # noqa: F401  # its own server and browser

ROOT = Path(__file__).parents[2]
NINE = datetime(2026, 10, 12, 7, tzinfo=UTC)  # a Monday, 9:00 in Madrid: where a rehearsal begins
PAGES = (
    "/telemetry",
    "/telemetry/unified-approvals",
    "/telemetry/unified-approvals?days=7&tenant=corporate&by=team",
    "/telemetry/unified-approvals/funnel",
    "/telemetry/unified-approvals/funnel?step=task_started&step=task_completed+or+task_failed&hold=task&parts=tenant"
    "&without=task_failed&property=latency_ms&values=900",
    "/telemetry/metrics/task-success",
    "/telemetry/metrics/nps",
    "/telemetry/events",
    "/telemetry/kept",
    "/alerts",
)


def post(url: str, key: str, body: dict[str, Any]) -> None:
    answer = httpx.post(url, json=body, headers={"Authorization": f"Bearer {key}"}, timeout=30)
    assert answer.status_code < 300, answer.text


def event(n: int, name: str, **more: Any) -> dict[str, Any]:
    at = NINE + timedelta(minutes=10 + n % 45)
    return {
        "id": f"{name}-{n:06}",
        "event": name,
        "time": at.isoformat(),
        "tenant": "corporate",
        "actor": "aiko-shibuya" if n % 2 else "huong-pham",
        "feature": "unified-approvals",
        "path": "unified",
        "kind": "submit_employee",
        "case": f"case-{n}",
        "task": f"task-{n}",
        **more,
    }


@pytest.fixture(scope="module")
def burning(server: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """Sixty tasks, every third of them with an error, and something nobody announced; then three hours pass."""
    told = [event(n, "task_started") for n in range(60)]
    told += [event(n, "task_failed", props={"latency_ms": 900}) for n in range(0, 60, 3)]
    told += [event(n, "task_completed", value=60.0, props={"latency_ms": 300}) for n in range(60) if n % 3]
    told += [
        event(n, "feature_flag.evaluation", path="on", kind="approvals.unified", task="") for n in range(2)
    ]
    told += [event(1, "surprise"), event(2, "task_seen", time="1999-01-01T00:00:00Z")]
    post(f"{server['url']}/v1/events", server["server_key"], {"events": told})
    for hour in (1, 2, 3):
        now = NINE + timedelta(hours=hour)
        post(f"{server['url']}/rehearsal/v1/clock", server["clock_key"], {"now": now.isoformat()})
    return server


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_a_fault_R97(
    page: Page,  # noqa: F811
    burning: dict[str, Any],
    path: str,
    theme: Any,
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    assert (faults(page), said) == ([], [])


def test_a_phone_needs_no_sideways_scrolling(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for path in PAGES:
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


@pytest.mark.parametrize("width", [1280, 390])
def test_no_table_is_cut_at_its_right_edge_and_no_moment_is_torn_R97(
    page: Page,  # noqa: F811
    burning: dict[str, Any],
    width: int,
) -> None:
    """Opened tables too: rows of tables in half a page, and on a phone, become cards."""
    page.set_viewport_size({"width": width, "height": 844})
    try:
        for path in PAGES:
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            cut = page.locator(".scroll--sheet").evaluate_all(
                "all => all.filter(each => each.scrollWidth > each.clientWidth)"
                ".map(each => `${each.ariaLabel} ${each.scrollWidth} > ${each.clientWidth}`)"
            )
            torn = page.locator(".sheet-table .whole").evaluate_all(
                "all => all.filter(each => each.getClientRects().length > 1).map(each => each.textContent)"
            )
            assert (cut, torn) == ([], []), path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


def test_a_funnel_is_asked_by_a_form_and_travels_as_an_address_R92(
    page: Page,  # noqa: F811
    burning: dict[str, Any],
) -> None:
    page.goto("/telemetry/unified-approvals")
    page.get_by_role("link", name="Ask another funnel").click()
    page.get_by_label("Step 2").fill("task_completed or task_failed")
    page.get_by_role("combobox", name="Side by side").select_option("By tenant")
    page.get_by_label("Whoever did").fill("task_failed")
    page.get_by_label("Only with property").fill("latency_ms")
    page.get_by_label("Being one of").fill("900")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#main")).to_contain_text(
        "20 tasks began and are left out: task_failed with latency_ms 900"
    )
    expect(page.get_by_role("table", name="Funnel by tenant")).to_contain_text("1. task_started")
    told = page.request.get(page.url + "&table=funnel&as=json").json()
    assert [row["n"] for row in told["rows"]] == [40, 40]
    page.get_by_label("Being one of").fill("")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("p.problem")).to_have_text("A property and its values go together.")
    assert faults(page) == []
    assert page.request.get(page.url).status == page.request.get(page.url + "&table=funnel").status == 400


def test_a_burn_pages_escalates_and_is_acknowledged_R62(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/")
    expect(page.locator("#main")).to_contain_text("You are paged: Approvals succeed")
    page.goto("/alerts")
    alert = page.locator("li.alert").filter(has_text="Approvals succeed: budget gone within hours").first
    alert.get_by_text("History").click()
    for said in ("Paged Kenji Fujimori", "Escalated Maëlle Girard", "Escalated Ana Ruiz", "20 bad of 60"):
        expect(alert).to_contain_text(said)
    buttons = page.get_by_role("button", name="Acknowledge")
    for left in range(buttons.count() - 1, -1, -1):
        buttons.first.click()
        expect(buttons).to_have_count(left)
    expect(page.locator("#main")).to_contain_text("Somebody has it")
    expect(page.locator("#main")).to_contain_text("Acknowledged by Ana Ruiz")
    page.goto("/")
    expect(page.locator("#main")).not_to_contain_text("You are paged")


def test_an_acknowledged_test_page_is_kept_R158(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/alerts")
    expect(page.locator("#main")).to_contain_text("No test page was acknowledged in the last 90 days")
    page.get_by_role("button", name="Send a test page").click()
    page.get_by_role("button", name="Acknowledge Test page of Approvals on call").click()
    expect(page.locator("#main")).to_contain_text("Test page acknowledged by Ana Ruiz")
    assert faults(page) == []


def test_a_silence_has_a_reason_and_an_end_R62(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/alerts")
    silenced = page.locator("li.alert").filter(has_text="Approvals answer in time").last
    silenced.get_by_text("Silence it").click()
    silenced.get_by_label("Reason").fill("The database moves tonight")
    silenced.get_by_label("For", exact=True).select_option("4")
    silenced.get_by_role("button", name="Silence").click()
    expect(page.locator("#main")).to_contain_text("The database moves tonight")
    expect(page.locator("#main")).to_contain_text("By Ana Ruiz until 12 Oct 2026, 14:00 UTC")


def test_a_refusal_says_why_and_what_to_do_R62(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/alerts")
    silenced = page.locator("li.alert").filter(has_text="Approvals succeed").last
    silenced.get_by_text("Silence it").click()
    silenced.get_by_label("Reason").fill("   .")
    silenced.get_by_role("button", name="Silence").click()
    expect(page.get_by_role("heading", name="That was not done")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("Say why")
    assert faults(page) == []


def test_a_series_is_looked_at_closely_by_keys_and_pointer(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    """uPlot draws the page's own table; the drawn chart and the table stay for whoever has no script."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto("/telemetry/unified-approvals")
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="Response time"))
    expect(panel.get_by_role("img", name="Response time by minute")).to_be_visible()
    panel.get_by_role("button", name="Closer look").click()
    dialog = page.get_by_role("dialog", name="Response time by minute, a closer look")
    expect(dialog.locator(".uplot canvas")).to_be_visible()
    assert faults(page) == []
    dialog.get_by_role("button", name="Closer", exact=True).press("Enter")
    dialog.get_by_role("button", name="Later").press("Enter")
    dialog.get_by_role("button", name="Whole").press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert said == []


def test_without_a_script_the_chart_and_its_table_say_it_all(
    browser: Any,  # noqa: F811
    page: Page,  # noqa: F811
    burning: dict[str, Any],
) -> None:
    context = browser.new_context(base_url=burning["url"], java_script_enabled=False)
    try:
        context.add_cookies(page.context.cookies())
        plain = context.new_page()
        plain.goto("/telemetry/unified-approvals")
        assert plain.get_by_role("button", name="Closer look").count() == 0
        assert plain.get_by_role("img", name="Response time by minute").count() == 1
        plain.get_by_text("Table: Response time by minute").click()
        assert plain.get_by_role("table", name="Response time by minute").get_by_role("row").count() > 2
    finally:
        context.close()


def test_a_week_that_still_runs_is_hatched(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/telemetry/unified-approvals")
    chart = page.get_by_role("img", name="Who comes back")
    expect(chart.locator('rect[fill="url(#returning-hatch)"]')).to_have_count(1)
    (row,) = sheet(page, "/telemetry/unified-approvals", "returning")
    assert (row["later"], row["people"], row["of"], row["complete"]) == (0, 2, 2, False)


def test_an_event_nobody_announced_is_counted_and_flagged_R76(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/telemetry/events")
    row = page.get_by_role("table", name="Not in the catalogue").get_by_role("row", name="surprise")
    expect(row).to_contain_text("Unknown")


def test_what_was_put_aside_is_shown_with_its_reason(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/telemetry/events")
    row = page.get_by_role("table", name="Put aside").get_by_role("row").nth(1)
    expect(row).to_contain_text("the clock of the sender is wrong")
    expect(row).to_contain_text("Corporate Ops")


def sheet(page: Page, path: str, name: str) -> list[dict[str, Any]]:  # noqa: F811
    mark = "&" if "?" in path else "?"
    answer = page.request.get(f"{path}{mark}table={name}&as=json")
    assert answer.status == 200
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


def test_figures_are_those_of_the_events_sent_R92_R95_R99(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    here = "/telemetry/unified-approvals"
    steps = {row["step"]: row["n"] for row in sheet(page, here, "uptake")}
    assert steps == {
        "Met it switched on": 2,
        "Began a task": 2,
        "Did a first task": 2,
        "Did one on a later day": 0,
    }
    assert [(r["variant"], r["tenant"], r["people"]) for r in sheet(page, here, "exposure")] == [
        ("On", "Corporate Ops", 2)
    ]
    (whole,) = sheet(page, "/telemetry/metrics/task-success", "by-feature")
    assert (whole["value"], whole["n"]) == (pytest.approx(40 / 60), 60)
    burns = {row["window"]: (row["bad"], row["n"]) for row in sheet(page, here, "approvals-success-burns")}
    assert burns == {"1 h": (0, 0), "6 h": (20, 60), "3 d": (20, 60)}


def test_every_table_comes_as_csv_and_json_R97(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    names = {person.slug for person in load_program(ROOT / "program").people}
    for path in (each for each in PAGES if "?" not in each):
        page.goto(path)
        links = page.locator(".exports a").evaluate_all("all => all.map(each => each.getAttribute('href'))")
        assert links, path
        for link in (*(each for each in links if "as=csv" in each), links[-1]):
            answer = page.request.get(page.url.split("?")[0] + link)
            assert answer.status == 200, link
            if "as=csv" in link:
                header, *rows = list(csv.reader(io.StringIO(answer.text())))
                assert all(len(row) == len(header) for row in rows), link
            if not path.startswith("/alerts"):  # who was paged is said; who worked is not
                assert not {name for name in names if name in answer.text()}, "no per-person table anywhere"
    assert page.request.get("/telemetry/unified-approvals?table=nothing").status == 404


def test_a_person_is_erased_for_a_reason_by_an_owner(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    page.goto("/telemetry/kept")
    kept = page.get_by_role("table", name="For how long")
    expect(kept.get_by_role("row", name="Work in production tenants")).to_contain_text("400")
    page.get_by_text("Erase a person").click()
    page.get_by_label("Person, as events name them").fill("nobody-of-us")
    page.get_by_label("Reason").fill("she asked for it")
    page.get_by_role("button", name="Erase for ever").click()
    row = page.get_by_role("table", name="Erasures").get_by_role("row").nth(1)
    expect(row).to_contain_text("Under way")
    expect(row).to_contain_text("she asked for it")
    expect(page.locator("#main")).not_to_contain_text("nobody-of-us")
    assert faults(page) == []


def test_objectives_leave_as_they_came_R94(page: Page, burning: dict[str, Any]) -> None:  # noqa: F811
    answer = page.request.get("/telemetry/slos.yaml")
    yaml = YAML(typ="safe")
    assert list(yaml.load_all(answer.text())) == list(yaml.load_all((ROOT / "program/slos.yaml").read_text()))


def test_no_baseline_says_what_cannot_be_judged_and_can_be_measured_R66(
    page: Page,  # noqa: F811
    burning: dict[str, Any],
) -> None:
    page.goto("/telemetry/unified-approvals")
    expect(page.locator("#main")).to_contain_text("whether errors rose")
    page.get_by_role("button", name="Measure the old path now").click()
    expect(page.get_by_role("table", name="Old path and new")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("kept by Ana Ruiz")


def test_a_prometheus_reads_companyos_itself_with_a_key(burning: dict[str, Any]) -> None:
    def read(key: str) -> httpx.Response:
        return httpx.get(f"{burning['url']}/metrics", headers={"Authorization": f"Bearer {key}"}, timeout=30)

    told = read(burning["server_key"])
    assert told.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    values = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if line[0] != "#")
    assert float(values["companyos_ingest_offset"]) == float(values["companyos_drained_offset"]) > 0
    assert float(values["companyos_drain_lag_frames"]) == 0
    assert float(values["companyos_ruleset_version"]) > 0
    assert float(values['companyos_requests_total{surface="edge",status="2xx"}']) >= 1
    assert read("not-a-key").status_code == 401
