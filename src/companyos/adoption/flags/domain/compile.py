"""Flags, segments and the directory compiled to flagd definitions (https://flagd.dev/reference/flag-definitions).

Teams and departments become the people who are in them today: a program may send any team it likes, and a
directory change is a new ruleset (docs/decisions/0006). A segment is one `$evaluators` entry; flagd does not let
evaluators refer to each other, so whatever names a segment stands in the flag's own rule. Prerequisites are
flattened: a flag is on where its own condition and that of every flag behind it holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from companyos.adoption.flags.domain.types import (
    OFF,
    ON,
    REVERSE,
    Comparison,
    Condition,
    Directory,
    FlagState,
    Kind,
    Lifecycle,
    SegmentSpec,
    SetSpec,
    Slice,
    World,
)
from companyos_sdk.evaluator import BadRuleset, FlagSet, Hashing

Rule = Any  # JsonLogic
_TENANT, _KEY = {"var": "tenant"}, {"var": "targetingKey"}
_HUNDREDTHS = 10_000  # percentages have two decimals
PROBE = "a segment on trial: "


def documents_of(world: World, *, version: int = 0) -> dict[str, dict[str, Any]]:
    """Return the flagd document of every flag set, by name."""
    return {name: document_of(world, chosen, version=version) for name, chosen in sorted(world.sets.items())}


def document_of(world: World, chosen: SetSpec, *, version: int = 0) -> dict[str, Any]:
    """Return the flagd document of one flag set; archived flags are left out."""
    shown = [
        state for _, state in sorted(world.flags.items())
        if state.spec.flag_set == chosen.name and state.spec.lifecycle is not Lifecycle.ARCHIVED
    ]  # fmt: skip
    flags = {state.spec.key: _flag(state, world) for state in shown}
    return {
        "flags": flags,
        "$evaluators": dict(_evaluators(world, chosen)),
        "metadata": {"flagSetId": chosen.name, "version": version, "fractional": str(chosen.fractional)},
    }


def load(document: Mapping[str, Any]) -> FlagSet:
    """Load a compiled document as the edge will. Raises BadRuleset with the path of the node that is wrong."""
    flags = FlagSet.load(document, hashing=Hashing(document["metadata"]["fractional"]))
    for problem in flags.problems.values():
        path, _, said = problem.partition(": ")
        raise BadRuleset(path, said)
    return flags


def load_all(world: World) -> dict[str, FlagSet]:
    """Load every flag set, with every segment on its own beside the flags (`PROBE`). Raises BadRuleset."""
    loaded = {}
    for name, document in documents_of(world).items():
        for slug in world.segments:
            document["flags"][PROBE + slug] = _boolean({"$ref": _segment(slug)})
        loaded[name] = load(document)
    return loaded


def focused(world: World, key: str) -> World:
    """Return the part of a world that decides about one flag: those behind it, those that stand on it, its segments."""
    touched = {key, *dependents(key, world.flags)}
    touched |= {behind for each in touched for behind in prerequisites(each, world.flags)}
    flags = {each: world.flags[each] for each in touched if each in world.flags}
    named = {slug for state in flags.values() for part in _parts(state) for slug in part.segments}
    segments = {slug: segment for slug, segment in world.segments.items() if slug in named}
    return World(flags, segments, world.sets, world.directory, world.back)


def dependents(key: str, flags: Mapping[str, FlagState]) -> tuple[str, ...]:
    """Return every flag that stands on `key`, directly or not."""
    found: dict[str, None] = {}
    waiting = [key]
    while waiting:
        each = waiting.pop()
        for other, state in flags.items():
            if each in state.spec.audience.requires and other not in found:
                found[other] = None
                waiting.append(other)
    return tuple(found)


def probe(world: World, slug: str) -> FlagSet:
    """Return a flag set that answers one thing: who is in a segment, under the key `PROBE + slug`."""
    alone = World({}, {slug: world.segments[slug]}, world.sets, world.directory)
    document = document_of(alone, next(iter(world.sets.values())))
    document["flags"][PROBE + slug] = _boolean({"$ref": _segment(slug)})
    return load(document)


def prerequisites(key: str, flags: Mapping[str, FlagState]) -> tuple[str, ...]:
    """Return every flag behind `key`, nearest first and each once; unknown ones too."""
    found: dict[str, None] = {}
    waiting = list(flags[key].spec.audience.requires) if key in flags else []
    while waiting:
        each = waiting.pop(0)
        if each not in found:
            found[each] = None
            waiting += flags[each].spec.audience.requires if each in flags else ()
    return tuple(found)


def cycle_through(key: str, flags: Mapping[str, FlagState]) -> bool:
    """Tell whether a flag stands behind itself."""
    return key in prerequisites(key, flags)


def _flag(state: FlagState, world: World) -> dict[str, Any]:
    spec = state.spec
    metadata = {
        "kind": str(spec.kind),
        "lifecycle": str(spec.lifecycle),
        "owner": spec.owner,
        "feature": spec.feature,
        "flagVersion": state.version,
        **({"exposure": True} if spec.kind is Kind.EXPERIMENT else {}),
        **({"killed": True} if state.killed else {}),
    }
    is_experiment = spec.kind is Kind.EXPERIMENT
    if is_experiment:
        flag = _experiment(state, world)
    else:
        flag = _boolean(_everything(state, world))
        if spec.shadow.slices:
            _beside(flag, spec.shadow_as, _in_shadow(state, world))
    flag["metadata"] = metadata
    if state.answers_off:
        del flag["targeting"]  # no rule, so no bucket: off is the same everywhere at once
    if spec.lifecycle is Lifecycle.RETIRED:
        flag["state"] = "DISABLED"
    return flag


def _boolean(condition: Rule) -> dict[str, Any]:
    return {
        "state": "ENABLED",
        "variants": {ON: True, OFF: False},
        "defaultVariant": OFF,
        "targeting": {"if": [condition, ON, OFF]},
    }


def _beside(flag: dict[str, Any], variant: str, condition: Rule) -> None:
    """Name those for whom both paths run: the value says who answers, the variant that the other one runs beside."""
    choice = flag["targeting"]["if"]
    if variant == REVERSE:
        flag["variants"][variant] = True
        choice[:0] = [{"and": [choice[0], condition]}, variant]
    else:
        flag["variants"][variant] = False
        choice[2:] = [condition, variant, OFF]


def _in_shadow(state: FlagState, world: World) -> Rule:
    shadowed = replace(state, spec=replace(state.spec, audience=replace(state.spec.shadow, requires=())))
    behind = [world.flags.get(key) for key in prerequisites(state.spec.key, world.flags)]
    if any(each is None or each.answers_off for each in behind):
        return {"==": [1, 0]}
    return _all([_condition(shadowed, world), *(_own(each, world) for each in behind if each is not None)])


def _experiment(state: FlagState, world: World) -> dict[str, Any]:
    """People outside get the value of the first arm under the name `off`, so that nobody counts them as an arm."""
    arms = state.spec.arms
    share = {"fractional": [_salted(f"{state.spec.key}/arms"), *([arm.name, arm.weight] for arm in arms)]}
    return {
        "state": "ENABLED",
        "variants": {OFF: arms[0].name if arms else OFF, **{arm.name: arm.name for arm in arms}},
        "defaultVariant": OFF,
        "targeting": {"if": [_everything(state, world), share, OFF]},
    }


def _everything(state: FlagState, world: World) -> Rule:
    """The whole condition: the flag's own, and that of every flag it needs."""
    behind = [world.flags.get(key) for key in prerequisites(state.spec.key, world.flags)]
    if any(each is None or each.answers_off for each in behind):
        return {"==": [1, 0]}
    return _all([_own(state, world), *(_own(each, world) for each in behind if each is not None)])


