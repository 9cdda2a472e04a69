"""Cases in a real browser, on a real server: report, triage, plan, merge; keys; axe; nothing executes (R79-R86)."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import BROWSERS, ROOT, browser, faults

__all__ = ["browser"]
pytestmark = pytest.mark.browser
SENT = "The picture that is sent along"
MIDDLE = (
    """canvas => [...canvas.getContext("2d").getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data]"""
)
PHONE = {"width": 390, "height": 844}
ENGINEER, LEAD, REPORTER = "elif-aksoy", "maelle-girard", "kenji-fujimori"
NOW = "2026-10-12T07:00:00+00:00"  # where the rehearsal's clock stands
_LINK = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
import django; django.setup()
from datetime import datetime
from companyos.people.identity import actions
for person in sys.argv[2:]:
    print(actions.make_sign_in_link(person=person, now=datetime.fromisoformat(sys.argv[1]), lasts_days=300))
"""
CORPUS = (
    "<script>hacked('a')</script>",
    "<img src=x onerror=hacked('b')>",
    "\"><svg onload=hacked('c')>",
    "[click](javascript:hacked('d'))",
    "[click](JaVaScRiPt&colon;hacked('e'))",
    "![x](x\" onerror=\"hacked('f'))",
    "<a href=\"data:text/html,<script>hacked('g')</script>\">x</a>",
    "<javascript:hacked('h')>",
    "'-hacked('i')-'",
    "</textarea><script>hacked('j')</script>",
    "{{ constructor.constructor('hacked(1)')() }}",
    "<iframe srcdoc=\"<script>parent.hacked('k')</script>\"></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hacked('l')>",
    "[x](vbscript:hacked('m')) <details open ontoggle=hacked('n')>",
)
ALL = "\n\n".join(CORPUS)


class Server:
    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "keys.json").read_text())
        self.url, self._keys = told["url"], told["people"]
        environment = {**os.environ, "COMPANYOS_DATA": str(folder)}
        people = (ENGINEER, LEAD, REPORTER)
        done = subprocess.run(
            [sys.executable, "-c", _LINK, NOW, *people],
            env=environment, cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        self.links = dict(zip(people, done.stdout.split(), strict=True))

    def call(self, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._keys[who]}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers)  # noqa: S310
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return json.load(answer)

    def report(self, title: str, **more: Any) -> str:
        body = {"type": "bug", "tenant": "engineering-quality", "feature": "unified-approvals", "title": title,
                "fields": {"actual": "an error"}, **more}  # fmt: skip
        return str(self.call(REPORTER, "/cases", body)["id"])


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("cases")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 90
    while not (folder / "keys.json").exists() or not (folder / "keys.json").read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    yield Server(folder)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) in {0, -signal.SIGINT}


@pytest.fixture(scope="module")
def pages(browser: Browser, here: Server) -> dict[str, Page]:
    opened = {}
    for person, link in here.links.items():
        opened[person] = browser.new_context(base_url=here.url).new_page()
        opened[person].goto(f"/sign-in/{link}")
    return opened


