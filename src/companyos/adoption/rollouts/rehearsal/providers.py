"""A dozen programs that follow the flag: each listens for changes, fetches anew, reports what it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import msgspec

from companyos.adoption.rollouts.rehearsal.client import Client, NoAnswer, read_head
from companyos.adoption.rollouts.rehearsal.company import Person

RECONNECT_AFTER_S = 0.2
_BULK = "/ofrep/v1/evaluate/flags"


class Providers:
    """All of them. `reach` waits until everyone serves a version, so that a slice never outruns a change."""

    def __init__(self, client: Client, server_key: str, followers: tuple[Person, ...]) -> None:
        self._client = client
        self._key = server_key
        self._followers = followers
        self._serving: dict[str, int] = {}
        self._changed = asyncio.Condition()
        self.reconnects = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Follow the flag inside the block."""
        tasks = [
            asyncio.create_task(self._follow(f"provider-{n:02d}", person))
            for n, person in enumerate(self._followers, start=1)
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def reach(self, version: int, *, within_s: float = 5.0) -> bool:
        """Wait until every provider serves `version` or a newer one; False when some do not in time."""
        try:
            async with asyncio.timeout(within_s), self._changed:
                await self._changed.wait_for(lambda: self._all_serve(version))
        except TimeoutError:
            return False
        return True

    def _all_serve(self, version: int) -> bool:
        return all(
            self._serving.get(f"provider-{n:02d}", -1) >= version for n in range(1, len(self._followers) + 1)
        )

    async def _follow(self, name: str, person: Person) -> None:
        follower = _Follower(name, self._client, self._key, person)
        while True:
            try:
                async with aclosing(follower.messages()) as messages:
                    async for message in messages:
                        await self._note(name, await follower.fetch_and_report(message))
            except (OSError, asyncio.IncompleteReadError, msgspec.DecodeError):
                self.reconnects += 1
            await asyncio.sleep(RECONNECT_AFTER_S)

    async def _note(self, name: str, version: int) -> None:
        async with self._changed:
            self._serving[name] = version
            self._changed.notify_all()


class _Follower:
    """One program: a stream of its own, the flags of one person's context."""

    def __init__(self, name: str, client: Client, key: str, person: Person) -> None:
        self._name = name
        self._client = client
        self._key = key
        self._context = context_of(person)
        self._etag = ""

    async def messages(self) -> AsyncGenerator[dict[str, Any], None]:
        """The messages of one connection to the event stream, until the server ends it."""
        connection = await self._client.connect()
        try:
            accept = {"Accept": "text/event-stream"}
            connection.writer.write(self._client.message("GET", "/ofrep/v1/sse", self._key, None, accept))
            status, _ = await read_head(connection.reader)
            if status != 200:
                raise NoAnswer(f"the event stream answered {status}")
            while line := await connection.reader.readline():
                if line.startswith(b"data:"):
                    yield msgspec.json.decode(line[5:].strip(), type=dict[str, Any])
        finally:
            connection.writer.close()

    async def fetch_and_report(self, message: dict[str, Any]) -> int:
        """Fetch all flags unless unchanged, report the version now served and return it."""
        if_changed = {"If-None-Match": self._etag} if self._etag else {}
        answer = await self._client.post(_BULK, self._key, {"context": self._context}, if_changed)
        if not answer.ok and answer.status != 304:
            raise NoAnswer(f"the flags could not be fetched: {answer.status} {answer.why()}")
        self._etag = answer.headers.get("etag", self._etag)
        version = max(int(message.get("version", 0)), _version_in(self._etag))
        await self._client.post("/v1/serving", self._key, {"provider": self._name, "version": version})
        return version


def context_of(person: Person) -> dict[str, str]:
    """What a program tells the flags about the person it acts for."""
    return {
        "targetingKey": person.slug,
        "tenant": person.tenant,
        "team": person.team,
        "department": person.department,
    }


def _version_in(etag: str) -> int:
    digits = etag.removeprefix("W/").strip('"').partition("-")[0]
    return int(digits) if digits.isdigit() else 0
