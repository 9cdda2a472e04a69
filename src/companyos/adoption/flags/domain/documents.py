"""Flags and segments as plain JSON, the shape of program files, of the API and of the stored history.

Reading is strict: an unknown field or a wrong type is a `Malformed` with the path of what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from companyos.adoption.flags.domain.types import (
    DUAL_RUN,
    MAIN_SET,
    REVERSE,
    SHADOW,
    Arm,
    Audience,
    Comparison,
    Condition,
    FlagSpec,
    Killed,
    Kind,
    Lifecycle,
    SegmentSpec,
    Slice,
)

C = TypeVar("C", bound=StrEnum)

KEY = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
LONGEST_KEY, LONGEST_TEXT = 64, 2_000
MOST_SLICES, MOST_NAMES, MOST_ARMS, MOST_CONDITIONS = 100, 10_000, 20, 50
RESERVED = frozenset({"stale", "preview", "new", "groups"})  # addresses of their own


class Malformed(ValueError):
    """A document that says something a flag cannot mean; `path` is where."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path, self.problem = path, problem


def flag_from(document: Mapping[str, Any]) -> FlagSpec:
    """Read a flag. Raises Malformed."""
    known = _known(document, FlagSpec, "")
    spec = FlagSpec(
        key=_key(known, "key"),
        title=_text(known, "title", needed=True),
        kind=_choice(Kind, known, "kind", Kind.RELEASE),
        owner=_text(known, "owner"),
        feature=_text(known, "feature"),
        description=_text(known, "description"),
        flag_set=_text(known, "flag_set") or MAIN_SET,
        lifecycle=_choice(Lifecycle, known, "lifecycle", Lifecycle.LIVE),
        expires=_day(known, "expires"),
        arms=_many(known, "arms", _arm, most=MOST_ARMS),
        audience=_audience(known.get("audience") or {}, "audience"),
        shadow=_audience(known.get("shadow") or {}, "shadow"),
        shadow_as=_shadow_as(known),
    )
    names = [arm.name for arm in spec.arms]
    if len(set(names)) != len(names):
        raise Malformed("arms", "two arms have the same name; each needs its own")
    return spec


def segment_from(document: Mapping[str, Any]) -> SegmentSpec:
    """Read a segment. Raises Malformed."""
    known = _known(document, SegmentSpec, "")
    segment = SegmentSpec(
        slug=_key(known, "slug"),
        title=_text(known, "title", needed=True),
        owner=_text(known, "owner"),
        description=_text(known, "description"),
        tenants=_names(known, "tenants"),
        teams=_names(known, "teams"),
        departments=_names(known, "departments"),
        people=_names(known, "people"),
        conditions=_many(known, "conditions", _condition, most=MOST_CONDITIONS),
        rule=known.get("rule"),
    )
    if segment.rule is not None:
        if not isinstance(segment.rule, dict):
            raise Malformed("rule", "a rule is an object with one JsonLogic operator")
        if segment.tenants or segment.teams or segment.departments or segment.people or segment.conditions:
            raise Malformed("rule", "a segment has a rule or names people, not both")
    return segment


def plain(value: Any) -> Any:
    """A spec in plain JSON, defaults left out; `flag_from` and `segment_from` undo it."""
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if hasattr(value, "__dataclass_fields__"):
        named = ((f.name, getattr(value, f.name), f.default) for f in fields(value))
        return {name: plain(item) for name, item, default in named if item != default or default is MISSING}
    return value


def killed_from(document: Mapping[str, Any] | None) -> Killed | None:
    if not document:
        return None
    return Killed(document["by"], datetime.fromisoformat(document["at"]), document["because"])


def _audience(document: Any, path: str) -> Audience:
    known = _known(document, Audience, path)
    return Audience(
        slices=_many(known, "slices", _slice, path, most=MOST_SLICES),
        exceptions=_many(known, "exceptions", _slice, path, most=MOST_SLICES),
        requires=_names(known, "requires", path),
    )


