"""What answers behind a port: Django under WSGI in threads, the pages' live stream, and in one process the edge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from a2wsgi import WSGIMiddleware

from companyos.cli.process import Process
from companyos.platform.own_figures import Requests
from companyos.surfaces.edge.live import PATH as LIVE

_PAGE_THREADS = 4


class Pages:
    """The ASGI application of the pages: `/live`, and everything else to Django."""

    def __init__(self, process: Process) -> None:
        from django.contrib.staticfiles.handlers import StaticFilesHandler
        from django.core.wsgi import get_wsgi_application

        self._live, self._requests = process.live, process.requests
        django: Any = StaticFilesHandler(get_wsgi_application())
        self._django = WSGIMiddleware(django, workers=_PAGE_THREADS)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] == LIVE:
            return await self._live(scope, receive, send)
        return await self._django(scope, receive, counted(send, self._requests, "pages"))


class Front:
    """The ASGI application of one process: rehearsal clock, edge, and everything else to the pages."""

    def __init__(self, process: Process, clock_key: str = "") -> None:
        self._edge, self._pages, self._requests = process.edge, Pages(process), process.requests
        self._clock = None
        if clock_key:
            from companyos.cli.rehearsal_clock import RehearsalClock

            self._clock = RehearsalClock(process, clock_key, ThreadPoolExecutor(1, "rehearsal-clock"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self._clock and scope["path"].startswith("/rehearsal/v1/"):
            return await self._clock(scope, receive, send)
        if self._edge is not None and self._edge.owns(scope):
            return await self._edge(scope, receive, counted(send, self._requests, "edge"))
        return await self._pages(scope, receive, send)


def counted(send: Any, requests: Requests, surface: str) -> Any:
    """Count each answer by its status on the way out."""

    async def counting(message: Any) -> None:
        if message["type"] == "http.response.start":
            requests.count(surface, message["status"])
        await send(message)

    return counting
