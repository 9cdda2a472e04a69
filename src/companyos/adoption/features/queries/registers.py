"""The registers of the programme: its surfaces, and where its core processes run (R1, R3)."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.adoption.features.models import CoreProcess, Surface


@dataclass(frozen=True, slots=True)
class SurfaceRow:
    """Surfaces that belong to a feature: all whose name begins so."""

    kind: str
    begins: str
    feature: str


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A core process of a tenant. `tool` is what people use instead of this instance; empty: it runs here."""

    slug: str
    title: str
    tenant: str
    tool: str
    why: str
    feature: str
    kinds: tuple[str, ...] = ()


def surfaces() -> tuple[SurfaceRow, ...]:
    return tuple(SurfaceRow(s.kind, s.begins, s.feature) for s in Surface.objects.order_by("kind", "begins"))


def processes() -> tuple[ProcessRow, ...]:
    return tuple(
        ProcessRow(p.slug, p.title, p.tenant_slug, p.tool, p.why, p.feature, tuple(p.kinds))
        for p in CoreProcess.objects.order_by("tenant_slug", "slug")
    )
