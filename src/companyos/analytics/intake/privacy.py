"""What of a person an event may carry: pseudonyms instead of actors, and only the properties that are on a list.

A pseudonym is a keyed hash, with a key of its own for each tenant: the same person is one person within a tenant, two
tenants cannot be joined, and without the secret nobody can go back or try names out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import msgspec

from companyos.analytics.events import Event

_PREFIX = "p-"
_OUR_FIELDS = frozenset({"feature", "path", "kind", "case", "task", "value", "latency_ms", "by"})
SECRET, WHOSE, PROPERTIES = "COMPANYOS_PSEUDONYM_SECRET", "COMPANYOS_PSEUDONYMS", "COMPANYOS_PROPERTIES"


@dataclass(frozen=True, slots=True)
class Privacy:
    """How an instance treats what it is sent. Without a secret actors stay as they are."""

    secret: bytes = b""
    only_for_browsers: bool = True  # a server's key names its own people on purpose; a page's does not
    properties: frozenset[str] | None = None  # None: all of them

    def __post_init__(self) -> None:
        if self.secret and len(self.secret) < 16:
            raise ValueError(
                "The secret of pseudonyms is shorter than 16 bytes; people could be guessed. Use 32."
            )

    @classmethod
    def told_by(cls, environment: Mapping[str, str]) -> Privacy:
        """Read the settings: a secret switches pseudonyms on, for pages' keys or, with `all`, for every key."""
        listed = environment.get(PROPERTIES)
        return cls(
            environment.get(SECRET, "").encode(),
            only_for_browsers=environment.get(WHOSE, "browsers") != "all",
            properties=None if listed is None else frozenset(listed.replace(",", " ").split()),
        )

    def hides_actors(self, *, from_browser: bool) -> bool:
        """Tell whether actors of this key become pseudonyms."""
        return bool(self.secret) and (from_browser or not self.only_for_browsers)

    def kept(self, props: Mapping[str, Any]) -> dict[str, Any]:
        """The properties on the list, and those that fill fields of ours."""
        if self.properties is None:
            return dict(props)
        allowed = self.properties | _OUR_FIELDS
        return {name: value for name, value in props.items() if name in allowed}


EVERYTHING = Privacy()


def pseudonym(actor: str, *, tenant: str, secret: bytes) -> str:
    """The name under which a tenant's person is stored; a pseudonym stays what it is."""
    if not actor or actor.startswith(_PREFIX):
        return actor
    key = blake2b(tenant.encode(), key=secret[:64], digest_size=32).digest()
    return _PREFIX + blake2b(actor.encode("utf-8", "surrogatepass"), key=key, digest_size=16).hexdigest()


def private(event: Event, privacy: Privacy, *, from_browser: bool) -> Event:
    """An event of our own form, treated as the settings say."""
    if privacy.properties is not None:
        event = msgspec.structs.replace(event, props=privacy.kept(event.props))
    return hidden(event, secret=privacy.secret) if privacy.hides_actors(from_browser=from_browser) else event


def hidden(event: Event, *, secret: bytes) -> Event:
    """The event with its people replaced: the actor, and who did it on somebody's behalf (`by`)."""
    actor = pseudonym(event.actor, tenant=event.tenant, secret=secret)
    props = event.props
    if isinstance(by := props.get("by"), str):
        props = {**props, "by": pseudonym(by, tenant=event.tenant, secret=secret)}
    return msgspec.structs.replace(event, actor=actor, props=props)