def _own(state: FlagState, world: World) -> Rule:
    """The flag's own condition, by reference where the flag set shares it."""
    if _refers(state) or state.answers_off:
        return _condition(state, world)
    return {"$ref": _cohort(state.spec.key)}


def _condition(state: FlagState, world: World) -> Rule:
    spec, parts = state.spec, []
    if spec.lifecycle is Lifecycle.PRERELEASE:
        parts.append(_in(_TENANT, world.sets[spec.flag_set].prerelease_in))
    parts.append(_any([_slice(each, spec.key, world.directory) for each in spec.audience.slices]))
    if spec.audience.exceptions:
        held = _any([_slice(each, spec.key, world.directory) for each in spec.audience.exceptions])
        parts.append({"!": [held]})
    if back := world.back.get(spec.key):
        parts.append({"!": [_in(_KEY, sorted(back))]})  # whatever decides about them: it only takes away
    return _all(parts)


def _slice(each: Slice, key: str, directory: Directory) -> Rule:
    parts: list[Rule] = [{"==": [_TENANT, each.tenant]}] if each.tenant else []
    if each.names_somebody:
        named = _people(each.people, each.teams, each.departments, directory)
        ways = [_in(_KEY, named)] if named or not each.segments else []
        parts.append(_any([*ways, *({"$ref": _segment(slug)} for slug in each.segments)]))
    if each.percent < 100:
        parts += [{"!!": [_KEY]}, _bucket(key, each.percent)]
    return _all(parts)


