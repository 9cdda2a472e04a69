"""Tenants as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class TenantClass(StrEnum):
    PRODUCTION = "production"
    SANDBOX = "sandbox"


@dataclass(frozen=True, slots=True)
class TenantRow:
    slug: str
    title: str
    tenant_class: str
    region: str
    owners: tuple[str, ...]
    data_domains: tuple[str, ...]
    risk: str
    flag_strategy: str
    scope: str
    goals: tuple[str, ...]
    people: int
