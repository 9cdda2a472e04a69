"""Asking a tracker: one request after the other, and what a refusal means for trying again."""

from __future__ import annotations

from typing import Any

import httpx

from companyos.platform.outgoing import Never, NotNow
from companyos.work.trackers.domain.known import KINDS
from companyos.work.trackers.domain.types import Account, Call

WITHIN_SECONDS = 10.0
_GONE_ALREADY = frozenset({404, 410})
_BUSY, _BROKEN, _FORBIDDEN = 429, 500, 403


class Caller:
    """A signed-in connection to one tracker. Redirects are not followed: the token is for this address alone."""

    def __init__(self, account: Account) -> None:
        self._title = KINDS[account.kind].title
        self._http = httpx.Client(
            base_url=account.url,
            headers=KINDS[account.kind].signs_in(account.token),
            timeout=WITHIN_SECONDS,
            follow_redirects=False,
        )

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def ask(self, call: Call) -> Any:
        """Make a call, and those that follow from its answer; return the last answer. Raises NotNow or Never."""
        answer = self._once(call)
        following = call.then(answer) if call.then else None
        return self.ask(following) if following else answer

    def _once(self, call: Call) -> Any:
        try:
            answer = self._http.request(call.method, call.path, json=call.json)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotNow(f"{self._title} cannot be reached: {str(error) or type(error).__name__}") from None
        if call.method == "DELETE" and answer.status_code in _GONE_ALREADY:
            return None
        problem = (
            f"{self._title} answered {answer.status_code} to {call.method} {call.path.partition('?')[0]}"
        )
        out_of_calls = answer.headers.get("x-ratelimit-remaining") == "0"
        if answer.status_code in {_BUSY, *([_FORBIDDEN] if out_of_calls else [])}:
            raise NotNow(f"{problem}: too many calls")
        if answer.status_code >= _BROKEN:
            raise NotNow(problem)
        if not answer.is_success:
            raise Never(f"{problem}: {answer.text[:120]}")
        return self._read(answer, problem)

    def _read(self, answer: httpx.Response, problem: str) -> Any:
        if not answer.content:
            return None
        try:
            told = answer.json()
        except ValueError:
            raise NotNow(f"{problem}, with something that is no JSON") from None
        if isinstance(told, dict) and told.get("errors") and not told.get("data"):
            raise Never(f"{self._title} refused: {str(told['errors'])[:150]}")
        return told
