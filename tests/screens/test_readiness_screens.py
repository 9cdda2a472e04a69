"""Readiness in a real browser: a new user takes a feature from intake to entry by hints; every page is clean."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from screens.test_console import browser, faults, page, server  # noqa: F401  # its own server and browser

FEATURE = "/features/unified-approvals"
PAGES = (
    FEATURE, f"{FEATURE}?card=external-ga", f"{FEATURE}?card=scores", f"{FEATURE}/rows/active-teams",
    f"{FEATURE}/go-no-go", f"{FEATURE}/adoption-plan", "/features/new", "/programme", "/adoption-plan", "/definitions",
    "/features/new/yaml", "/programme/surfaces",
)  # fmt: skip


def call(server: dict[str, Any], who: str, path: str, body: object = None) -> tuple[int, Any]:  # noqa: F811
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {server['people'][who]}", "Content-Type": "application/json"}
    asked = urllib.request.Request(f"{server['url']}/api/v1{path}", data, headers)  # noqa: S310
    try:
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


@pytest.mark.parametrize(
    ("path", "theme"), [(path, ("light", "dark")[n % 2]) for n, path in enumerate(PAGES)]
)
def test_every_page_of_readiness_opens_without_a_fault(page: Page, path: str, theme: Any) -> None:  # noqa: F811
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    for each in page.locator("details").all()[:6]:
        each.evaluate("each => each.open = true")
    assert (faults(page), said) == ([], [])
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.set_viewport_size({"width": 1280, "height": 720})
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/readiness-{theme}-{PAGES.index(path)}.png", full_page=True)


def test_a_new_user_takes_a_feature_from_intake_to_entry_by_what_the_pages_say(page: Page) -> None:  # noqa: F811
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Features").click()
    page.get_by_role("link", name="Take a feature in").click()
    page.get_by_role("button", name="Take it in").click()  # what is missing is said beside each field
    expect(page.get_by_role("alert").first).to_contain_text("not taken in yet")
    expect(page.locator("#title-wrong")).to_contain_text("title")
    assert faults(page) == []
    page.locator("#title").fill("Fast lane")
    page.locator("#slug").fill("fast-lane")
    page.locator("#summary").fill("Small amounts pass at once.")
    page.locator("#area").select_option(label="Approvals (first adopters: people ops)")
    page.locator("#owner").select_option(label="Approvals Squad")
    page.locator("#flag").fill("approvals.fast-lane")
    page.locator("#size").select_option(label="Minor")
    page.locator("#risk").select_option(label="Low")
    page.get_by_role("checkbox", name="finance").check()
    page.get_by_role("checkbox", name="Tasks without an error").check()
    page.locator("#rollback_plan").fill("The flag goes off; cases begun are finished by hand.")
    page.get_by_role("button", name="Take it in").click()

    expect(page.get_by_role("heading", name="Fast lane")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("3 rows of Internal GA entry are still to be met")
    row = page.locator("#flag-on-experimental")
    expect(row).to_contain_text("switch the flag on for people of the tenant experimental-qa")
    row.get_by_role("link", name="go there").click()
    page.get_by_label("Key").fill("approvals.fast-lane")
    page.locator("#title").fill("Fast lane")
    page.get_by_role("button", name="Add a group").click()
    page.locator("#slices-0-tenant").select_option("experimental-qa")
    page.get_by_label("Reason").fill("Internal GA entry asks for it")
    page.get_by_text("Later, or with an exemption").click()
    page.get_by_label("Why it goes to everybody at once").fill("Synthetic data only, in the sandbox")
    page.get_by_role("button", name="Make the flag").click()
    expect(page.get_by_label("State")).to_contain_text("people")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Features").click()
    page.get_by_role("link", name="Fast lane").click()
    for slug in ("rollback-plan", "first-docs"):
        row = page.locator(f"#{slug}")
        row.get_by_text("Vouch for it").click()
        row.get_by_label("What you looked at").fill("Read it and tried it")
        row.get_by_role("button", name="Vouch in my name").click()
        expect(page.locator(f"#{slug}")).to_contain_text("Ana Ruiz vouches for version 1")
    expect(page.locator("#main")).to_contain_text("Every row of Internal GA entry is met")
    assert faults(page) == []
    page.get_by_label("Reason").fill("All three rows are met")
    page.get_by_role("button", name="Pass entry").click()
    expect(page.locator("dl.sheet")).to_contain_text("Entry passed")


def test_a_file_is_shown_before_it_is_made_and_its_document_is_named(page: Page) -> None:  # noqa: F811
    page.goto("/features/new")
    page.get_by_role("link", name="Paste or send its YAML").click()
    text = (
        page.locator("#text")
        .input_value()
        .replace("fast-lane", "by-file")
        .replace("Fast lane", "By file")
        .replace("size: minor", "size: huge")
    )
    page.locator("#text").fill(text)
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_label("To mend")).to_contain_text("`huge` is not known; allowed: minor, major")
    assert faults(page) == []
    page.locator("#text").fill(text.replace("huge", "minor"))
    page.get_by_role("button", name="Look at it").click()
    expect(page.locator("#main")).to_contain_text("What this would create")
    expect(page.locator("#main")).to_contain_text("Internal GA entry: 3 rows")
    assert faults(page) == []
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/yaml-preview.png", full_page=True)
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_role("heading", name="By file")).to_be_visible()
    documents = page.get_by_label("Documents")
    expect(documents).to_contain_text("not looked at yet")
    page.get_by_text("Name a document").click()
    documents.get_by_label("Link").fill("/telemetry")
    documents.get_by_label("It is").select_option(label="FAQs")
    documents.get_by_role("button", name="Name it").click()
    expect(page.get_by_label("Documents")).to_contain_text("/telemetry")
    assert faults(page) == []
    page.get_by_text("Hold, stop or retire it").click()
    page.get_by_label("It goes to").select_option("held")
    page.get_by_label("Why; of one that is stopped").fill("A complaint is looked into")
    page.get_by_role("button", name="Move it").click()
    expect(page.get_by_label("Next")).to_contain_text("It is held by Ana Ruiz: A complaint is looked into.")
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/held.png", full_page=True)


def test_R178_a_go_no_go_shows_the_frozen_rows_and_takes_dissent(page: Page) -> None:  # noqa: F811
    page.goto(f"{FEATURE}/go-no-go")
    page.get_by_role("button", name="Freeze a snapshot now").click()
    expect(page.get_by_label("Result")).to_contain_text("rows of the snapshot do not pass")
    page.get_by_role("button", name="No-go").click()
    expect(page.locator("#main")).to_contain_text("Say what speaks against it")
    page.go_back()
    page.get_by_label("Words").fill("The permission review is missing")
    page.get_by_role("button", name="No-go").click()
    expect(page.locator("#main")).to_contain_text("The permission review is missing")
    assert faults(page) == []


@pytest.mark.slow
def test_R3_over_http_external_ga_is_refused_with_409_and_an_exemption_stands_on_the_home_page(
    page: Page,  # noqa: F811
    server: dict[str, Any],  # noqa: F811
) -> None:
    lead, squad = "ana-ruiz", "maelle-girard"
    feature = "/features/unified-approvals"
    status, told = call(
        server, squad, f"{feature}/state", {"state": "external_ga", "reason": "customers ask"}
    )
    assert (status, "comes after internal GA" in told["error"]) == (409, True)
    _, moves = call(server, lead, f"{feature}/moves")
    assert any(each["refused"] and each["after"] == "external_ga" for each in moves)
    body = {"what": "external-ga", "reason": "one pilot customer", "until": "2026-10-20T00:00:00Z"}
    status, asked = call(server, squad, f"{feature}/exemptions", body)
    assert status == 200
    assert call(server, squad, f"{feature}/exemptions/{asked['id']}/grant", {})[0] == 403
    assert call(server, "kenji-fujimori", f"{feature}/exemptions/{asked['id']}/grant", {})[0] == 200
    page.goto("/")
    expect(page.get_by_label("Needs you")).to_contain_text("external ga is passed over until 20 Oct")
    junit = b'<testsuite tests="1"><testcase name="a"/></testsuite>'
    assert call(server, squad, f"{feature}/evidence/junit?version=1.0", junit)[0] == 200
    assert call(server, squad, f"{feature}/evidence/junit?version=9", junit)[0] == 409
    assert call(server, squad, f"{feature}/evidence/junit?version=1.0", b"<!DOCTYPE x><a/>")[0] == 422
    assert call(server, squad, f"{feature}/evidence/rumour?version=1.0", junit)[0] == 404
    assert call(server, squad, "/features/none/evidence/junit?version=1.0", junit)[0] == 404
    assert call(server, squad, "/features", {"slug": "x"})[0] == 422
