"""A heads-up, ready to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.change.comms.domain.aftermath import Standing
from companyos.change.comms.domain.types import Kind, Size


@dataclass(frozen=True, slots=True)
class Ahead:
    """A heads-up as it is told. `tenant` is the only one whose people are affected, where there is one."""

    key: str
    kind: Kind
    size: Size
    feature: str
    title: str
    words: str
    post: str
    link: str
    people: frozenset[str]
    happens_at: datetime
    tenant: str = ""
    standing: Standing = Standing.COMING
    needs_ack: bool = False
