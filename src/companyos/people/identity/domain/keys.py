"""Which keys may be issued: what a key may do follows from where it lives."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from companyos.people.identity.domain.types import KeyKind, Scope

ALL_TENANTS = "*"
_ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+")


@dataclass(frozen=True, slots=True)
class Wish:
    """A key that somebody wants."""

    kind: KeyKind
    label: str
    scopes: tuple[Scope, ...]
    tenants: tuple[str, ...]
    origins: tuple[str, ...]


def a_key_has_a_name(wish: Wish) -> str | None:
    """A key without a label cannot be told from others when one has to go."""
    return None if wish.label.strip() else "Say what the key is for: its label is all that tells keys apart."


def a_key_may_do_something(wish: Wish) -> str | None:
    """A key without a scope or a tenant opens nothing."""
    if not wish.scopes:
        return "Name what the key may do: evaluate, sync, ingest or serving."
    return None if wish.tenants else f"Name the tenants it speaks for, or {ALL_TENANTS} for all."


def a_personal_key_is_no_program(wish: Wish) -> str | None:
    """Management keys belong to people and are made with them."""
    return "A program's key cannot act as a person." if Scope.PERSONAL in wish.scopes else None


def a_browser_key_evaluates_or_ingests(wish: Wish) -> str | None:
    """Whoever loads the page can read its key: it must open no flag set, and its events are only as good as that."""
    if wish.kind is not KeyKind.BROWSER:
        return "Only a browser key names origins." if wish.origins else None
    if not set(wish.scopes) <= {Scope.EVALUATE, Scope.INGEST}:
        return "A browser key evaluates or ingests. Keep the other scopes in a server key."
    return None if wish.origins else "Name the origins of the pages that use it, as https://app.example."


def an_origin_is_scheme_and_host(wish: Wish) -> str | None:
    """Browsers send `Origin` as scheme, host and port; anything else would never match."""
    for origin in wish.origins:
        if not _ORIGIN.fullmatch(origin):
            return f"{origin!r} is no origin. Write scheme and host in small letters, as https://app.example."
    return None


def a_sync_key_is_of_all_tenants(wish: Wish) -> str | None:
    """A flag set holds the cohorts of every tenant; it cannot be cut by tenant."""
    if Scope.SYNC in wish.scopes and ALL_TENANTS not in wish.tenants:
        return (
            f"A key that syncs whole flag sets is of all tenants ({ALL_TENANTS}). Use evaluate for some only."
        )
    return None


RULES: tuple[Callable[[Wish], str | None], ...] = (
    a_key_has_a_name,
    a_key_may_do_something,
    a_personal_key_is_no_program,
    a_browser_key_evaluates_or_ingests,
    an_origin_is_scheme_and_host,
    a_sync_key_is_of_all_tenants,
)


def objection(wish: Wish) -> str | None:
    """Return why this key is not issued, or None."""
    return next((why for rule in RULES if (why := rule(wish))), None)