def _bucket(key: str, percent: float) -> Rule:
    """Whether the person's bucket lies below the percentage: `on` is first, so a larger share only adds people.

    The hashed text is spelled out, so that the bucket stays the same where the rule stands in another flag.
    """
    on = round(percent * 100)
    return {"==": [{"fractional": [_salted(key), [ON, on], [OFF, _HUNDREDTHS - on]]}, ON]}


def _salted(salt: str) -> Rule:
    return {"cat": [salt, _KEY]}


def _evaluators(world: World, chosen: SetSpec) -> Iterator[tuple[str, Rule]]:
    for key, state in sorted(world.flags.items()):
        is_asked_here = state.spec.flag_set == chosen.name or _is_needed_in(key, chosen.name, world)
        if is_asked_here and not state.answers_off and not _refers(state):
            yield _cohort(key), _condition(state, world)
    for slug, segment in sorted(world.segments.items()):
        yield _segment(slug), _segment_rule(segment, world.directory)


def _is_needed_in(key: str, name: str, world: World) -> bool:
    in_set = (each.spec.key for each in world.flags.values() if each.spec.flag_set == name)
    return any(key in prerequisites(each, world.flags) for each in in_set)


def _refers(state: FlagState) -> bool:
    """Whether its condition names a segment, which an evaluator may not."""
    return any(part.segments for part in _parts(state))


def _parts(state: FlagState) -> tuple[Slice, ...]:
    shadow = state.spec.shadow
    return (
        *state.spec.audience.slices,
        *state.spec.audience.exceptions,
        *shadow.slices,
        *shadow.exceptions,
    )


def _segment_rule(segment: SegmentSpec, directory: Directory) -> Rule:
    if segment.rule is not None:
        return segment.rule
    ways: list[Rule] = [_in(_TENANT, segment.tenants)] if segment.tenants else []
    if segment.people or segment.teams or segment.departments:
        ways.append(_in(_KEY, _people(segment.people, segment.teams, segment.departments, directory)))
    tests = [_test(each) for each in segment.conditions]
    if not ways and not tests:
        return {"==": [1, 0]}
    return _all([*([_any(ways)] if ways else []), *tests])


def _test(each: Condition) -> Rule:
    attribute, values = {"var": each.attribute}, list(each.values)
    match each.test:
        case Comparison.IS:
            return _in(attribute, values)
        case Comparison.IS_NOT:
            return {"!": [_in(attribute, values)]}
        case Comparison.STARTS_WITH | Comparison.ENDS_WITH:
            return _any([{str(each.test): [attribute, value]} for value in values])
        case Comparison.AT_LEAST:
            return _all([{"!==": [attribute, None]}, {">=": [attribute, min(values)]}])
        case Comparison.AT_MOST:
            return _all([{"!==": [attribute, None]}, {"<=": [attribute, max(values)]}])
        case Comparison.VERSION_AT_LEAST:
            return _any([{"sem_ver": [attribute, ">=", value]} for value in values])


def _people(
    people: Iterable[str], teams: tuple[str, ...], departments: tuple[str, ...], directory: Directory
) -> list[str]:
    return sorted({*people, *directory.of_teams(teams, departments)})


def _in(what: Rule, names: Iterable[Any]) -> Rule:
    return {"in": [what, list(names)]}


def _all(parts: list[Rule]) -> Rule:
    if not parts:
        return {"==": [1, 1]}
    return parts[0] if len(parts) == 1 else {"and": parts}


def _any(parts: list[Rule]) -> Rule:
    if not parts:
        return {"==": [1, 0]}
    return parts[0] if len(parts) == 1 else {"or": parts}


def _cohort(key: str) -> str:
    return f"cohort of {key}"


def _segment(slug: str) -> str:
    return f"segment {slug}"
