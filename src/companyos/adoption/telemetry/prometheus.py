"""Asking a company's own Prometheus: for those whose objectives live there. "No data" and errors are answers."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import httpx

WITHIN_SECONDS = 5.0
WINDOW = "{{.window}}"


class NoAnswer(Exception):
    """Prometheus said nothing that can be counted; says what it said instead."""


def instant(url: str, query: str, *, at: datetime, within: float = WITHIN_SECONDS) -> float:
    """Return the one number that an instant query gives. Raises NoAnswer."""
    try:
        answer = httpx.get(
            f"{url.rstrip('/')}/api/v1/query",
            params={"query": query, "time": f"{at.timestamp():.3f}"},
            timeout=within,
            follow_redirects=False,
        )
        body = answer.json()
    except httpx.TimeoutException:
        raise NoAnswer(f"Prometheus did not answer within {within:g} s; nothing was counted") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoAnswer(f"Prometheus cannot be reached: {str(error) or type(error).__name__}") from None
    except ValueError:
        raise NoAnswer(f"Prometheus answered {answer.status_code} with something that is no JSON") from None
    return _number(answer.status_code, body)


def increase(url: str, query: str, *, since: datetime, until: datetime) -> int:
    """Return how many requests a query counts from `since` to `until`; `{{.window}}` becomes that span."""
    seconds = max(1, round((until - since).total_seconds()))
    return max(0, round(instant(url, query.replace(WINDOW, f"{seconds}s"), at=until)))


def _number(status: int, body: Any) -> float:
    if not isinstance(body, dict) or body.get("status") != "success":
        said = body.get("error", "") if isinstance(body, dict) else ""
        raise NoAnswer(f"Prometheus refused the query ({status}): {said or 'no reason given'}")
    match body.get("data"):
        case {"resultType": "scalar", "result": [_, text]}:
            return _finite(text)
        case {"resultType": "vector", "result": []}:
            raise NoAnswer("no data: the query matches no series")
        case {"resultType": "vector", "result": [{"value": [_, text]}]}:
            return _finite(text)
        case {"resultType": "vector", "result": [_, *_] as series}:
            raise NoAnswer(f"the query gives {len(series)} series; wrap it in sum() so that it gives one")
    raise NoAnswer("the query gives no single number; use an instant query")


def _finite(text: Any) -> float:
    try:
        number = float(text)
    except (TypeError, ValueError):
        raise NoAnswer(f"Prometheus gave {text!r}, which is no number") from None
    if not math.isfinite(number):
        raise NoAnswer(f"no data: the query gives {text}")
    return number
