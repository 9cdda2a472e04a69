"""`--sync-port`: flagd's sync over gRPC beside the HTTP port, where the extra `companyos[grpc]` is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from companyos.cli.commands import Mistake
from companyos.surfaces.edge import Edge


@contextmanager
def sync_on(port: int | None, edge: Edge) -> Iterator[None]:
    """Serve gRPC sync inside the block, when a port is given. Raises Mistake when it cannot."""
    if port is None:
        yield
        return
    try:
        from companyos.surfaces.edge.grpc_sync import GrpcSync
    except ImportError:
        raise Mistake(
            "gRPC is not installed, so --sync-port cannot be served. Nothing was started;"
            " install companyos[grpc], or use HTTP sync at /flagd/v1/sync."
        ) from None
    try:
        server = GrpcSync(edge, port)
    except OSError as problem:
        raise Mistake(f"{problem} Nothing was started; choose another with --sync-port.") from None
    try:
        yield
    finally:
        server.close()
