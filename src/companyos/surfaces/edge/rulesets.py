"""The published ruleset: flag sets and keys as one immutable object, read from one file and checked strictly."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from companyos.surfaces.edge.keys import Key
from companyos.surfaces.edge.written import WrittenSet
from companyos_sdk.evaluator import BadRuleset, FlagSet, Hashing

UNUSABLE = (OSError, ValueError, KeyError, TypeError, msgspec.MsgspecError, BadRuleset)
"""What reading a damaged file raises."""


class _Head(msgspec.Struct):
    version: int
    sha256: str


class _KeyForm(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
    kind: Literal["server", "browser"]
    scopes: list[Literal["evaluate", "sync", "ingest", "serving"]]
    tenants: list[str]
    origins: list[str] = []


class _Form(msgspec.Struct, forbid_unknown_fields=True):
    version: Annotated[int, Meta(ge=1)]
    published_at: Annotated[datetime, Meta(tz=True)]
    flag_sets: dict[str, dict[str, Any]]
    keys: list[_KeyForm]
    regions: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class ServedSet:
    """One flag set, compiled to evaluate and written out for providers that evaluate by themselves."""

    name: str
    flags: FlagSet
    document: bytes
    etag: bytes
    asks_for_time: bool  # then the same question may have another answer later
    written: WrittenSet


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One version of everything the edge knows."""

    version: int
    published: int  # unix seconds
    sets: Mapping[str, ServedSet]
    keys: Mapping[bytes, Key]  # by SHA-256 of the key
    origins: frozenset[bytes] = frozenset()
    by_ticket: Mapping[bytes, Key] = field(default_factory=dict)
    regions: Mapping[str, str] = field(default_factory=dict)  # the region each tenant is bound to

    @classmethod
    def of(
        cls,
        version: int,
        published: int,
        sets: Mapping[str, ServedSet],
        keys: list[Key],
        regions: Mapping[str, str],
    ) -> Ruleset:
        return cls(
            version,
            published,
            sets,
            {key.sha256: key for key in keys},
            frozenset(origin for key in keys for origin in key.origins),
            {key.ticket: key for key in keys},
            regions,
        )

    def without(self, dead: frozenset[bytes]) -> Ruleset:
        """Return the ruleset without these keys, whatever its file says about them."""
        if dead.isdisjoint(self.keys):
            return self
        living = [key for sha256, key in self.keys.items() if sha256 not in dead]
        return Ruleset.of(self.version, self.published, self.sets, living, self.regions)


NOTHING = Ruleset(0, 0, {}, {})


def read_ruleset(path: Path, version: int) -> Ruleset:
    """Read one file; raises one of UNUSABLE when anything about it is not as published."""
    head, _, rest = path.read_bytes().partition(b"\n")
    body = rest.rstrip(b"\n")
    told = msgspec.json.decode(head, type=_Head)
    if hashlib.sha256(body).hexdigest() != told.sha256:
        raise ValueError("its checksum does not hold")
    form = msgspec.json.decode(body, type=_Form)
    if not form.version == told.version == version:
        raise ValueError(f"it is named {path.name} and says it is version {form.version}")
    sets = {name: _served(name, document, version) for name, document in form.flag_sets.items()}
    keys = [_key(key) for key in form.keys]
    return Ruleset.of(version, int(form.published_at.timestamp()), sets, keys, form.regions)


def _served(name: str, document: dict[str, Any], version: int) -> ServedSet:
    hashing = Hashing(document.get("metadata", {}).get("fractional", Hashing.V2))
    written = msgspec.json.encode(document)
    flags = FlagSet.load(document, hashing=hashing)
    return ServedSet(name, flags, written, b'"%d"' % version, b"$flagd" in written, WrittenSet(flags))


def _key(form: _KeyForm) -> Key:
    return Key.published(
        id=form.id,
        sha256=bytes.fromhex(form.sha256),
        is_browser=form.kind == "browser",
        scopes=form.scopes,
        tenants=form.tenants,
        origins=form.origins,
    )
