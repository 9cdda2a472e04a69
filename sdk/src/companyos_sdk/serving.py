"""The ruleset a program serves from, and whether what a server sent may take its place."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from companyos_sdk.answers import NoAnswers, TypedAnswers
from companyos_sdk.evaluator import BadRuleset, FlagSet, FlagType, Hashing
from companyos_sdk.evaluator.flagset import no_collection


class Unusable(Exception):
    """What was sent or stored cannot be served; says why. The last good ruleset goes on being served."""


@dataclass(frozen=True, slots=True, eq=False)
class Serving:
    """One version of one flag set, ready to be asked. It is only ever replaced as a whole."""

    version: int
    etag: str | None
    sha256: str
    document: Mapping[str, Any]
    flags: FlagSet
    booleans: TypedAnswers
    strings: TypedAnswers
    integers: TypedAnswers
    floats: TypedAnswers
    objects: TypedAnswers


def serving_of(
    document: Mapping[str, Any],
    *,
    version: int,
    etag: str | None = None,
    sha256: str = "",
    hashing: Hashing | None = None,
) -> Serving:
    """Compile a document. Raises BadRuleset."""
    with no_collection():
        flags = FlagSet.load(document, hashing=hashing)
        answers = [TypedAnswers(flags, kind) for kind in FlagType]
    return Serving(version, etag, sha256, document, flags, *answers)


_NO_FLAGS = FlagSet.load({"flags": {}})
NOTHING = Serving(0, None, "", {}, _NO_FLAGS, *[NoAnswers(_NO_FLAGS, kind) for kind in FlagType])


def successor(body: bytes, etag: str | None, known: Serving, *, flag_set: str | None = None) -> Serving:
    """What to serve after a server sent this: the known ruleset when it is the same, or a newer one.

    Raises Unusable for what is no flagd document with a version, breaks its format, is another flag set than the one
    asked for, or is older than the known one.
    """
    digest = hashlib.sha256(body).hexdigest()
    if digest == known.sha256:
        return known
    document = _parsed(body)
    metadata = document.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    version, told_set = _version_of(metadata), metadata.get("flagSetId")
    if flag_set is not None and told_set not in (None, flag_set):
        raise Unusable(f"this is the flag set {told_set!r}, not {flag_set!r}")
    if version < known.version:
        raise Unusable(
            f"version {version} came after version {known.version}, and time does not run backwards. If the server "
            "was set up anew, delete the bootstrap file of this program and restart it"
        )
    try:
        return serving_of(document, version=version, etag=etag, sha256=digest)
    except BadRuleset as problem:
        raise Unusable(f"version {version} breaks the format: {problem}") from None


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise Unusable(f"{len(body)} bytes that are no JSON: {problem}") from None
    if not isinstance(document, dict):
        raise Unusable("the document is no JSON object")
    return document


def _version_of(metadata: Mapping[str, Any]) -> int:
    version = metadata.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise Unusable("the document names no version (metadata.version, a whole number above 0)")
    return version


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The flags whose definition differs between two documents, or that lean on a shared rule that does."""
    before, after = old.get("flags") or {}, new.get("flags") or {}
    shared_differ = old.get("$evaluators") != new.get("$evaluators")
    return sorted(
        key
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key) or (shared_differ and '"$ref"' in json.dumps(after.get(key)))
    )
