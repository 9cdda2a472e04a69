"""Objectives that live in a company's own Prometheus: a real HTTP server answers as Prometheus does, or does not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest

from companyos.adoption.telemetry.domain.openslo import PromQuery, Slo
from companyos.adoption.telemetry.domain.slo import BurnState, Condition
from companyos.adoption.telemetry.prometheus import NoAnswer, increase, instant
from companyos.adoption.telemetry.queries import objectives

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
ZONE = ZoneInfo("UTC")


class Pretended(ThreadingHTTPServer):
    """Answers by the text of the query; keeps what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, list[str]]] = []
        self.release = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Pretended

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        self.server.asked.append(asked)
        query = asked["query"][0]
        if query == "slow":
            self.server.release.wait(10)
        status, body = ANSWERS.get(query.split("[")[0], (200, _vector()))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def log_message(self, *args: Any) -> None:
        """Stays quiet."""


def _vector(*values: str) -> dict[str, Any]:
    return {
        "status": "success",
        "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, each]} for each in values]},
    }


ANSWERS: dict[str, tuple[int, Any]] = {
    "one": (200, _vector("41.6")),
    "scalar": (200, {"status": "success", "data": {"resultType": "scalar", "result": [1, "7"]}}),
    "none": (200, _vector()),
    "two": (200, _vector("1", "2")),
    "nan": (200, _vector("NaN")),
    "words": (200, _vector("soon")),
    "range": (200, {"status": "success", "data": {"resultType": "matrix", "result": []}}),
    "wrong": (400, {"status": "error", "errorType": "bad_data", "error": "parse error: unexpected )"}),
    "html": (502, b"<html>Bad gateway</html>"),
    "list": (200, []),
    "total": (200, _vector("1000")),
    "good": (200, _vector("970.4")),
}


@pytest.fixture
def prometheus() -> Iterator[Pretended]:
    server = Pretended()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()


def test_one_number_is_an_answer(prometheus: Pretended) -> None:
    assert instant(prometheus.url, "one", at=NOW) == 41.6
    assert instant(prometheus.url + "/", "scalar", at=NOW) == 7
    assert prometheus.asked[0]["time"] == [f"{NOW.timestamp():.3f}"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("none", "matches no series"),
        ("two", "gives 2 series; wrap it in sum"),
        ("nan", "no data: the query gives NaN"),
        ("words", "is no number"),
        ("range", "use an instant query"),
        ("wrong", "refused the query .400.: parse error"),
        ("html", "answered 502 with something that is no JSON"),
        ("list", "refused the query"),
    ],
)
def test_everything_else_is_said_in_words(prometheus: Pretended, query: str, says: str) -> None:
    with pytest.raises(NoAnswer, match=says):
        instant(prometheus.url, query, at=NOW)


def test_a_prometheus_that_is_slow_or_away_is_no_error_of_ours(prometheus: Pretended) -> None:
    with pytest.raises(NoAnswer, match=r"did not answer within 0\.2 s"):
        instant(prometheus.url, "slow", at=NOW, within=0.2)
    for url in ("http://127.0.0.1:1", "nonsense", "http://"):
        with pytest.raises(NoAnswer, match="cannot be reached"):
            instant(url, "one", at=NOW)


def test_the_window_goes_where_the_query_says(prometheus: Pretended) -> None:
    query = "total[{{.window}}]"
    assert increase(prometheus.url, query, since=NOW - timedelta(hours=6), until=NOW) == 1000
    assert prometheus.asked[-1]["query"] == ["total[21600s]"]


def slo(url: str, good: str) -> Slo:
    source = PromQuery(url, f"{good}[{{{{.window}}}}]", "total[{{.window}}]")
    return Slo("s", "S", "", "approvals", 0.99, 28, source, (Condition("six", 6, 2, "page"),), ())


def test_an_objective_of_a_prometheus_is_judged_like_any_other_R94(prometheus: Pretended) -> None:
    found = objectives.status(slo(prometheus.url, "good"), tenants=(), zone=ZONE, now=NOW)
    assert (found.budget.counts.bad, found.budget.left) == (30, pytest.approx(-2.0))
    assert found.burns[0].state is BurnState.BURNING
    found = objectives.status(slo(prometheus.url, "none"), tenants=(), zone=ZONE, now=NOW)
    assert (found.burns, found.problem) == ((), "no data: the query matches no series")
