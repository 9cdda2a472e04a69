"""Looks at where a document's link leads. I/O only: what is learnt is judged in `domain/links.py`.

Only the open net is asked, unless the setting names the host: every redirect is looked up anew, and the address that
was judged is the one that is connected to, so a name cannot change its mind in between.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path

import httpx

from companyos.adoption.features.domain.links import Found, Kind, Link, Standing, kind_of
from companyos.platform.open_net import Inside, NoHost, address_of, request_at

WITHIN_SECONDS = 10.0
LARGEST = 2 * 1024 * 1024
MOST_REDIRECTS = 5
DOCUMENTS = frozenset({".md", ".markdown", ".txt", ".rst", ".adoc", ".html", ".pdf"})
_GUARDED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
_NOT_NOW = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_REDIRECTS = {301, 302, 303, 307, 308}
_AGENT = "companyos-document-check"


class LinkReader:
    """Looks at links. `hosts` may lie in a private net; `folder` holds the project's files; `is_page` knows our own."""

    def __init__(
        self,
        hosts: frozenset[str],
        folder: Path,
        is_page: Callable[[str], bool],
        within: float = WITHIN_SECONDS,
    ) -> None:
        self._hosts, self._folder, self._is_page, self._within = hosts, folder, is_page, within

    def look(self, known: Link) -> Found:
        """Return what the link leads to now. Never raises for what the other side does."""
        kind = kind_of(known.link)
        if kind is Kind.FILE:
            return self._file(known.link)
        if kind is Kind.PAGE:
            return self._page(known.link.partition("#")[0].partition("?")[0])
        try:
            return self._fetched(httpx.URL(known.link), known, time.monotonic() + self._within)
        except httpx.InvalidURL:
            return _broken("is no address")
        except httpx.TimeoutException:
            return _unreached(f"did not answer within {self._within:g} s")
        except (httpx.HTTPError, OSError, ValueError) as error:
            return _unreached(f"could not be reached ({str(error)[:80] or type(error).__name__})")

    def _page(self, path: str) -> Found:
        if self._is_page(path):
            return Found(Standing.FINE, "is a page of this instance")
        return _broken("is no page of this instance")

    def _file(self, link: str) -> Found:
        folder = self._folder.resolve()
        path = (folder / link.partition("#")[0]).resolve()
        if not path.is_relative_to(folder) or path.suffix.lower() not in DOCUMENTS:
            return Found(Standing.NOT_ALLOWED, "is no document inside the project")
        if not path.is_file():
            return _broken("is not in the project")
        with path.open("rb") as file:
            body = file.read(LARGEST)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return Found(Standing.FINE, "is in the project", changed, "", hashlib.sha256(body).hexdigest())

    def _fetched(self, url: httpx.URL, known: Link, deadline: float) -> Found:
        mark = {"If-None-Match": known.etag} if known.etag and known.standing is Standing.FINE else {}
        with httpx.Client(timeout=self._within, trust_env=False, follow_redirects=False) as client:
            for _ in range(MOST_REDIRECTS + 1):
                address = self._address_of(url)
                if isinstance(address, Found):
                    return address
                found = self._asked(client, url, address, mark, deadline)
                if isinstance(found, Found):
                    return found
                url = found
        return _broken(f"is redirected more than {MOST_REDIRECTS} times")

    def _address_of(self, url: httpx.URL) -> str | Found:
        """Look the host up once; all of its addresses must be open, or the setting names it."""
        try:
            return address_of(url, inside=self._hosts)
        except NoHost:
            return Found(Standing.NOT_ALLOWED, "leads to something that is not asked for")
        except Inside:
            ask = f"name {url.host} in COMPANYOS_DOCUMENT_HOSTS to have it checked"
            return Found(Standing.NOT_ALLOWED, f"lies in a private net; {ask}")

    def _asked(
        self, client: httpx.Client, url: httpx.URL, address: str, mark: dict[str, str], deadline: float
    ) -> Found | httpx.URL:
        """Ask once: what was found, or where it is redirected to."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise httpx.ReadTimeout("time is over")
        headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity", **mark}
        request = request_at(client, "GET", url, address, within=left, headers=headers)
        answer = client.send(request, stream=True)
        try:
            if answer.status_code in _REDIRECTS and "location" in answer.headers:
                return url.join(answer.headers["location"])
            return _told(answer, deadline)
        finally:
            answer.close()


def _told(answer: httpx.Response, deadline: float) -> Found:
    status = answer.status_code
    if status == HTTPStatus.NOT_MODIFIED:
        return Found(Standing.FINE, "answers", _modified(answer), unchanged=True)
    if status in _GUARDED:
        return Found(Standing.GUARDED, f"answers {status}: it is there, behind a sign-in")
    if status in _NOT_NOW or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unreached(f"answers {status}")
    if status >= HTTPStatus.BAD_REQUEST or not answer.is_success:
        return _broken(f"answers {status}")
    sha256 = _hashed(answer, deadline)
    return Found(Standing.FINE, "answers", _modified(answer), answer.headers.get("etag", "")[:200], sha256)


def _hashed(answer: httpx.Response, deadline: float) -> str:
    """Hash what comes, as far as it is looked at."""
    found, size = hashlib.sha256(), 0
    for part in answer.iter_raw():
        found.update(part[: LARGEST - size])
        size += len(part)
        if size >= LARGEST:
            break
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("time is over")
    return found.hexdigest()


def _modified(answer: httpx.Response) -> datetime | None:
    try:
        told = parsedate_to_datetime(answer.headers.get("last-modified", ""))
    except (TypeError, ValueError):
        return None
    return told.replace(tzinfo=told.tzinfo or UTC)


def _broken(says: str) -> Found:
    return Found(Standing.BROKEN, says)


def _unreached(says: str) -> Found:
    return Found(Standing.UNREACHED, says)
