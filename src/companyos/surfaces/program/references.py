"""Every name in the program's files must lead somewhere, and only to one thing.

The checks walk raw nodes, so that a file with a mistake in its shape still gets all of its other mistakes told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import PurePosixPath

from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem

LISTED_IN_FULL = 25
LEAST_SCORES = 2
NPS = (0, 10, 9)  # its scale, and from where a score promotes: the same everywhere, or it is no NPS
ONE_FILE_FOR_EACH = ("feature", "survey", "request type", "scorecard")
MAY_BE_EMPTY = (*ONE_FILE_FOR_EACH, "segment", "flag", "row", "definition")


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a program as read; one that could not be read is an empty node."""

    company: Node
    tenants: Node
    organisation: Node
    people: Node
    areas: Node
    features: tuple[Node, ...]
    plans: tuple[Node, ...]
    surveys: tuple[Node, ...]
    requests: tuple[Node, ...] = ()
    cases: tuple[Node, ...] = ()
    flags: Node = field(default_factory=lambda: Node("flags.yaml", 1))
    readiness: tuple[Node, ...] = ()
    playbooks: tuple[Node, ...] = ()
    definitions: Node = field(default_factory=lambda: Node("definitions.yaml", 1))
    registers: Node = field(default_factory=lambda: Node("registers.yaml", 1))
    _by_slug: dict[str, dict[str, Node]] = field(default_factory=dict, compare=False)

    def entries(self, kind: str) -> tuple[Node, ...]:
        """Return the entries of one kind, named as people would: tenant, team, person, feature and so on."""
        return {
            "tenant": self.tenants.field("tenants").items(),
            "department": self.organisation.field("departments").items(),
            "team": self.organisation.field("teams").items(),
            "person": self.people.field("people").items(),
            "lead team": self.areas.field("lead_teams").items(),
            "area": self.areas.field("areas").items(),
            "feature": self.features,
            "survey": self.surveys,
            "request type": self.requests,
            "scorecard": self.readiness,
            "row": tuple(
                row
                for card in self.readiness
                for group in card.field("groups").items()
                for row in group.field("rows").items()
            ),
            "definition": self.definitions.field("definitions").items(),
            "flag set": self.flags.field("flag_sets").items(),
            "segment": self.flags.field("segments").items(),
            "flag": self.flags.field("flags").items(),
        }[kind]

    def are_read(self, kind: str) -> bool:
        """Tell whether every file that lists entries of this kind could be read; a file for each goes by its name."""
        return all(node.is_read for node in self._listing(kind))

    def _listing(self, kind: str) -> tuple[Node, ...]:
        match kind:
            case "row":
                return self.readiness
            case "definition":
                return (self.definitions,)
            case "flag set" | "segment" | "flag":
                return (self.flags,)
            case _:
                return ()  # of the others an empty list says that its file could not be read

    def named(self, kind: str) -> dict[str, Node]:
        """Return the entries of one kind by slug; the first wins."""
        if kind not in self._by_slug:
            entries = reversed(self.entries(kind))
            found = {_slug(entry, kind): entry for entry in entries}
            self._by_slug[kind] = {slug: entry for slug, entry in found.items() if slug}
        return self._by_slug[kind]


def problems_of_reference(files: Files) -> Iterator[Problem]:
    """Say every name that is used twice or leads nowhere, in all files but for the stages of plans."""
    yield from _doubles_everywhere(files)
    yield from _file_names(files)
    yield from _organisation(files)
    yield from _tenants(files)
    yield from _areas_and_features(files)
    yield from _surveys(files)
    for plan in files.plans:
        yield from unknown(files, "feature", plan.field("feature"))
        yield from unknown(files, "person", plan.field("lead"))
        for _, holder in plan.field("roles").fields():
            yield from unknown(files, "person", holder)


def unknown(files: Files, kind: str, reference: Node) -> Iterator[Problem]:
    """Say that `reference` names no `kind` there is.

    Nothing is said when it is empty or right, or when a file that defines the kind could not be read: then that
    file has its own problem, and every reference would only repeat it.
    """
    known = files.named(kind)
    can_tell = files.are_read(kind) and (bool(known) or kind in MAY_BE_EMPTY)
    if can_tell and reference.text and reference.text not in known:
        yield reference.problem(f"there is no {kind} `{reference.text}`; {choice(reference.text, known)}")


def _slug(entry: Node, kind: str) -> str:
    """Return the slug of an entry; a file of its own that cannot be read still counts by its name."""
    stem = PurePosixPath(entry.file).stem if kind in ONE_FILE_FOR_EACH else ""
    keys = {
        "scorecard": ("scorecard",),
        "definition": ("name",),
        "flag": ("key", "name"),
        "flag set": ("key", "name"),
    }
    named = (entry.field(key).text for key in keys.get(kind, ("slug",)))
    return next(filter(None, named), stem)


def choice(wrong: str, known: Iterable[str]) -> str:
    """Say what may be written instead: everything when that is short, else the nearest names."""
    names = sorted(known)
    near = get_close_matches(wrong, names, n=3, cutoff=0.5)
    meant = f"did you mean {' or '.join(f'`{name}`' for name in near)}? " if near else ""
    if len(names) > LISTED_IN_FULL:
        return f"{meant}allowed: one of the {len(names)} there are"
    return f"{meant}allowed: {', '.join(names) or 'none, as none is defined'}"


