"""Playbooks of the program's files: read by the playbooks' own reader."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from companyos.change.playbooks.domain.reading import Unfit, playbook_from
from companyos.surfaces.program.references import Files, doubles, unknown
from companyos.surfaces.program.schemas import problems_of_shape
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem


def problems_of_playbooks(files: Files) -> Iterator[Problem]:
    """Say every name that leads nowhere or twice, days that do not exist, and targets that do not fit the kind."""
    yield from doubles(files.playbooks, "playbook", "playbook")
    for book in files.playbooks:
        slug, stem = book.field("playbook"), PurePosixPath(book.file).stem
        if slug.text and slug.text != stem:
            yield slug.problem(
                f"`{slug.text}` stands in the file {stem}.yaml; allowed: `{stem}`, or rename the file"
            )
        yield from unknown(files, "team", book.field("owner"))
        yield from unknown(files, "feature", book.field("feature"))
        yield from _as_a_whole(book)


def _as_a_whole(book: Node) -> Iterator[Problem]:
    if list(problems_of_shape(book, "playbook")):
        return  # its shape is wrong, which was said already
    try:
        playbook_from(book.plain())
    except Unfit as wrong:
        steps = book.field("steps").items()
        place = steps[wrong.step - 1] if wrong.step else book.field("kind")
        yield place.problem(str(wrong))
    except ValueError:
        day = book.field("review_on")
        yield day.problem(f"`{day.plain()}` is no day of the calendar; allowed: a day as 2026-12-24")
