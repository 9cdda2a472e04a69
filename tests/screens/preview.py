"""Look at the screens without the product: render the samples, photograph them, ask axe about them.

    python tests/screens/preview.py FOLDER [NAME ...]

writes FOLDER/NAME.html, FOLDER/NAME-{light,dark}-{1440,390}.png and ends with 1 if anything is wrong.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "companyos"
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

import django  # noqa: E402
from django.conf import settings  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Undefined(str):
    """Makes a template that asks for something unknown fail instead of showing nothing."""

    def __contains__(self, key: object) -> bool:
        return True

    def __mod__(self, other: object) -> str:
        raise LookupError(f"the template asks for {other}, which is not there")


def nothing(*args: Any, **kwargs: Any) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", nothing, name="home"),
    path("tenants", nothing, name="tenants"),
    path("tenants/<slug:slug>", nothing, name="tenant"),
    path("features/<slug:slug>", nothing, name="feature"),
    path("flags", nothing, name="flags"),
    path("flags/<str:key>", nothing, name="flag"),
    path("news", nothing, name="news"),
    path("news/<uuid:id>", nothing, name="news-one"),
    path("sessions", nothing, name="sessions"),
    path("sessions/<uuid:id>", nothing, name="session"),
    path("playbooks", nothing, name="playbooks"),
    path("recognition", nothing, name="recognition"),
    path("requests", nothing, name="requests"),
    path("requests/<uuid:id>", nothing, name="request"),
    path("triage", nothing, name="triage"),
    path("cases", nothing, name="cases"),
    path("cases/<uuid:id>", nothing, name="case"),
    path("programme", nothing, name="programme"),
    path("surveys", nothing, name="surveys"),
    path("playbooks", nothing, name="playbooks"),
    path("roadmap", nothing, name="roadmap"),
    path("rollouts", nothing, name="rollouts"),
    path("rollouts/<slug:plan>", nothing, name="rollout"),
    path("rollouts/<slug:plan>/<slug:action>", nothing, name="rollout-act"),
    path("rollouts/<slug:plan>/plan/", nothing, name="rollout-plan"),
    path("rollouts/<slug:plan>/practice/", nothing, name="rollout-practice"),
    path("rollouts/<slug:plan>/fix-list/", nothing, name="rollout-fixes"),
    path("decisions/<slug:id>", nothing, name="decision"),
    path("evidence/<slug:id>", nothing, name="evidence"),
    path("telemetry", nothing, name="telemetry"),
    path("alerts", nothing, name="alerts"),
    path("shadow", nothing, name="shadow"),
    path("sign-out", nothing, name="sign-out"),
    path("search", nothing, name="search"),
    path("palette", nothing, name="palette"),
]


def set_up_django() -> None:
    settings.configure(
        ROOT_URLCONF=__name__,
        STATIC_URL="/static/",
        USE_TZ=True,
        INSTALLED_APPS=["companyos.surfaces.ui", "companyos.surfaces.console"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "DIRS": [SOURCE / "adoption/rollouts/web/templates"],
                "OPTIONS": {"string_if_invalid": Undefined("%s")},
            }
        ],
    )
    django.setup()


def write_pages(folder: Path, names: list[str]) -> list[str]:
    from django.template.loader import render_to_string

    from screens.samples import NAV, NOW, SCREENS

    shutil.copytree(SOURCE / "surfaces/ui/static", folder / "static", dirs_exist_ok=True)
    chosen = names or list(SCREENS)
    for name in chosen:
        template, context = SCREENS[name]
        around: dict[str, object] = {} if name.startswith("sign-in") else {"nav": NAV, "viewer": "Ana Ruiz"}
        around |= {"rehearsal": NOW} if name == "board-paused" else {}
        html = render_to_string(template, {"csrf_token": "token", **around, **context})
        (folder / f"{name}.html").write_text(html)
    return chosen


class Strict(http.server.SimpleHTTPRequestHandler):
    """Serves the folder under the policy of the product, so that an inline style would show."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Stays quiet."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Strict, directory=folder))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def look_at(browser: Any, address: str, folder: Path, names: list[str]) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    faults: list[str] = []
    for theme in ("light", "dark"):
        for width in (1440, 390):
            page = browser.new_page(color_scheme=theme, viewport={"width": width, "height": 900})
            said: list[str] = []
            page.on("console", lambda m, said=said: said.append(m.text) if m.type == "error" else None)
            for name in names:
                where = f"{name}-{theme}-{width}"
                said.clear()
                page.goto(f"{address}/{name}.html")
                page.screenshot(path=folder / f"{where}.png", full_page=True)
                overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                faults += [f"{where}: {overflow} px too wide"] if overflow > 0 else []
                found = Axe().run(page)
                faults += [
                    f"{where}: {v['id']} {[n['target'] for n in v['nodes']][:3]}"
                    for v in found.response["violations"]
                ]
                faults += [f"{where}: {text}" for text in said]
            page.close()
    return faults


def main(folder: Path, names: list[str]) -> int:
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    set_up_django()
    chosen = write_pages(folder, names)
    with served(folder) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        faults = look_at(browser, address, folder, chosen)
        browser.close()
    sys.stdout.write("\n".join([*faults, f"{len(chosen)} screens, {len(faults)} faults\n"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