def test_a_report_shows_what_was_captured_and_becomes_a_fix_its_reporter_confirms(
    pages: dict[str, Page], here: Server
) -> None:
    page, squad, lead = pages[REPORTER], pages[ENGINEER], pages[LEAD]
    page.goto("/cases/new?page=/requests/7&version=2026.41&flags=approvals.unified%3Don&trace=4bf92f")
    assert faults(page) == []
    page.get_by_role("link", name="Bug Something does not").click()
    captured = page.get_by_role("complementary", name="What is sent beside it")
    expect(captured).to_contain_text("approvals.unified=on")
    assert faults(page) == []
    page.get_by_label("Trace").uncheck()
    page.get_by_label("Title").fill("The total is wrong")
    page.get_by_label("In your words").fill("It **adds** twice\n\n- once\n- again")
    page.get_by_label("What happened instead").fill("20 instead of 10")
    page.get_by_label("Feature").select_option("unified-approvals")
    page.get_by_label("File").set_input_files({"name": "a.txt", "mimeType": "text/html", "buffer": b"log"})
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="The total is wrong")).to_be_visible()
    main = page.locator("#main")
    expect(main).to_contain_text("2026.41")
    expect(main).not_to_contain_text("4bf92f")  # left out
    assert faults(page) == []
    address = page.url
    squad.goto("/cases?scope=untriaged")
    squad.get_by_role("link", name="The total is wrong").click()
    squad.get_by_label("Severity").first.select_option("sev3")
    squad.get_by_role("button", name="Take it on").click()
    expect(squad.locator("#main")).to_contain_text("Kept")
    squad.get_by_label("Steps, one a line").fill("find it\nmend it")
    squad.get_by_label("Until").fill("2026-10-20")
    squad.get_by_role("button", name="Propose").click()
    lead.goto(address)
    lead.get_by_text("Action plan").last.click()
    lead.get_by_role("button", name="Accept plan 1").click()
    expect(lead.locator("#main")).to_contain_text("accepted by Maëlle Girard")
    here.call(ENGINEER, f"/cases/{address.rsplit('/', 1)[1]}/resolve", {"resolution": "adds once"})
    page.goto("/cases/mine")
    expect(page.locator("#main")).to_contain_text("There is a plan for it, until 2026-10-20")
    assert faults(page) == []
    page.locator(f'button[formaction="/cases/{address.rsplit("/", 1)[1]}/not-fixed"]').click()
    expect(page.locator("#main")).to_contain_text("opened it again")


def test_a_merge_is_made_and_taken_back_and_a_clock_explained(pages: dict[str, Page], here: Server) -> None:
    page = pages[ENGINEER]
    first, second = here.report("Slow list"), here.report("List is slow")
    label = here.call(ENGINEER, f"/cases/{first}")["label"]
    page.goto(f"/cases/{second}")
    page.get_by_text("Merge into another case").click()
    page.get_by_label("Its label").fill(label)
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.locator("#main")).to_contain_text(f"Carried by {label}")
    assert faults(page) == []
    page.goto(f"/cases/{first}")
    expect(page.get_by_role("region", name="Others who reported it")).to_contain_text("List is slow")
    page.get_by_text("Explain this clock").first.click()
    expect(page.locator("#main")).to_contain_text("Rule: time runs")
    assert faults(page) == []
    page.goto(f"/cases/{second}")
    page.get_by_role("button", name="Take the merge back").click()
    expect(page.locator("#main")).not_to_contain_text("Carried by")


def test_R82_cases_that_read_alike_are_shown_while_typing(pages: dict[str, Page], here: Server) -> None:
    page = pages[ENGINEER]
    known = here.report("The export of the ledger stops halfway")
    page.goto("/cases/new/bug")
    page.get_by_label("Title").press_sequentially("Export of the ledger")
    alike = page.get_by_role("region", name="Cases that read alike")
    expect(alike.get_by_role("link", name="The export of the ledger")).to_have_attribute(
        "href", f"/cases/{known}"
    )
    assert faults(page) == []


def test_the_inbox_goes_by_keys_that_can_be_switched_off(pages: dict[str, Page], here: Server) -> None:
    page = pages[ENGINEER]
    here.report("Keyboard one")
    page.goto("/cases?words=Keyboard")
    page.locator("body").press("j")
    expect(page.get_by_role("link", name="Keyboard one")).to_be_focused()
    page.get_by_label("Keys are on").uncheck()
    page.get_by_role("link", name="Keyboard one").focus()
    page.keyboard.press("o")
    assert "/cases?" in page.url
    page.get_by_label("Keys are on").check()
    page.get_by_role("link", name="Keyboard one").focus()
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Keyboard one")).to_be_visible()
    page.goto("/cases?words=Keyboard")
    page.get_by_text("Keep this filter").click()
    page.get_by_label("Title of the filter").fill("Keyboards")
    page.get_by_role("button", name="Keep", exact=True).click()
    expect(page.get_by_role("link", name="Keyboards")).to_be_visible()
    assert faults(page) == []


