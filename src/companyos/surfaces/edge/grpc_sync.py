"""flagd's sync over gRPC (flagd.sync.v1.FlagSyncService), for in-process providers of any language.

The extra `companyos[grpc]`. It has a thread and an event loop of its own: gRPC's loop and the HTTP server's do not
mix well. The key comes as metadata `authorization: Bearer KEY` or `x-api-key: KEY`; providers that cannot set
metadata give it as their provider id.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine
from functools import partial
from hashlib import sha256
from typing import Any

import grpc

from companyos.surfaces.edge.answers import Refused
from companyos.surfaces.edge.app import Edge
from companyos.surfaces.edge.grpc_messages import FETCH, METADATA, SERVICE, SYNC, Struct
from companyos.surfaces.edge.rulesets import ServedSet
from companyos.surfaces.edge.selector import NoSuchSet, set_called
from companyos.surfaces.edge.sync import refuse_some_tenants_only

_STARTS_WITHIN_SECONDS = 10.0
_Context = Any  # grpc.aio.ServicerContext, whose type parameters nobody can name


class GrpcSync:
    """A gRPC server over one edge. Raises OSError when the port cannot be used."""

    def __init__(self, edge: Edge, port: int) -> None:
        self.port = 0
        self._edge = edge
        self._loop = asyncio.new_event_loop()
        self._changed = asyncio.Condition()
        self._server: Any = None
        self._thread = threading.Thread(target=self._loop.run_forever, name="grpc-sync", daemon=True)
        self._thread.start()
        try:
            self._in_loop(self._start(port))
        except OSError:
            self._end_loop()
            raise
        edge.on_change(self._tell)

    def close(self) -> None:
        self._in_loop(self._server.stop(0))
        self._end_loop()

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _in_loop(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_STARTS_WITHIN_SECONDS)

    async def _start(self, port: int) -> None:
        self._server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        self._server.add_generic_rpc_handlers([self._handlers()])
        try:
            self.port = self._server.add_insecure_port(f"127.0.0.1:{port}")
        except RuntimeError:
            raise OSError(f"port {port} on 127.0.0.1 cannot be used for gRPC sync.") from None
        await self._server.start()

    def _handlers(self) -> grpc.GenericRpcHandler:
        methods = {
            "SyncFlags": grpc.unary_stream_rpc_method_handler(self._sync, *SYNC.codecs),
            "FetchAllFlags": grpc.unary_unary_rpc_method_handler(self._fetch, *FETCH.codecs),
            "GetMetadata": grpc.unary_unary_rpc_method_handler(self._metadata, *METADATA.codecs),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _tell(self) -> None:
        if not self._loop.is_closed():
            asyncio.run_coroutine_threadsafe(self._wake(), self._loop)

    async def _wake(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _sync(self, request: Any, context: _Context) -> AsyncIterator[Any]:
        sent = b""
        while True:
            served = await self._allowed(request, context)
            if served.etag != sent:
                sent = served.etag
                yield SYNC.answer(flag_configuration=served.document.decode(), sync_context=Struct())
            async with self._changed:
                await self._changed.wait_for(partial(self._is_news, request, context, sent))

    async def _fetch(self, request: Any, context: _Context) -> Any:
        served = await self._allowed(request, context)
        return FETCH.answer(flag_configuration=served.document.decode())

    async def _metadata(self, request: Any, context: _Context) -> Any:
        """Answer the deprecated call as flagd does when there is no static context; it tells nothing."""
        return METADATA.answer(metadata=Struct())

    def _is_news(self, request: Any, context: _Context, sent: bytes) -> bool:
        """Tell whether there is something to send, or a reason to end the stream."""
        try:
            return self._permitted(request, context).etag != sent
        except (Refused, NoSuchSet):
            return True

    async def _allowed(self, request: Any, context: _Context) -> ServedSet:
        try:
            return self._permitted(request, context)
        except Refused as refused:
            code = {401: grpc.StatusCode.UNAUTHENTICATED, 403: grpc.StatusCode.PERMISSION_DENIED}
            words = refused.body["error"]
            await context.abort(code.get(refused.status, grpc.StatusCode.UNAVAILABLE), words)
        except NoSuchSet as problem:
            await context.abort(grpc.StatusCode.NOT_FOUND, str(problem))
        raise AssertionError("abort raises")

    def _permitted(self, request: Any, context: _Context) -> ServedSet:
        ruleset, told = self._edge.ruleset, dict(context.invocation_metadata() or ())
        if not ruleset.version:
            raise Refused(503, {"error": "No ruleset has been published yet. Try again later."})
        key = ruleset.keys.get(sha256(_secret(told, request)).digest())
        if key is None:
            raise Refused(401, {"error": "No valid key. Send one as metadata `authorization: Bearer KEY`."})
        if "sync" not in key.scopes:
            raise Refused(403, {"error": "This key may not sync. Use one that has that scope."})
        refuse_some_tenants_only(key)
        return set_called(str(told.get("flagd-selector", request.selector)), ruleset)


def _secret(told: dict[str, Any], request: Any) -> bytes:
    given = str(told.get("authorization", ""))
    if given[:7].lower() == "bearer ":
        return given[7:].encode()
    return str(told.get("x-api-key", request.provider_id)).encode()
