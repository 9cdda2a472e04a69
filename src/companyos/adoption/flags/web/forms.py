"""The change form: a flag as fields, and what was filled in as a flag's document again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from companyos.adoption.flags import queries
from companyos.adoption.flags.domain.diff import titled
from companyos.adoption.flags.domain.refusals import Unclear
from companyos.adoption.flags.domain.types import FlagSpec, FlagState, Kind, Lifecycle, Slice, World
from companyos.adoption.flags.web.pages import Choice, FormPage, SliceForm

MOST_GROUPS = 20
_GROUPS = {"slices": "On for", "exceptions": "Never for"}


def blank(posted: QueryDict | None = None) -> FlagSpec:
    """Return an empty flag of the kind that was chosen."""
    kind = posted.get("kind", "") if posted else str(Kind.RELEASE)
    return FlagSpec("", "", Kind(kind) if kind in list(Kind) else Kind.RELEASE)


def page_of(state: FlagState, now: datetime, *, is_new: bool = False, extra: int = 0) -> FormPage:
    """Return the form of a flag as it stands, with one empty group to fill in when it has none."""
    here, titles = queries.world(), queries.names()
    spec = state.spec
    teams = sorted((title, slug) for slug, title in here.directory.teams.items())
    life = _life(state, is_new=is_new)
    groups = list(spec.audience.slices) + [Slice()] * extra
    return FormPage(
        now,
        "" if is_new else spec.key,
        spec.key,
        state.version,
        spec.title,
        spec.description,
        spec.feature,
        spec.kind,
        tuple(Choice(str(k), str(k).replace("_", " ").capitalize(), k is spec.kind) for k in Kind),
        tuple(Choice(slug, title, slug == spec.owner) for title, slug in teams),
        tuple(Choice(str(each), str(each).capitalize(), each is spec.lifecycle) for each in life),
        spec.expires.isoformat() if spec.expires else "",
        "\n".join(f"{arm.name} {arm.weight}" for arm in spec.arms),
        tuple(Choice(key, key, key in spec.audience.requires) for key in here.flags if key != spec.key),
        tuple(group(f"slices-{n}", each, here, titles) for n, each in enumerate(groups)),
        tuple(
            group(f"exceptions-{n}", each, here, titles) for n, each in enumerate(spec.audience.exceptions)
        ),
        is_driven_by=state.driven_by,
    )


def empty_group(kind: str, number: int) -> SliceForm:
    """Return one more group for the form."""
    return group(f"{kind}-{number}", Slice(), queries.world(), queries.names())


def group(prefix: str, each: Slice, here: World, titles: Mapping[str, str]) -> SliceForm:
    def chosen(kind: str, slugs: Iterable[str], names: Sequence[str]) -> tuple[Choice, ...]:
        told = sorted((titled(titles, kind, slug), slug) for slug in slugs)
        return tuple(Choice(slug, title, slug in names) for title, slug in told)

    kind = prefix.partition("-")[0]
    directory = here.directory
    return SliceForm(
        prefix,
        _GROUPS[kind],
        chosen("tenant", directory.tenants, (each.tenant,)),
        chosen("team", directory.teams, each.teams),
        chosen("department", directory.departments, each.departments),
        chosen("segment", here.segments, each.segments),
        ", ".join(each.people),
        f"{each.percent:g}",
        has_percent=kind == "slices",
    )


def changes_from(posted: QueryDict, spec: FlagSpec, *, is_driven: bool) -> dict[str, Any]:
    """Return what was filled in as fields of a flag's document. Raises Unclear for what cannot be read."""
    changes: dict[str, Any] = {
        "title": posted.get("title", ""),
        "description": posted.get("description", ""),
        "owner": posted.get("owner", ""),
        "feature": posted.get("feature", ""),
        "expires": posted.get("expires") or None,
    }
    if spec.kind is Kind.EXPERIMENT or posted.get("kind") == Kind.EXPERIMENT:
        changes["arms"] = _arms(posted.get("arms", ""))
    if is_driven:
        return changes  # its rollout decides who gets it: the form does not ask
    changes["lifecycle"] = posted.get("lifecycle", str(spec.lifecycle))
    changes["audience"] = {
        "slices": _slices(posted, "slices"),
        "exceptions": _slices(posted, "exceptions"),
        "requires": posted.getlist("requires"),
    }
    return changes


def moment_from(posted: QueryDict) -> datetime | None:
    """Return when the change is to be made; None for now. The form asks in UTC. Raises Unclear."""
    said = posted.get("at", "").strip()
    if not said:
        return None
    try:
        return datetime.fromisoformat(said).replace(tzinfo=UTC)
    except ValueError:
        raise Unclear(f"{said!r} is no moment; write it as 2027-01-04T09:00.", "at") from None


def _life(state: FlagState, *, is_new: bool) -> tuple[Lifecycle, ...]:
    life = tuple(Lifecycle)
    if is_new:
        return life[:2]
    place = life.index(state.spec.lifecycle)
    return life[place : place + (2 if place >= 1 else 3)]


def _slices(posted: QueryDict, kind: str) -> list[dict[str, Any]]:
    prefixes = [f"{kind}-{n}" for n in range(MOST_GROUPS) if f"{kind}-{n}-there" in posted]
    return [_slice(posted, prefix) for prefix in prefixes if f"{prefix}-drop" not in posted]


def _slice(posted: QueryDict, prefix: str) -> dict[str, Any]:
    people = [name for name in posted.get(f"{prefix}-people", "").replace(",", " ").split() if name]
    part: dict[str, Any] = {
        "tenant": posted.get(f"{prefix}-tenant", ""),
        "people": people,
        **{name: posted.getlist(f"{prefix}-{name}") for name in ("teams", "departments", "segments")},
    }
    percent = posted.get(f"{prefix}-percent", "100").strip() or "100"
    try:
        part["percent"] = float(percent)
    except ValueError:
        raise Unclear(
            f"{percent!r} is no percentage; write a number from 0 to 100.", f"{prefix}.percent"
        ) from None
    return {name: value for name, value in part.items() if value not in ("", [])}


def _arms(text: str) -> list[dict[str, Any]]:
    arms = []
    for line in filter(None, (each.strip() for each in text.splitlines())):
        name, _, weight = line.rpartition(" ")
        if not name or not weight.isdigit():
            raise Unclear(f"An arm is a name and a weight, as `plain 50`, not {line!r}.", "arms")
        arms.append({"name": name.strip(), "weight": int(weight)})
    return arms
