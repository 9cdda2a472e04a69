"""The published ruleset: flags and keys as one immutable object, read from one file."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from companyos_sdk.evaluator import BadRuleset, FlagSet

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Key:
    """What a key may do, and for which tenants."""

    scopes: frozenset[str]
    tenants: frozenset[str]

    def speaks_for(self, tenant: str) -> bool:
        return "*" in self.tenants or tenant in self.tenants


@dataclass(frozen=True, slots=True)
class Ruleset:
    """One version of everything the edge knows."""

    version: int
    flags: FlagSet
    keys: Mapping[bytes, Key]  # by SHA-256 of the key


NOTHING = Ruleset(0, FlagSet.load({"flags": {}}), {})


def newest(folder: Path, known: Ruleset) -> Ruleset:
    """Return the newest sound ruleset of `folder`, or `known` when there is none newer.

    A torn or damaged file is passed over and said so in the log: the last good version goes on being served.
    """
    versions = sorted((_version_of(path) for path in folder.glob("ruleset-*.json")), reverse=True)
    for version in versions:
        if version <= known.version:
            break
        try:
            return _read(folder / f"ruleset-{version}.json")
        except (OSError, ValueError, KeyError, TypeError, BadRuleset) as error:
            _log.error(
                "ruleset %d cannot be used, version %d goes on being served: %s",
                version,
                known.version,
                error,
            )
    return known


def _version_of(path: Path) -> int:
    number = path.stem.removeprefix("ruleset-")
    return int(number) if number.isdigit() else 0


def _read(path: Path) -> Ruleset:
    head, _, rest = path.read_bytes().partition(b"\n")
    body = rest.rstrip(b"\n")
    told = json.loads(head)
    if hashlib.sha256(body).hexdigest() != told["sha256"]:
        raise ValueError("its checksum does not hold")
    document = json.loads(body)
    if not int(document["version"]) == int(told["version"]) == _version_of(path):
        raise ValueError(f"it is named {path.name} and says it is version {document['version']}")
    keys = {
        bytes.fromhex(key["sha256"]): Key(frozenset(key["scopes"]), frozenset(key["tenants"]))
        for key in document["keys"]
    }
    return Ruleset(int(document["version"]), FlagSet.load(document["flag_sets"]["companyos"]), keys)