def doubles(entries: Iterable[Node], key: str, kind: str) -> Iterator[Problem]:
    """Say every value of `key` that an earlier entry already has."""
    first: dict[str, Node] = {}
    for entry in entries:
        name = entry.field(key)
        if name.text and name.text in first:
            there = first[name.text]
            said = f"{kind} `{name.text}` is already defined at {there.file}:{there.line}"
            yield name.problem(f"{said}; allowed: each {key} once")
        first.setdefault(name.text, name)


def _doubles_everywhere(files: Files) -> Iterator[Problem]:
    for kind in ("tenant", "department", "team", "person", "lead team", "area", "feature", "survey"):
        yield from doubles(files.entries(kind), "slug", kind)
    yield from doubles(files.entries("person"), "email", "the address")
    yield from doubles(files.features, "flag", "the flag")
    yield from doubles(files.plans, "plan", "plan")


def _file_names(files: Files) -> Iterator[Problem]:
    named = [(node, "slug") for node in (*files.features, *files.surveys)] + [
        (node, "plan") for node in files.plans
    ]
    for node, key in named:
        slug, stem = node.field(key), PurePosixPath(node.file).stem
        if slug.text and slug.text != stem:
            yield slug.problem(
                f"`{slug.text}` stands in the file {stem}.yaml; allowed: `{stem}`, or rename the file"
            )


def _organisation(files: Files) -> Iterator[Problem]:
    for team in files.entries("team"):
        yield from unknown(files, "department", team.field("department"))
        yield from unknown(files, "tenant", team.field("tenant"))
        yield from unknown(files, "tenant", team.field("works_in"))
        yield from unknown(files, "person", team.field("lead"))
        yield from _a_lead_is_a_member(files, team)
    for person in files.entries("person"):
        yield from unknown(files, "team", person.field("team"))


def _a_lead_is_a_member(files: Files, team: Node) -> Iterator[Problem]:
    lead, slug = team.field("lead"), team.field("slug").text
    person = files.named("person").get(lead.text)
    if person and slug and person.field("team").text != slug:
        elsewhere = person.field("team").text
        yield lead.problem(
            f"`{lead.text}` leads `{slug}` but is in `{elsewhere}`; allowed: a member of `{slug}`"
        )


def _tenants(files: Files) -> Iterator[Problem]:
    for tenant in files.entries("tenant"):
        for owner in tenant.field("owners").items():
            yield from unknown(files, "person", owner)
        allowed = tenant.texts("may_hold")
        for domain in tenant.field("data_domains").items():
            if domain.text and allowed and domain.text not in allowed:
                said = f"`{tenant.field('slug').text}` holds `{domain.text}` but may not"
                yield domain.problem(f"{said}; allowed by its may_hold: {', '.join(allowed)}")


def _areas_and_features(files: Files) -> Iterator[Problem]:
    for group in files.entries("lead team"):
        for team in group.field("teams").items():
            yield from unknown(files, "team", team)
    for area in files.entries("area"):
        yield from unknown(files, "lead team", area.field("lead"))
        if area.field("squad").text:
            yield from unknown(files, "team", area.field("squad"))
    for feature in files.features:
        yield from unknown(files, "area", feature.field("area"))
        yield from unknown(files, "lead team", feature.field("lead_team"))
        yield from unknown(files, "team", feature.field("owner"))
        yield from _an_area_has_one_lead(files, feature)


def _an_area_has_one_lead(files: Files, feature: Node) -> Iterator[Problem]:
    area, group = feature.field("area").text, feature.field("lead_team")
    known = files.named("area").get(area)
    lead = known.field("lead").text if known else ""
    if lead and group.text in files.named("lead team") and group.text != lead:
        yield group.problem(f"`{group.text}` does not lead the area `{area}`; allowed: `{lead}`")


def _surveys(files: Files) -> Iterator[Problem]:
    for survey in files.surveys:
        yield from unknown(files, "feature", survey.field("feature"))
        yield from _kind_of_survey(survey)
        low, high = (survey.field("scale").field(end).value for end in ("from", "to"))
        satisfied = survey.field("satisfied_from")
        if not all(isinstance(score, int) for score in (low, high, satisfied.value)):
            continue
        if high - low + 1 < LEAST_SCORES:
            yield survey.field("scale").problem(
                f"a scale from {low} to {high} has no choice; allowed: from below to"
            )
        elif not low <= satisfied.value <= high:
            yield satisfied.problem(f"`{satisfied.value}` is off the scale; allowed: {low} to {high}")


def _kind_of_survey(survey: Node) -> Iterator[Problem]:
    """Say what the kind or the trigger of a survey needs and does not have."""
    kind, scale = survey.field("kind"), survey.field("scale")
    if kind.text == "question" and not survey.field("choices").items():
        yield kind.problem("a question needs `choices`; allowed: two or more")
    elif kind.text != "question" and survey.field("choices").items():
        yield survey.field("choices").problem("only a survey of the kind `question` has choices")
    said = (scale.field("from").value, scale.field("to").value, survey.field("satisfied_from").value)
    if kind.text == "nps" and any(own not in (None, usual) for own, usual in zip(said, NPS, strict=True)):
        yield kind.problem("an NPS is asked from 0 to 10; leave `scale` and `satisfied_from` out")
    if survey.field("trigger").text == "event" and not survey.field("event").text:
        yield survey.field("trigger").problem("the field `event` is missing; say which event makes it due")
