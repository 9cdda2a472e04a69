"""The console in a real browser, on a real server: sign in, look around, start a rollout, take it back."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[2]
PAGES = (
    "/",
    "/tenants",
    "/tenants/go-to-market",
    "/features/unified-approvals",
    "/rollouts",
    "/rollouts/unified-approvals",
    "/rollouts/unified-approvals/plan?headcount=120&response=55",
    "/rollouts/unified-approvals/practice",
    "/flags",
    "/flags?state=killed",
    "/flags/approvals.unified",
    "/flags/approvals.reminder-wording",
    "/flags/approvals.reminder-wording/change",
    "/flags/new",
    "/segments",
    "/segments/approvers",
    "/search?q=approvals",
    "/news",
    "/announcements",
    "/release-notes",
    "/banners",
    "/banners/new",
    "/sessions",
    "/playbooks",
    "/playbooks/take-unified-approvals-back",
    "/support/unified-approvals",
    "/recognition",
    "/recognition/ledger",
)
BROWSERS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    data = tmp_path_factory.mktemp("console")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(data)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 90
    while not (data / "keys.json").exists() or not (data / "keys.json").read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    yield json.loads((data / "keys.json").read_text())
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) in {0, -signal.SIGINT}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((each for each in BROWSERS if Path(each).exists()), None)
    assert path, "these tests need Chromium; `make test` says how to install it"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def page(browser: Browser, server: dict[str, Any]) -> Page:
    page = browser.new_page(base_url=server["url"], reduced_motion="reduce")
    page.goto("/")
    assert page.url.endswith("/sign-in")
    page.goto(f"/sign-in/{server['sign_in']}")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    return page


def faults(page: Page) -> list[str]:
    return [f"{v['id']}: {v['nodes'][0]['html']}" for v in Axe().run(page).response["violations"]]


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_a_fault(page: Page, path: str, theme: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_label("Rehearsal")).to_be_visible()
    assert (faults(page), said) == ([], [])


def test_a_link_signs_in_once(browser: Browser, page: Page, server: dict[str, Any]) -> None:
    other = browser.new_page(base_url=server["url"])
    answer = other.goto(f"/sign-in/{server['sign_in']}")
    assert answer is not None
    assert answer.status == 410
    expect(other.get_by_label("Sign in").get_by_role("alert")).to_contain_text("used already")


def test_a_person_starts_and_takes_back_and_both_are_decisions_with_reasons_R22(page: Page) -> None:
    page.goto("/rollouts/unified-approvals")
    act(page, "Start", "Prep begins")
    expect(page.get_by_role("row", name="Prep")).to_contain_text("On")
    act(page, "Roll back", "Tried as a new user would", says="8 people lose it within seconds")
    expect(page.get_by_role("row", name="Prep")).to_contain_text("Taken back")
    expect(page.locator("#main")).to_contain_text("Tried as a new user would")
    page.get_by_role("link", name="Taken back", exact=True).first.click()
    expect(page.get_by_role("heading", name="Gates as judged then")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("link", name="Evidence for").first.click()
    expect(page.get_by_role("heading", name="The document the hash is taken over")).to_be_visible()
    assert faults(page) == []


def act(page: Page, name: str, reason: str, *, opens: str = "", says: str = "") -> None:
    page.get_by_role("button", name=opens or name).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(says)
    dialog.get_by_role("textbox").fill(reason)
    dialog.get_by_role("button", name=name).click()


def test_a_flag_is_changed_with_the_effect_before_the_eyes_and_killed_and_unkilled(page: Page) -> None:
    page.goto("/flags/approvals.reminder-wording/change")
    preview = page.get_by_role("complementary", name="What this would do")
    expect(preview).to_contain_text("11 people in 1 tenant; nobody changes")
    page.get_by_label("Share of them").fill("0")
    expect(preview).to_contain_text("Nobody; 11 lose it")
    expect(preview).to_contain_text("Takes it from people")
    page.get_by_label("Share of them").fill("100")
    page.get_by_role("button", name="Add a group").click()
    page.locator("#slices-1-tenant").select_option("training")
    expect(preview).to_contain_text("17 people in 2 tenants; 6 new")
    assert faults(page) == []
    page.get_by_label("Reason").fill("the trainers want to see it")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("State")).to_contain_text("17 people")
    expect(page.locator("#main")).to_contain_text("slice training, everybody: yes, new")
    act(page, "Kill", "it floods people")
    expect(page.get_by_label("State")).to_contain_text("Killed by Ana Ruiz")
    assert faults(page) == []
    act(page, "Un-kill", "mended")
    expect(page.get_by_label("State")).to_contain_text("17 people")
    act(page, "Revert", "as it was", opens="Revert to 1")
    expect(page.get_by_label("State")).to_contain_text("11 people")


def test_the_list_is_filtered_without_a_reload_and_the_address_keeps_it(page: Page) -> None:
    page.goto("/flags")
    page.get_by_label("Kind").select_option("permission")
    expect(page.get_by_role("link", name="Mail about approvals")).to_have_count(0)
    expect(page.get_by_role("link", name="See every request of a department")).to_be_visible()
    assert "kind=permission" in page.url
    page.reload()
    expect(page.get_by_label("Kind")).to_have_value("permission")


def test_the_palette_goes_anywhere_by_keyboard_and_finds_what_one_may_read(page: Page) -> None:
    page.goto("/tenants")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to")
    expect(palette.get_by_role("option", name="Report something")).to_be_visible()
    assert faults(page) == []
    palette.get_by_role("combobox").fill("reminder word")
    expect(palette.get_by_role("option", selected=True)).to_have_text("approvals.reminder-wording")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/flags/approvals.reminder-wording$"))
    page.get_by_role("link", name="Search").click()
    palette.get_by_role("combobox").fill("unified approvals")
    expect(palette.get_by_role("option", selected=True)).to_contain_text("Unified Approvals Workflow")
    page.keyboard.press("ArrowDown")
    expect(palette.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
