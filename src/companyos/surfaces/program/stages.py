"""Whether the stages of a plan hold together: known names, cohorts that only grow, data where it may be (R9)."""

from __future__ import annotations

from collections.abc import Iterator

from companyos.surfaces.program.comparisons import may_widen, problems_of_comparison
from companyos.surfaces.program.references import Files, choice, doubles, unknown
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import Problem

SYNTHETIC = "synthetic"  # what a sandbox holds, whatever a stage carries
WAYS_TO_NAME_PEOPLE = ("teams", "department", "everyone")

_LIMITED = frozenset({"metric", "shadow_mismatch", "return_rate", "reach"})

Place = tuple[str, str]  # (tenant, team)


def problems_of_stages(files: Files, plan: Node) -> Iterator[Problem]:
    """Say everything that does not hold together in the stages of one plan."""
    stages = plan.field("stages").items()
    yield from doubles(stages, "slug", "stage")
    yield from doubles([task for stage in stages for task in stage.field("tasks").items()], "slug", "task")
    yield from _weeks_go_forward(stages)
    yield from _rows_of_the_matrix(plan, stages)
    for person in plan.field("without_shadow").field("by").items():
        yield from unknown(files, "person", person)
    yield from _customers_come_last(stages)
    for place, stage in enumerate(stages):
        yield from _cohort_names(files, stage)
        yield from _hold_outs_end_later(files, stages, place)
        yield from _tasks_and_gates(files, plan, stage)
        yield from _a_shadow_ends_at_its_gates(stage)
        yield from problems_of_comparison(files, stage, _joining(files, stage))
        yield from _data_stays_where_it_may_be(files, stage)
        yield from _request_types_bring_only_its_data(files, stage)
    yield from _cohorts_only_grow(files, stages)


def warnings_of_stages(files: Files, plan: Node) -> Iterator[Problem]:
    """Warn when the feature's lead team is not in the first human cohort: the first in a production tenant (R46)."""
    feature = files.named("feature").get(plan.field("feature").text)
    group = files.named("lead team").get(feature.field("lead_team").text) if feature else None
    stage = next((s for s in plan.field("stages").items() if _is_human(files, s)), None)
    if group is None or stage is None:
        return
    leading = set(group.texts("teams"))
    if not leading & {team for _, team in _joining(files, stage)}:
        said = f"the lead team `{group.field('slug').text}` is not in `{stage.field('slug').text}`"
        who = ", ".join(sorted(leading))
        yield stage.field("cohort").problem(
            f"{said}, the first cohort of people at work; advised: add one of {who}"
        )


def _weeks_go_forward(stages: tuple[Node, ...]) -> Iterator[Problem]:
    latest = -1
    for stage in stages:
        week = stage.field("week")
        if not isinstance(week.value, int):
            continue
        if week.value <= latest:
            yield week.problem(
                f"week {week.value} does not follow week {latest}; allowed: {latest + 1} or later"
            )
        latest = max(latest, week.value)


def _customers_come_last(stages: tuple[Node, ...]) -> Iterator[Problem]:
    """A customer pilot comes after every stage at home (R186)."""
    pilot = ""
    for stage in stages:
        kind = stage.field("kind")
        if kind.text == "customer_pilot":
            pilot = stage.field("slug").text
        elif pilot:
            slug = stage.field("slug")
            yield slug.problem(f"`{slug.text}` comes after the customer pilot `{pilot}`; customers come last")


def _cohort_names(files: Files, stage: Node) -> Iterator[Problem]:
    for part in stage.field("cohort").items():
        yield from unknown(files, "tenant", part.field("tenant"))
        yield from unknown(files, "department", part.field("department"))
        for team in part.field("teams").items():
            yield from unknown(files, "team", team)
            yield from _a_team_works_in_its_tenant(files, part, team)
        yield from _one_way_to_name_people(part)
        yield from _a_department_works_there(files, part)


def _a_team_works_in_its_tenant(files: Files, part: Node, team: Node) -> Iterator[Problem]:
    tenant, entry = part.field("tenant").text, files.named("team").get(team.text)
    if entry and tenant in files.named("tenant") and tenant not in _tenants_of(entry):
        said = f"`{team.text}` does not work in `{tenant}`"
        yield team.problem(
            f"{said}; allowed: {', '.join(_tenants_of(entry))}, or give the team `works_in: {tenant}`"
        )