def _shadow_as(known: Mapping[str, Any]) -> str:
    variant = known.get("shadow_as", SHADOW)
    if variant not in {SHADOW, DUAL_RUN, REVERSE}:
        raise Malformed("shadow_as", f"allowed: {SHADOW}, {DUAL_RUN}, {REVERSE}")
    return str(variant)


def _slice(document: Any, path: str) -> Slice:
    known = _known(document, Slice, path)
    percent = known.get("percent", 100.0)
    if isinstance(percent, bool) or not isinstance(percent, (int, float)) or not 0 <= percent <= 100:
        raise Malformed(f"{path}.percent", "a percentage is a number from 0 to 100")
    return Slice(
        tenant=_text(known, "tenant", path),
        teams=_names(known, "teams", path),
        departments=_names(known, "departments", path),
        people=_names(known, "people", path),
        segments=_names(known, "segments", path),
        percent=round(float(percent), 2),
    )


def _arm(document: Any, path: str) -> Arm:
    known = _known(document, Arm, path)
    weight = known.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int) or not 0 <= weight <= 1_000_000:
        raise Malformed(f"{path}.weight", "a weight is a whole number from 0 to 1,000,000")
    name = _key(known, "name", path)
    if name == "off":
        raise Malformed(f"{path}.name", "`off` is the variant of people outside the experiment")
    return Arm(name, weight)


def _condition(document: Any, path: str) -> Condition:
    known = _known(document, Condition, path)
    attribute = _text(known, "attribute", path, needed=True)
    test = _choice(Comparison, known, "test", Comparison.IS, path)
    values = known.get("values")
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_NAMES:
        raise Malformed(f"{path}.values", "a list of at least one value belongs here")
    is_number = test in {Comparison.AT_LEAST, Comparison.AT_MOST}
    wanted: tuple[type, ...] = (int, float) if is_number else (str,)
    if any(isinstance(v, bool) or not isinstance(v, wanted) for v in values):
        raise Malformed(f"{path}.values", f"`{test}` compares with {'numbers' if is_number else 'texts'}")
    return Condition(attribute, test, tuple(values))


def _known(document: Any, shape: type, path: str) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise Malformed(path, "fields (name: value) belong here")
    allowed = [f.name for f in fields(shape)]
    for name in document:
        if name not in allowed:
            raise Malformed(_at(path, str(name)), f"there is no such field; allowed: {', '.join(allowed)}")
    return document


def _many(
    known: Mapping[str, Any], name: str, read: Callable[[Any, str], Any], path: str = "", *, most: int
) -> Any:
    items = known.get(name) or []
    where = _at(path, name)
    if not isinstance(items, list) or len(items) > most:
        raise Malformed(where, f"a list of at most {most} belongs here")
    return tuple(read(item, f"{where}[{place}]") for place, item in enumerate(items))


def _names(known: Mapping[str, Any], name: str, path: str = "") -> tuple[str, ...]:
    items = known.get(name) or []
    if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
        raise Malformed(_at(path, name), "a list of names belongs here")
    if len(items) > MOST_NAMES:
        raise Malformed(_at(path, name), f"a list holds at most {MOST_NAMES:,} names")
    return tuple(dict.fromkeys(items))


def _text(known: Mapping[str, Any], name: str, path: str = "", *, needed: bool = False) -> str:
    value = known.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_TEXT or (needed and not value.strip()):
        raise Malformed(_at(path, name), f"a text of at most {LONGEST_TEXT:,} characters belongs here")
    return value.strip()


def _key(known: Mapping[str, Any], name: str, path: str = "") -> str:
    value = _text(known, name, path, needed=True)
    if not KEY.fullmatch(value) or len(value) > LONGEST_KEY or value in RESERVED:
        raise Malformed(
            _at(path, name), "lower-case words joined by . - or _ belong here, at most 64 characters"
        )
    return value


def _choice(kind: type[C], known: Mapping[str, Any], name: str, default: C, path: str = "") -> C:
    value = known.get(name, default)
    if value not in list(kind):
        raise Malformed(_at(path, name), f"allowed: {', '.join(kind)}")
    return kind(value)


def _day(known: Mapping[str, Any], name: str) -> date | None:
    value = known.get(name)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Malformed(name, "a day belongs here, as 2027-03-31") from None


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
