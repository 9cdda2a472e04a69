"""The board in a real browser: it follows the stream, keeps the focus, tells bad news at once, asks before acting."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import override_settings
from playwright.sync_api import Page, expect, sync_playwright

import companyos.surfaces.ui
from screens.sample_boards import BACK, GREEN
from screens.sample_lists import NAV

STATIC = Path(companyos.surfaces.ui.__file__).parent / "static"
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass
class Stage:
    """What the pretended product shows now, and what was asked of it."""

    board: Any = GREEN
    changes: queue.Queue[str] = field(default_factory=queue.Queue)
    fragments: int = 0
    posted: list[str] = field(default_factory=list)


def handler(stage: Stage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/events":
                self._stream()
            elif self.path.startswith("/static/"):
                file = STATIC / self.path.removeprefix("/static/")
                self._send(file.read_bytes(), KINDS[file.suffix])
            else:
                self._board()

        def do_POST(self) -> None:
            stage.posted.append(
                self.path + "?" + self.rfile.read(int(self.headers["Content-Length"])).decode()
            )
            self._board()

        def _board(self) -> None:
            is_fragment = self.headers.get("X-Fragment") == "live"
            stage.fragments += is_fragment
            name = "rollouts/_live.html" if is_fragment else "rollouts/board.html"
            around = {"nav": NAV, "live_url": "/events", "csrf_token": "token"}
            self._send(
                render_to_string(name, {**around, "board": stage.board}).encode(), "text/html; charset=utf-8"
            )

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            while (name := stage.changes.get()) != "end":
                self.wfile.write(f"event: {name}\ndata: {{}}\n\n".encode())
                self.wfile.flush()

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", "default-src 'self'")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Stays quiet."""

    return Handler


@pytest.fixture
def stage() -> Iterator[Stage]:
    yield Stage()


@pytest.fixture
def page(stage: Stage) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(stage))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with override_settings(ROOT_URLCONF="screens.preview"), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_port}/")
        yield page
        stage.changes.put("end")
        browser.close()
    server.shutdown()
    server.server_close()


@pytest.mark.browser
def test_a_change_swaps_the_board_and_keeps_the_focus(stage: Stage, page: Page) -> None:
    page.locator("#act-pause").focus()
    page.locator("#readings-error-sessions summary").evaluate("e => e.parentElement.open = true")
    stage.board = BACK
    stage.changes.put("changed")
    expect(page.locator("[data-headline]")).to_have_text("Expand was taken back")
    expect(page.locator("#assertive")).to_have_text("Expand was taken back")
    expect(page.locator("#act-pause")).to_be_focused()
    expect(page.locator("#readings-error-sessions")).to_have_attribute("open", "")


@pytest.mark.browser
def test_a_burst_of_changes_becomes_few_requests(stage: Stage, page: Page) -> None:
    with page.expect_response(lambda answer: answer.request.headers.get("x-fragment") == "live"):
        for _ in range(40):
            stage.changes.put("changed")
    stage.board = BACK
    stage.changes.put("changed")
    expect(page.locator("[data-headline]")).to_have_text("Expand was taken back")
    assert 1 <= stage.fragments <= 5


@pytest.mark.browser
def test_an_action_asks_for_a_reason_and_survives_a_change_behind_it(stage: Stage, page: Page) -> None:
    page.locator("#act-roll_back").click()
    dialog = page.locator("#confirm-roll_back")
    expect(dialog).to_contain_text("31 people lose it within seconds.")
    dialog.get_by_role("button", name="Take back").click()
    assert stage.posted == []  # no reason, nothing sent
    dialog.get_by_label("Reason").fill("Support sees errors")
    stage.board = BACK
    stage.changes.put("changed")
    expect(page.locator("[data-headline]")).to_have_text("Expand was taken back")
    expect(dialog.get_by_label("Reason")).to_have_value("Support sees errors")
    dialog.get_by_role("button", name="Take back").click()
    expect(dialog).to_be_hidden()
    (sent,) = stage.posted
    assert sent.startswith("/rollouts/unified-approvals/roll_back?")
    assert "version=7" in sent
    assert "reason=Support+sees+errors" in sent


@pytest.mark.browser
def test_a_refused_action_does_nothing_and_says_why(stage: Stage, page: Page) -> None:
    refused = page.locator("#act-advance")
    expect(refused).to_have_accessible_description("Advance to Expand: 3 of 7 gates still need evidence.")
    refused.click(force=True)
    assert page.locator("dialog[open]").count() == 0