def _one_way_to_name_people(part: Node) -> Iterator[Problem]:
    used = [way for way in WAYS_TO_NAME_PEOPLE if part.field(way).value]
    if isinstance(part.value, dict) and len(used) != 1:
        said = f"this part of the cohort names people {'by ' + ' and '.join(used) if used else 'in no way'}"
        yield part.problem(f"{said}; allowed: one of teams, department, everyone: true")


def _a_department_works_there(files: Files, part: Node) -> Iterator[Problem]:
    department = part.field("department")
    tenant = part.field("tenant").text
    known = department.text in files.named("department") and tenant in files.named("tenant")
    if known and not _teams_of(files, part):
        there = {t.field("department").text for t in files.entries("team") if tenant in _tenants_of(t)}
        said = f"no team of `{department.text}` works in `{tenant}`"
        yield department.problem(
            f"{said}; allowed: {', '.join(sorted(there)) or 'none, as no team works there'}"
        )


def _hold_outs_end_later(files: Files, stages: tuple[Node, ...], place: int) -> Iterator[Problem]:
    slugs = [stage.field("slug").text for stage in stages]
    later = slugs[place + 1 :]
    for held in stages[place].field("except").items():
        yield from unknown(files, "team", held.field("team"))
        until = held.field("until")
        if until.text and until.text not in slugs:
            yield until.problem(f"there is no stage `{until.text}`; {choice(until.text, later)}")
        elif until.text and until.text not in later:
            said = f"a hold-out of `{slugs[place]}` cannot end at `{until.text}`"
            yield until.problem(f"{said}; allowed: a later stage ({', '.join(later) or 'there is none'})")


def _tasks_and_gates(files: Files, plan: Node, stage: Node) -> Iterator[Problem]:
    tasks = {task.field("slug").text for task in stage.field("tasks").items()}
    roles = dict(plan.field("roles").fields())
    yield from doubles(stage.field("gates").items(), "name", "gate")
    for task in stage.field("tasks").items():
        if task.field("owner").text not in files.named("person"):
            yield from unknown(files, "team", task.field("owner"))
        for row in task.field("attests").items():
            yield from unknown(files, "row", row)
    for gate in stage.field("gates").items():
        yield from unknown(files, "survey", gate.field("survey"))
        yield from unknown(files, "scorecard", gate.field("scorecard"))
        yield from _a_metric_has_a_limit(gate)
        attested = gate.field("task")
        if attested.text and attested.text not in tasks:
            yield attested.problem(
                f"this stage has no task `{attested.text}`; {choice(attested.text, tasks)}"
            )
        for role in (*gate.field("roles").items(), *gate.field("overrides").items()):
            if role.text and role.text not in roles:
                yield role.problem(f"nobody holds the role `{role.text}`; {choice(role.text, roles)}")


def _a_shadow_ends_at_its_gates(stage: Node) -> Iterator[Problem]:
    """What ends a shadow is a comparison of both paths, of this stage; a switchback has no old path to keep (R118)."""
    shadow = stage.field("shadow")
    gates = {gate.field("name").text: gate.field("kind").text for gate in stage.field("gates").items()}
    comparing = [name for name, kind in gates.items() if kind == "shadow_mismatch"]
    for named in shadow.field("until").items():
        if named.text and named.text not in comparing:
            said = f"`{named.text}` is no gate of kind shadow_mismatch of this stage"
            yield named.problem(f"{said}; {choice(named.text, comparing)}")
    if shadow.value and stage.field("comparison").field("kind").text == "switchback":
        yield shadow.problem("a switchback draws days and cannot begin in shadow; leave one of both out")


def _rows_of_the_matrix(plan: Node, stages: tuple[Node, ...]) -> Iterator[Problem]:
    """A row is judged beside every stage's gates, so its name must be nobody else's."""
    rows = plan.field("risks").items()
    yield from doubles(rows, "name", "risk")
    gates = {gate.field("name").text for stage in stages for gate in stage.field("gates").items()}
    for row in rows:
        if row.field("name").text in gates:
            yield row.field("name").problem(f"a gate is called `{row.field('name').text}` already")
        if row.field("reach").text and row.field("action").text != "roll_back":
            yield row.field("reach").problem("only a row that rolls back has a reach; leave it out")