def test_a_link_for_what_has_no_script_leads_to_the_form_and_says_where_it_hangs(
    pages: dict[str, Page],
) -> None:
    page = pages[REPORTER]
    page.goto("/cases/link")
    page.get_by_label("Form").select_option("bug")
    page.get_by_label("Where it hangs").fill("<b>Post room</b>")
    page.get_by_role("button", name="Make the link").click()
    expect(page.get_by_role("img", name="The address as a QR code").locator("svg")).to_be_visible()
    address = page.get_by_role("textbox", name="Address").input_value()
    page.goto(f"/{address.split('/', 3)[3]}")
    expect(page.get_by_role("heading", name="Bug")).to_be_visible()
    expect(page.get_by_role("complementary", name="What is sent beside it")).to_contain_text(
        "<b>Post room</b>"
    )


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_every_page_of_cases_is_clean_in_both_themes_and_fits_a_phone(
    pages: dict[str, Page], here: Server, theme: Any
) -> None:
    page, case = pages[LEAD], here.report("Theme")
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    for path in ("/cases", f"/cases/{case}", "/cases/mine", "/cases/new/bug", "/promises", "/cases/link",
                 "/squads/approvals-squad/calendar"):  # fmt: skip
        page.goto(path)
        assert faults(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.get_by_label("Holidays").fill("2026-10-12")
    page.get_by_role("button", name="Say what it re-judges").click()
    expect(page.get_by_role("heading", name="What it would re-judge")).to_be_visible()
    assert faults(page) == []


def test_nothing_that_people_write_executes(browser: Browser, here: Server, pages: dict[str, Page]) -> None:
    """A stored-XSS corpus through every text field of a case; also with the content security policy off."""
    fields = {"steps": ALL[:5000], "expected": ALL[:2000], "actual": ALL[:2000]}
    cases = [here.report(CORPUS[n][:200], body=ALL, fields=fields, context={"page": ALL[:500], ALL[:50]: "x"})
             for n in range(3)]  # fmt: skip
    case, other = cases[:2]
    call = here.call
    triage = {"type": "bug", "severity": "sev3", "squad": "approvals-squad", "owner": ENGINEER}
    call(ENGINEER, f"/cases/{case}/triage", triage)
    call(ENGINEER, f"/cases/{case}/severity", {"severity": "sev4", "because": ALL[:500]})
    call(ENGINEER, f"/cases/{case}/comments", {"text": ALL})
    call(ENGINEER, f"/cases/{case}/ask-reporter", {"text": ALL})
    call(ENGINEER, f"/cases/{case}/plans", {"owner": ENGINEER, "steps": list(CORPUS), "due": "2026-11-01"})
    call(ENGINEER, f"/cases/{case}/links", {"kind": "related", "target": "x' onmouseover=hacked(1) \"><b>"})
    call(ENGINEER, f"/cases/{other}/merge", {"into": case})
    call(ENGINEER, f"/cases/{case}/resolve", {"resolution": ALL[:2000]})
    call(ENGINEER, f"/cases/{case}/release", {"release": CORPUS[1]})
    state = pages[REPORTER].context.storage_state()
    for bypass in (False, True):
        context = browser.new_context(base_url=here.url, storage_state=state, bypass_csp=bypass)
        context.add_init_script("globalThis.hacks = []; globalThis.hacked = x => hacks.push(x)")
        page = context.new_page()
        for path in (
            f"/cases/{case}",
            f"/cases/{other}",
            "/cases",
            "/cases/mine",
            f"/cases/new/bug?title={CORPUS[2]}",
        ):
            page.goto(path)
            addresses = page.locator("main a[href]").evaluate_all(
                "all => all.map(a => a.getAttribute('href'))"
            )
            assert all(each.startswith(("/", "?", "#", "http")) for each in addresses), path
            assert (
                page.locator("main script, main img, main iframe, main [onload], main [onerror]").count() == 0
            )
            assert page.evaluate("hacks") == []
        context.close()


@pytest.mark.slow
def test_a_picture_of_the_screen_is_seen_before_it_is_sent_and_may_be_left_out(
    browser: Browser, here: Server, pages: dict[str, Page]
) -> None:
    """With Chromium's own fake screen: a green picture with a pie in it. What is refused is said, and loses nothing."""
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
    ]
    fake = browser.browser_type.launch(
        executable_path=next(each for each in BROWSERS if Path(each).exists()), args=arguments
    )
    state = pages[REPORTER].context.storage_state()
    page = fake.new_context(base_url=here.url, storage_state=state).new_page()
    page.goto("/cases/new/bug")
    page.get_by_label("Title").fill("The screen is green")
    page.get_by_label("What happened instead").fill("all of it")
    take, picture = (
        page.get_by_role("button", name="Take a picture of a screen"),
        page.get_by_role("img", name=SENT),
    )
    take.click()
    expect(picture).to_be_visible()
    assert picture.evaluate(MIDDLE) == [0, 135, 0, 255]
    assert faults(page) == []
    page.get_by_role("button", name="Leave it out").click()
    expect(picture).to_have_count(0)
    assert page.evaluate("document.querySelector('#file').files.length") == 0
    take.click()
    expect(picture).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="The screen is green")).to_be_visible()
    expect(page.get_by_role("link", name="screen.png")).to_be_visible()
    refused = fake.new_context(base_url=here.url, storage_state=state)
    refused.add_init_script("navigator.mediaDevices.getDisplayMedia = () => Promise.reject(new Error('no'))")
    page = refused.new_page()
    page.goto("/cases/new/bug")
    page.get_by_role("button", name="Take a picture of a screen").click()
    expect(page.locator("#shot")).to_contain_text("No picture was taken. You can choose a file instead.")
    fake.close()


