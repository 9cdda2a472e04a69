"""The data plane: flags out, events in, streams. Raw ASGI; starts and serves without Django or the database."""

from __future__ import annotations

from companyos.surfaces.edge.app import Edge

__all__ = ["Edge"]
