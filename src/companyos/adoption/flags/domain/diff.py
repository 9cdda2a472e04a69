"""What changed between two versions of a flag or a segment, in fields and in words; and an audience in plain words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from companyos.adoption.flags.domain.types import FlagSpec, Kind, Lifecycle, Slice

_NUMBERED = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed; a value that is not there is None."""

    field: str
    before: Any
    after: Any

    @property
    def sentence(self) -> str:
        name = _name(self.field)
        if (
            isinstance(self.before, list)
            and isinstance(self.after, list)
            and _are_names(self.before + self.after)
        ):
            return f"{name}: {_moved(self.before, self.after)}"
        if self.before in (None, "", []):
            return f"{name}: {_shown(self.after)}, new"
        if self.after in (None, "", []):
            return f"{name}: {_shown(self.before)}, taken away"
        return f"{name}: {_shown(self.before)} → {_shown(self.after)}"


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Compare two documents field by field; a list of names is one field."""
    return tuple(_walk("", before, after))


def _walk(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in sorted(before.keys() | after.keys()):
            yield from _walk(f"{path}.{name}" if path else name, before.get(name), after.get(name))
    elif _has_parts(before, after):
        was, will = _by_name(before or [], after or [])
        for name in sorted(was.keys() | will.keys()):
            yield from _walk(f"{path}[{name}]", was.get(name), will.get(name))
    elif isinstance(after, Mapping) or isinstance(before, Mapping):
        yield from _walk(path, before or {}, after or {})
    else:
        yield Change(path, before, after)


def _by_name(before: list[Any], after: list[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pair the parts of two lists by what tells them apart, so that a new first one does not change all others."""
    for field in ("tenant", "name", "attribute"):
        sides = [[each.get(field) for each in side] for side in (before, after)]
        if all(all(side) and len(set(side)) == len(side) for side in sides):
            named = [{each[field]: _without(each, field) for each in side} for side in (before, after)]
            return named[0], named[1]
    numbered = [{str(n): each for n, each in enumerate(side, 1)} for side in (before, after)]
    return numbered[0], numbered[1]


def _without(each: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in each.items() if name != field} or {"everybody": True}


def _name(field: str) -> str:
    """`audience.slices[1].percent` as `slice 1, percent`."""
    plain = _NUMBERED.sub(r" \1", field.removeprefix("audience.").replace("s[", "["))
    return plain.replace("_", " ").replace(".", ", ")


def _has_parts(before: Any, after: Any) -> bool:
    sides = [side for side in (before, after) if side]
    return bool(sides) and all(isinstance(s, list) and all(isinstance(e, Mapping) for e in s) for s in sides)


def _are_names(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _moved(before: list[str], after: list[str]) -> str:
    added, gone = sorted(set(after) - set(before)), sorted(set(before) - set(after))
    parts = [f"+ {_some(added)}"] * bool(added) + [f"− {_some(gone)}"] * bool(gone)
    return "; ".join(parts) or "another order"


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return _some([str(each) for each in value])
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = (
        value.replace("_", " ")
        if isinstance(value, str)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
    return text if len(text) <= 120 else text[:117] + "…"


def in_words(spec: FlagSpec, titles: Mapping[str, str]) -> tuple[str, ...]:
    """Say who gets a flag, one sentence a line; `titles` names tenants, teams and the rest."""
    audience, lines = spec.audience, []
    if spec.lifecycle is Lifecycle.PRERELEASE:
        lines.append("A prerelease: whatever follows, it is on only in the tenants that show prereleases.")
    lines += [f"On for {slice_in_words(each, titles)}." for each in audience.slices] or ["Off for everybody."]
    lines += [f"Never for {slice_in_words(each, titles)}." for each in audience.exceptions]
    lines += [f"Only where {key} is on." for key in audience.requires]
    if spec.kind is Kind.EXPERIMENT:
        lines.append(f"Those people are divided: {_arms(spec)}.")
    return tuple(lines)


def slice_in_words(each: Slice, titles: Mapping[str, str]) -> str:
    """`25 % of Sales and Support in Sales, CS & Support`."""
    named = [titled(titles, "team", slug) for slug in each.teams]
    named += [titled(titles, "department", slug) for slug in each.departments]
    named += [f"segment {titled(titles, 'segment', slug)}" for slug in each.segments]
    if each.people:
        named.append(
            titles.get(each.people[0], each.people[0])
            if len(each.people) == 1
            else f"{len(each.people)} named people"
        )
    who = _listed(named) or "everybody"
    share = "" if each.percent == 100 else f"{each.percent:g} % of "
    where = f" in {titled(titles, 'tenant', each.tenant)}" if each.tenant else ""
    return f"{share}{who}{where}"


def titled(titles: Mapping[str, str], kind: str, slug: str) -> str:
    """The title of a thing of a kind, or its slug where it has none."""
    return titles.get(f"{kind} {slug}", slug)


def _arms(spec: FlagSpec) -> str:
    total = sum(arm.weight for arm in spec.arms) or 1
    return _listed([f"{arm.weight / total:.0%} {arm.name}" for arm in spec.arms])


def _listed(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
