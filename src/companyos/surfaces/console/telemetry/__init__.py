"""Telemetry's pages: what really happens with each feature, readable by everybody who is signed in."""

from __future__ import annotations
