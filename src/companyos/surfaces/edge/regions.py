"""Residency at the door: events of a tenant bound to a region are kept at that region's edge, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from companyos.analytics.events import Event, Refusal
from companyos.surfaces.edge.answers import Refused
from companyos.surfaces.edge.keys import Key

_MISDIRECTED = 421  # RFC 9110, 15.5.20: sent to a server that must not answer for it; a retry here is no use


@dataclass(frozen=True, slots=True)
class Here:
    """The region an edge stands in, and the one each tenant is bound to. Without a region it takes everybody's."""

    region: str = ""
    bound: Mapping[str, str] = field(default_factory=dict)

    def refuse_a_key_from_elsewhere(self, key: Key) -> None:
        """Refuse, before its body is read, a key all of whose tenants are bound to another region."""
        if "*" not in key.tenants and all(self._is_elsewhere(tenant) for tenant in key.tenants):
            self._refuse(key.tenants)

    def keeps(self, items: list[Event | Refusal], key: Key) -> list[Event | Refusal]:
        """Return what may be kept here; refuses the whole of it when some is of a tenant from elsewhere.

        What cannot be read names no tenant: it is put aside without its body where it might be from elsewhere.
        """
        self._refuse({item.tenant for item in items})
        if not any(self._is_elsewhere(tenant) and key.speaks_for(tenant) for tenant in self.bound):
            return items
        return [_without_body(item) if isinstance(item, Refusal) else item for item in items]

    def _is_elsewhere(self, tenant: str) -> bool:
        return bool(self.region) and self.bound.get(tenant, self.region) != self.region

    def _refuse(self, tenants: Iterable[str]) -> None:
        for tenant in sorted(filter(self._is_elsewhere, tenants)):
            home = self.bound[tenant]
            words = (
                f"The tenant {tenant!r} is bound to the region {home}, and this edge stands in {self.region}."
                f" Nothing of this request was kept; send it to the edge of {home}."
            )
            raise Refused(_MISDIRECTED, {"error": words})


ANYWHERE = Here()


def _without_body(refusal: Refusal) -> Refusal:
    return refusal if refusal.tenant else replace(refusal, body=b"")
