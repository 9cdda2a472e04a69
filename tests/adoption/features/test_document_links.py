"""Links of documents are looked at: what breaks a row, what stands, and where nobody looks (R70, R71, R165-R169)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from companyos.adoption.features.domain.judge import Situation, judge
from companyos.adoption.features.domain.links import Found, Kind, Link, Standing, after, kind_of
from companyos.adoption.features.domain.template import Row, Rule, Tier
from companyos.adoption.features.domain.types import Attested, Verdict
from companyos.adoption.features.fetching import LARGEST, LinkReader
from companyos.kernel.evidence import Fact

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ("https://wiki.example/runbook", Kind.WEB), ("/telemetry/x", Kind.PAGE), ("docs/runbook.md", Kind.FILE),
        ("//evil.example/x", Kind.WORDS), ("file:///etc/passwd", Kind.WORDS), ("read at the stand-up", Kind.WORDS),
        ("", Kind.WORDS), ("javascript:alert(1).md", Kind.WORDS),
    ],
)  # fmt: skip
def test_a_link_is_told_from_words(link: str, kind: Kind) -> None:
    assert kind_of(link) is kind


def test_a_look_that_reaches_nothing_changes_nothing_but_says_so() -> None:
    fine = after(Link("l"), Found(Standing.FINE, "answers", sha256="a"), NOW)
    away = after(fine, Found(Standing.UNREACHED, "could not be reached"), NOW + DAY)
    assert (away.standing, away.reached_at, away.checked_at) == (Standing.FINE, NOW, NOW + DAY)
    assert "so this is as of 02 Nov" in away.sentence
    assert not away.is_long_unreached(NOW + 6 * DAY)
    assert away.is_long_unreached(NOW + 8 * DAY)
    back = after(away, Found(Standing.FINE, "answers", sha256="b"), NOW + 2 * DAY)
    assert (back.trouble, back.changed_at) == ("", NOW + 2 * DAY)
    same = after(back, Found(Standing.FINE, "answers", unchanged=True), NOW + 3 * DAY)
    assert (same.changed_at, same.sha256) == (NOW + 2 * DAY, "b")


ROW = Row(
    "runbooks", "Runbooks", Tier.FULL, "support", 70, "publish one", evidence="features.docs_runbook",
    rule=Rule.AT_LEAST, limit=1.0, unit="documents", attest=True, valid_days=180,
)  # fmt: skip
WORD = Attested("runbooks", "ana", "Ana", NOW - DAY, "https://w/r", "", "1", NOW + 90 * DAY)
FINE = Link("https://w/r", Standing.FINE, "answers", checked_at=NOW, reached_at=NOW)
BROKEN = replace(FINE, standing=Standing.BROKEN, says="answers 404")
FACT = Fact("features.docs_runbook", 1.0, n=1, unit="documents", window="changed 30 Oct 2026")


@pytest.mark.parametrize(
    ("links", "fact", "word", "verdict", "says"),
    [
        ((FINE,), FACT, None, Verdict.PASSED, "1 document, n = 1"),
        ((FINE,), None, WORD, Verdict.PASSED, "Ana vouches"),
        ((BROKEN,), FACT, WORD, Verdict.FAILED, "a link is broken: https://w/r answers 404 (checked 02 Nov 09:00 UTC)"),
        ((BROKEN,), None, WORD, Verdict.FAILED, "answers 404"),
        ((replace(FINE, trouble="timed out"),), FACT, None, Verdict.PASSED, "timed out, so this is as of 02 Nov"),
        ((replace(BROKEN, trouble="timed out"),), FACT, None, Verdict.FAILED, "as of 02 Nov"),
        ((replace(FINE, trouble="timed out", reached_at=NOW - 8 * DAY),), FACT, WORD, Verdict.STALE, "timed out"),
        ((replace(FINE, standing=Standing.GUARDED),), None, WORD, Verdict.PASSED, "Ana vouches"),
    ],
)  # fmt: skip
def test_a_broken_link_fails_the_row_and_silence_lets_the_verdict_stand(
    links: tuple[Link, ...], fact: Fact | None, word: Attested | None, verdict: Verdict, says: str
) -> None:
    judged = judge(Situation(ROW, fact, word, "1", NOW, NOW + DAY, (), links))
    assert judged.verdict is verdict
    assert says in judged.because


class Site(BaseHTTPRequestHandler):
    """A real server on this machine."""

    body: ClassVar[bytes] = b"# Runbook"

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name.startswith("loop") or name == "away":
            self._say(
                302, {"Location": "/loop" if name != "away" else "http://169.254.169.254/latest/meta-data"}
            )
        elif name == "runbook" and self.headers.get("If-None-Match") == '"v1"':
            self._say(304, {})
        elif name == "runbook":
            self._say(200, {"ETag": '"v1"', "Last-Modified": "Fri, 30 Oct 2026 08:00:00 GMT"}, self.body)
        elif name == "moved":
            self._say(301, {"Location": "/runbook"})
        elif name == "large":
            self._say(200, {}, b"x" * (LARGEST + 100_000))
        else:
            self._say(int(name) if name.isdigit() else 404, {})

    def _say(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # whoever reads stops at its largest size
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(timeout=5)


def reader(tmp_path: Path, *hosts: str) -> LinkReader:
    return LinkReader(frozenset(hosts), tmp_path, lambda path: path == "/requests", within=5)


@pytest.mark.parametrize(
    ("path", "standing", "says"),
    [
        ("runbook", Standing.FINE, "answers"), ("moved", Standing.FINE, "answers"),
        ("404", Standing.BROKEN, "answers 404"), ("410", Standing.BROKEN, "answers 410"),
        ("401", Standing.GUARDED, "behind a sign-in"), ("403", Standing.GUARDED, "behind a sign-in"),
        ("503", Standing.UNREACHED, "answers 503"), ("429", Standing.UNREACHED, "answers 429"),
        ("loop", Standing.BROKEN, "redirected more than 5 times"), ("large", Standing.FINE, "answers"),
        ("away", Standing.NOT_ALLOWED, "private net"),
    ],
)  # fmt: skip
def test_what_a_real_server_answers(
    site: str, tmp_path: Path, path: str, standing: Standing, says: str
) -> None:
    found = reader(tmp_path, "127.0.0.1").look(Link(f"{site}/{path}"))
    assert (found.standing, says in found.says) == (standing, True), found


def test_what_did_not_change_is_not_sent_again(site: str, tmp_path: Path) -> None:
    look = reader(tmp_path, "127.0.0.1").look
    first = after(Link(f"{site}/runbook"), look(Link(f"{site}/runbook")), NOW)
    assert (first.etag, first.changed_at) == ('"v1"', datetime(2026, 10, 30, 8, tzinfo=UTC))
    assert look(first).unchanged


def test_a_private_address_is_not_asked_unless_the_setting_names_its_host(site: str, tmp_path: Path) -> None:
    for link in (f"{site}/runbook", f"{site.replace('127.0.0.1', 'localhost')}/runbook", "http://[::1]/x"):
        found = reader(tmp_path).look(Link(link))
        assert found.standing is Standing.NOT_ALLOWED, found
    assert "COMPANYOS_DOCUMENT_HOSTS" in reader(tmp_path).look(Link(site)).says


def test_nobody_there_is_no_verdict(tmp_path: Path) -> None:
    for link in ("http://127.0.0.1:9/x", "http://no-such-host.invalid/x"):
        assert reader(tmp_path, "127.0.0.1").look(Link(link)).standing is Standing.UNREACHED


def test_files_of_the_project_count_and_nothing_outside_does(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "runbook.md").write_text("# How")
    (project / "secret.env").write_text("x")
    (tmp_path / "outside.md").write_text("x")
    (project / "way-out.md").symlink_to(tmp_path / "outside.md")
    look = reader(project).look
    told = {name: look(Link(name)).standing for name in ("runbook.md", "gone.md", "secret.env", "../outside.md",
                                                         "way-out.md", "/requests", "/nothing")}  # fmt: skip
    assert told == {
        "runbook.md": Standing.FINE, "gone.md": Standing.BROKEN, "secret.env": Standing.NOT_ALLOWED,
        "../outside.md": Standing.NOT_ALLOWED, "way-out.md": Standing.NOT_ALLOWED, "/requests": Standing.FINE,
        "/nothing": Standing.BROKEN,
    }  # fmt: skip
