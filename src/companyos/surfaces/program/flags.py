"""Flags and segments of the program's files: read by the flags' own reader, checked by the evaluator, with lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain.documents import Malformed, flag_from, segment_from
from companyos.adoption.flags.domain.types import FlagSpec, FlagState, Hashing, SegmentSpec, SetSpec, World
from companyos.surfaces.program.references import Files, doubles, unknown
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import FlagFile, Problem
from companyos_sdk.evaluator import BadRuleset

_STEP = re.compile(r"([A-Za-z_]+)|\[(\d+)\]")
_NAMED = (("teams", "team"), ("departments", "department"), ("people", "person"), ("segments", "segment"))


def problems_of_flags(files: Files) -> Iterator[Problem]:
    """Say everything that is wrong with flag sets, segments and flags."""
    yield from doubles(files.entries("flag set"), "name", "flag set")
    yield from doubles(files.entries("segment"), "slug", "segment")
    yield from doubles(files.entries("flag"), "key", "flag")
    for chosen in files.entries("flag set"):
        for field, kind in (("prerelease_in", "tenant"), ("leads", "person")):
            for name in chosen.field(field).items():
                yield from unknown(files, kind, name)
    for segment in files.entries("segment"):
        yield from _names(files, segment)
        yield from unknown(files, "team", segment.field("owner"))
        for tenant in segment.field("tenants").items():
            yield from unknown(files, "tenant", tenant)
    for flag in files.entries("flag"):
        yield from _flag(files, flag)
    yield from _evaluated(files)


def set_of(entry: Node) -> SetSpec:
    document = entry.plain()
    return SetSpec(
        document["name"],
        Hashing(document.get("fractional", Hashing.V2)),
        tuple(document.get("prerelease_in", ())),
        tuple(document.get("leads", ())),
    )


def segment_of(entry: Node) -> SegmentSpec:
    return segment_from(entry.plain())


def flag_of(entry: Node) -> FlagFile:
    document = entry.plain()
    exemption = str(document.pop("exemption", ""))
    return FlagFile(flag_from(document), "audience" in document, exemption)


def _flag(files: Files, flag: Node) -> Iterator[Problem]:
    yield from unknown(files, "team", flag.field("owner"))
    yield from unknown(files, "feature", flag.field("feature"))
    if files.entries("flag set"):
        yield from unknown(files, "flag set", flag.field("flag_set"))
    audience = flag.field("audience")
    for part in (*audience.field("slices").items(), *audience.field("exceptions").items()):
        yield from unknown(files, "tenant", part.field("tenant"))
        yield from _names(files, part)
    flags_of_features = {feature.field("flag").text for feature in files.features}
    for key in audience.field("requires").items():
        if key.text not in flags_of_features:
            yield from unknown(files, "flag", key)


def _names(files: Files, part: Node) -> Iterator[Problem]:
    for field, kind in _NAMED:
        for name in part.field(field).items():
            yield from unknown(files, kind, name)


def _evaluated(files: Files) -> Iterator[Problem]:
    """Read and compile what is well formed, so that a rule bomb or a circle is told with its line."""
    segments, flags = {}, {}
    for node in files.entries("segment"):
        try:
            segment = segment_of(node)
            segments[segment.slug] = (segment, node)
        except Malformed as wrong:
            yield _at(node, wrong.path).problem(wrong.problem)
        except (KeyError, TypeError, ValueError):
            continue  # the schema has said what is wrong with it
    for node in files.entries("flag"):
        try:
            spec = flag_of(node).spec
            flags[spec.key] = (spec, node)
        except Malformed as wrong:
            yield _at(node, wrong.path).problem(wrong.problem)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue
    yield from _circles(flags)
    for segment, node in segments.values():
        if problem := _refused(World({}, {segment.slug: segment})):
            yield node.field("rule").problem(f"the evaluator refuses this: {problem}")


def _circles(flags: dict[str, tuple[FlagSpec, Node]]) -> Iterator[Problem]:
    states = {key: FlagState(spec) for key, (spec, _) in flags.items()}
    for key, (spec, node) in flags.items():
        if compiler.cycle_through(key, states):
            said = f"`{key}` would require itself, through {' and '.join(spec.audience.requires)}"
            yield (
                node.field("audience")
                .field("requires")
                .problem(f"{said}; allowed: flags that do not require it")
            )


def _refused(world: World) -> str:
    try:
        compiler.load_all(world)
    except BadRuleset as bad:
        return f"{bad.problem} (at {bad.path})"
    return ""


def _at(node: Node, path: str) -> Node:
    """Walk to the node that the flags' reader names, as far as it exists."""
    for name, place in _STEP.findall(path):
        items: Any = node.items()
        node = node.field(name) if name else items[int(place)] if int(place) < len(items) else node
    return node