def _a_metric_has_a_limit(gate: Node) -> Iterator[Problem]:
    limits = [name for name in ("at_least", "at_most") if gate.field(name).value is not None]
    kind = gate.field("kind").text
    if kind == "metric" and not gate.field("metric").text and not gate.field("evidence").text:
        said = f"the gate `{gate.field('name').text}` names nothing to measure"
        yield gate.problem(f"{said}; allowed: `metric`, or the name of any fact as `evidence`")
    if kind in _LIMITED and len(limits) != 1:
        said = f"the gate `{gate.field('name').text}` has {'two limits' if limits else 'no limit'}"
        yield gate.problem(f"{said}; allowed: one of at_least, at_most")


def _data_stays_where_it_may_be(files: Files, stage: Node) -> Iterator[Problem]:
    """A stage brings its data to the tenants that join at it; a sandbox gets a synthetic copy."""
    domains = stage.field("data_domains")
    tenants = dict.fromkeys(part.field("tenant").text for part in stage.field("cohort").items())
    for tenant in (files.named("tenant").get(slug) for slug in tenants):
        if tenant is None or not tenant.texts("may_hold"):
            continue
        yield from _domains_refused(tenant, domains)


def _request_types_bring_only_its_data(files: Files, stage: Node) -> Iterator[Problem]:
    """A stage carries request types that exist, and says the data that they hold (R9)."""
    domains = stage.texts("data_domains")
    for carried in stage.field("request_types").items():
        yield from unknown(files, "request type", carried)
        kind = files.named("request type").get(carried.text)
        domain = kind.field("data_domain").text if kind else ""
        if domain and SYNTHETIC not in domains and domain not in domains:
            said = f"`{carried.text}` holds `{domain}` data, which this stage does not say it brings"
            yield carried.problem(f"{said}; allowed: add it to data_domains, or leave the type out")


def _domains_refused(tenant: Node, domains: Node) -> Iterator[Problem]:
    allowed, slug = tenant.texts("may_hold"), tenant.field("slug").text
    if tenant.field("class").text == "sandbox":
        if SYNTHETIC not in allowed:
            said = f"the sandbox `{slug}` may not hold `{SYNTHETIC}` data"
            yield domains.problem(f"{said}; allowed by its may_hold: {', '.join(allowed)}")
        return
    for domain in domains.items():
        if domain.text and domain.text not in allowed:
            said = f"the tenant `{slug}` may not hold `{domain.text}` data, which this stage brings there"
            yield domain.problem(f"{said}; allowed by its may_hold: {', '.join(allowed)}")


def _cohorts_only_grow(files: Files, stages: tuple[Node, ...]) -> Iterator[Problem]:
    on: dict[Place, str] = {}
    for stage in stages:
        slug = stage.field("slug").text
        for held in stage.field("except").items():
            since = [(tenant, at) for (tenant, team), at in on.items() if team == held.field("team").text]
            if since:
                said = f"`{held.field('team').text}` is on since `{since[0][1]}` and cannot be held out again"
                yield held.problem(
                    f"{said}; allowed: teams that no earlier stage switched on (cohorts only grow)"
                )
        held_out = {held.field("team").text for held in stage.field("except").items()}
        for part in stage.field("cohort").items():
            new = {
                (part.field("tenant").text, team) for team in _teams_of(files, part) if team not in held_out
            }
            if new and new <= on.keys() and not may_widen(stages, stage):
                yield part.problem(
                    f"`{slug}` adds nobody here: all are on already; allowed: people not yet on"
                )
            on |= dict.fromkeys(new - on.keys(), slug)


def _is_human(files: Files, stage: Node) -> bool:
    tenants = files.named("tenant")
    joining = {tenant for tenant, _ in _joining(files, stage)}
    return any(tenants[t].field("class").text == "production" for t in joining if t in tenants)


def _joining(files: Files, stage: Node) -> set[Place]:
    parts = stage.field("cohort").items()
    return {(part.field("tenant").text, team) for part in parts for team in _teams_of(files, part)}


def _teams_of(files: Files, part: Node) -> set[str]:
    named, department = part.texts("teams"), part.field("department").text
    there = {s: t for s, t in files.named("team").items() if part.field("tenant").text in _tenants_of(t)}
    everyone = part.field("everyone").value is True
    return {
        slug
        for slug, team in there.items()
        if everyone or slug in named or (department and team.field("department").text == department)
    }


def _tenants_of(team: Node) -> tuple[str, ...]:
    return tuple(t for t in (team.field("tenant").text, team.field("works_in").text) if t)
