"""Scorecards and definitions of the program's files: what their schema cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from companyos.adoption.features.domain.template import problems_of
from companyos.surfaces.program.references import Files, choice, doubles, unknown
from companyos.surfaces.program.schemas import problems_of_shape
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem

_ANY_FEATURES = frozenset({"squad", "owner", "lead_team"})


def problems_of_readiness(files: Files) -> Iterator[Problem]:
    """Say every name that leads nowhere or twice, evidence nobody knows, wrong units, rows under themselves."""
    rows = files.entries("row")
    yield from doubles(files.readiness, "scorecard", "scorecard")
    yield from doubles(rows, "slug", "row")
    yield from doubles(files.definitions.field("definitions").items(), "name", "definition")
    for card in files.readiness:
        slug, stem = card.field("scorecard"), PurePosixPath(card.file).stem
        if slug.text and slug.text != stem:
            yield slug.problem(
                f"`{slug.text}` stands in the file {stem}.yaml; allowed: `{stem}`, or rename the file"
            )
        for _, team in card.field("sign_off").fields():
            yield from _unknown_team(files, team)
        yield from _as_a_whole(card)
    yield from _registers(files)
    for row in rows:
        yield from _unknown_team(files, row.field("owner"))
        yield from unknown(files, "definition", row.field("definition"))


def _registers(files: Files) -> Iterator[Problem]:
    own = files.registers.field("own").items()
    yield from doubles(own, "slug", "own feature")
    known = {*files.named("feature"), *(each.field("slug").text for each in own)}
    for surface in files.registers.field("surfaces").items():
        feature = surface.field("feature")
        if feature.text and feature.text not in known:
            yield feature.problem(f"there is no feature `{feature.text}`; {choice(feature.text, known)}")
        if surface.field("begins").text.strip("/") == "":
            yield surface.field("begins").problem(
                "this would hold everything or nothing; name what it begins with"
            )
    processes = files.registers.field("processes").items()
    yield from doubles(processes, "slug", "process")
    for process in processes:
        yield from unknown(files, "tenant", process.field("tenant"))
        if process.field("tool").text and not process.field("why").text:
            yield process.field("tool").problem("say why it runs elsewhere (why)")


def _rows(group: Node) -> tuple[Node, ...]:
    return group.field("rows").items()


def _unknown_team(files: Files, team: Node) -> Iterator[Problem]:
    if team.text not in _ANY_FEATURES:
        yield from unknown(files, "team", team)


def _as_a_whole(card: Node) -> Iterator[Problem]:
    if list(problems_of_shape(card, "readiness")):
        return  # its shape is wrong, which was said already
    groups = card.field("groups").items()
    for (group, row), field, words in problems_of(card.plain()):
        yield _rows(groups[group])[row].field(field).problem(words)