STRICT = (
    "default-src 'none'; script-src {home}; connect-src {home}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
PRODUCT = """<!doctype html><html lang="en"><head><title>A product</title></head><body><main><h1>A product</h1></main>
<script src="{home}/static/ui/js/widget.js" data-feature="unified-approvals" data-version="2026.41" data-back></script>
</body></html>"""


@contextmanager
def product(home: str) -> Iterator[str]:
    """Serve another program's page, with a policy that allows the widget's script and nothing else."""

    class Product(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", STRICT.format(home=home))
            self.end_headers()
            self.wfile.write(PRODUCT.format(home=home).encode())

        def log_message(self, *said: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Product) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


BACK_FLAG = "approvals.screen-back"


def test_the_widget_is_small_works_under_a_strict_policy_and_shows_what_it_captured(
    browser: Browser, here: Server
) -> None:
    script = ROOT / "src/companyos/surfaces/ui/static/ui/js/widget.js"
    assert len(gzip.compress(script.read_bytes(), 9)) <= 12 * 1024
    flag = {"key": BACK_FLAG, "title": "Quick answers", "kind": "release", "owner": "approvals-squad",
            "audience": {"slices": [{"tenant": "engineering-quality"}]}}  # fmt: skip
    here.call(LEAD, "/flags", {"flag": flag, "reason": "a new way"})
    page = browser.new_context().new_page()
    page.add_init_script(
        "globalThis.broken = []; addEventListener('securitypolicyviolation', e => broken.push(e.blockedURI))"
    )
    with product(here.url) as address:
        page.goto(f"{address}/requests/7")
        page.get_by_role("button", name="Report something").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("/requests/7")
        assert faults(page) == []
        dialog.get_by_label("In one line").fill("It breaks & more")
        dialog.get_by_label("Screen").uncheck()
        asked = urlsplit(dialog.get_by_role("link", name="Go on to the form").get_attribute("href") or "")
        assert asked.path == "/cases/new/bug"
        assert parse_qs(asked.query) == {"feature": ["unified-approvals"], "title": ["It breaks & more"],
                                         "page": ["/requests/7"], "version": ["2026.41"]}  # fmt: skip
        back = urlsplit(dialog.get_by_role("link", name="Switch me back").get_attribute("href") or "")
        assert (back.path, parse_qs(back.query)["page"]) == ("/way-back", ["/requests/7"])
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Report something")).to_be_focused()
        link = here.call(ENGINEER, f"/flags/{BACK_FLAG}/way-back-links", {"people": [ENGINEER]})[ENGINEER]
        page.evaluate("link => { globalThis.companyosContext = () => ({ back: link }) }", link)
        page.get_by_role("button", name="Report something").click()
        dialog.get_by_role("button", name="It takes me longer").click()
        expect(dialog.get_by_role("status")).to_contain_text("You are on the old path until")
        assert faults(page) == []
        assert page.evaluate("broken") == []
