"""Read the program's folder: every file checked, every mistake told at once, the rest as frozen values.

`load_program` is the whole entry: read, check the shape, check the references, build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from companyos.surfaces.program.build import problems_of_company, program_from
from companyos.surfaces.program.cases import problems_of_cases
from companyos.surfaces.program.flags import problems_of_flags
from companyos.surfaces.program.measures import problems_of_measures, read_measures
from companyos.surfaces.program.playbooks import problems_of_playbooks
from companyos.surfaces.program.readiness import problems_of_readiness
from companyos.surfaces.program.references import Files, problems_of_reference
from companyos.surfaces.program.requests import problems_of_requests
from companyos.surfaces.program.schemas import problems_of_shape
from companyos.surfaces.program.source import Node, read
from companyos.surfaces.program.stages import problems_of_stages, warnings_of_stages
from companyos.surfaces.program.types import Problem, Program

ONE_FILE_EACH = ("company", "tenants", "organisation", "people", "areas")
MAY_BE_ABSENT = ("flags", "definitions", "registers")
FOLDERS = {
    "features": "feature",
    "plans": "plan",
    "surveys": "survey",
    "requests": "request",
    "cases": "case",
    "readiness": "readiness",
    "playbooks": "playbook",
}


class BadProgram(Exception):
    """The program's files hold mistakes; nothing was loaded. `problems` has each with its file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.message)))
        many = "1 mistake" if len(self.problems) == 1 else f"{len(self.problems)} mistakes"
        told = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"The program has {many}; nothing was changed. Mend and try again:\n{told}")


def load_program(folder: Path) -> Program:
    """Load the program in `folder`. Raises BadProgram with every mistake there is."""
    problems: list[Problem] = []
    files, measures = _read_all(folder, problems), read_measures(folder, problems)
    problems += problems_of_company(files.company)
    problems += problems_of_reference(files)
    problems += problems_of_flags(files)
    problems += problems_of_measures(files, measures)
    problems += problems_of_requests(files)
    problems += problems_of_cases(files)
    problems += problems_of_readiness(files)
    problems += problems_of_playbooks(files)
    for plan in files.plans:
        problems += problems_of_stages(files, plan)
    if problems:
        raise BadProgram(problems)
    return program_from(files, measures.definitions(), warnings=tuple(_warnings(files)))


def _read_all(folder: Path, problems: list[Problem]) -> Files:
    single = {name: _checked(folder / f"{name}.yaml", folder, name, problems) for name in ONE_FILE_EACH}
    for name in MAY_BE_ABSENT:
        path = folder / f"{name}.yaml"
        single[name] = _checked(path, folder, name, problems) if path.exists() else Node(path.name, 1, {})
    several = {
        name: tuple(
            _checked(path, folder, schema, problems) for path in sorted((folder / name).glob("*.yaml"))
        )
        for name, schema in FOLDERS.items()
    }
    return Files(**single, **several)  # type: ignore[arg-type]  # one dict of nodes, one of tuples


def _checked(path: Path, folder: Path, schema: str, problems: list[Problem]) -> Node:
    name = path.relative_to(folder).as_posix()
    node = read(path, name)
    if isinstance(node, Problem):
        problems.append(node)
        return Node(name, 1)
    problems += problems_of_shape(node, schema)
    return node


def _warnings(files: Files) -> Iterator[Problem]:
    for plan in files.plans:
        yield from warnings_of_stages(files, plan)
