"""The files that say what is measured: events, metrics, objectives, who is on call, and for how long what is kept.

All five may be absent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from companyos.surfaces.program.references import Files, choice, doubles, unknown
from companyos.surfaces.program.schemas import problems_of_shape
from companyos.surfaces.program.source import Node, read, read_several
from companyos.surfaces.program.types import Problem

_SCHEMA_OF = {
    "SLO": "openslo_slo",
    "AlertPolicy": "openslo_alert_policy",
    "DataSource": "openslo_data_source",
}
_TOTALS = {"tasks_without_failure": "tasks", "responses_within_ms": "responses"}
_WINDOW = "{{.window}}"


@dataclass(frozen=True, slots=True)
class MeasureFiles:
    """The five files as read; one that is absent, or could not be read, is an empty node."""

    events: Node
    metrics: Node
    on_call: Node
    retention: Node
    slos: tuple[Node, ...]

    def slos_of(self, kind: str) -> dict[str, Node]:
        """Return the OpenSLO documents of one kind by name."""
        return {
            each.field("metadata").field("name").text: each
            for each in reversed(self.slos)
            if each.field("kind").text == kind
        }

    def definitions(self) -> dict[str, tuple[tuple[str, dict[str, Any]], ...]]:
        """Return the checked documents by kind, each with its name, as telemetry keeps them."""
        cases = self.events.field("cases").plain()
        return {
            "event": _named(self.events.field("events"), "name"),
            "cases": (("cases", cases),) if cases else (),
            "north star": _named(self.metrics.field("north_stars"), "slug"),
            "criterion": _named(self.metrics.field("criteria"), "slug"),
            "metric": _named(self.metrics.field("metrics"), "slug"),
            "route": _named(self.on_call.field("routes"), "slug"),
            "retention": _named(self.retention.field("retention"), "domain"),
            "openslo": tuple(
                (f"{each.field('kind').text} {each.field('metadata').field('name').text}", each.plain())
                for each in self.slos
            ),
        }


def read_measures(folder: Path, problems: list[Problem]) -> MeasureFiles:
    """Read the five files and check their shape."""
    return MeasureFiles(
        _checked(folder, "events", problems),
        _checked(folder, "metrics", problems),
        _checked(folder, "on_call", problems),
        _checked(folder, "retention", problems),
        _objectives(folder, problems),
    )


def problems_of_measures(files: Files, measures: MeasureFiles) -> Iterator[Problem]:
    """Say every name in the five files that is used twice or leads nowhere."""
    yield from doubles(measures.events.field("events").items(), "name", "event")
    for part, kind in (("north_stars", "north star"), ("criteria", "criterion"), ("metrics", "metric")):
        yield from doubles(measures.metrics.field(part).items(), "slug", kind)
        for entry in measures.metrics.field(part).items():
            yield from _unknown_owner(files, entry.field("owner"))
    yield from _chain(files, measures)
    yield from _routes(files, measures.on_call)
    yield from _slos(files, measures)
    yield from _retention(files, measures.retention.field("retention"))


def _checked(folder: Path, name: str, problems: list[Problem]) -> Node:
    file = f"{name}.yaml"
    if not (folder / file).exists():
        return Node(file, 1)
    node = read(folder / file, file)
    if isinstance(node, Problem):
        problems.append(node)
        return Node(file, 1)
    problems += problems_of_shape(node, name)
    return node


def _objectives(folder: Path, problems: list[Problem]) -> tuple[Node, ...]:
    if not (folder / "slos.yaml").exists():
        return ()
    nodes = read_several(folder / "slos.yaml", "slos.yaml")
    if isinstance(nodes, Problem):
        problems.append(nodes)
        return ()
    for node in nodes:
        found = list(problems_of_shape(node, "openslo"))
        problems += found or problems_of_shape(node, _SCHEMA_OF[node.field("kind").text])
    return nodes


def _chain(files: Files, measures: MeasureFiles) -> Iterator[Problem]:
    metrics, criteria = measures.metrics.field("metrics"), measures.metrics.field("criteria")
    for event in measures.events.field("events").items():
        yield from _unknown_owner(files, event.field("owner"))
        if metrics.value:
            yield from _leads_nowhere(event.field("serves"), "metric", _slugs(metrics))
    for metric in metrics.items():
        yield from _leads_nowhere(metric.field("serves"), "criterion", _slugs(criteria))
        yield from unknown(files, "survey", metric.field("parameters").field("survey"))
        if bool(metric.field("query").text) == bool(metric.field("evidence").text):
            yield metric.problem("a metric is measured in one way; allowed: either `query` or `evidence`")
    stars = _slugs(measures.metrics.field("north_stars"))
    for criterion in criteria.items():
        yield from unknown(files, "feature", criterion.field("feature"))
        yield from _unknown_name(criterion.field("north_star"), "north star", stars)


def _routes(files: Files, on_call: Node) -> Iterator[Problem]:
    routes = on_call.field("routes").items()
    yield from doubles(routes, "slug", "route")
    for route in routes:
        yield from unknown(files, "team", route.field("team"))
        for person in (*route.field("on_call").items(), *route.field("escalates_to").items()):
            yield from unknown(files, "person", person)
        yield from _a_monday(route.field("turns_from"))


def _retention(files: Files, kept: Node) -> Iterator[Problem]:
    """Say which domain is unclear: an event or a tenant of two domains, or one that is both kinds at once."""
    yield from doubles(kept.items(), "domain", "data domain")
    claimed: dict[tuple[str, str], int] = {}
    for each in kept.items():
        yield from _unknown_owner(files, each.field("owner"))
        for tenant in each.field("tenants").items():
            yield from unknown(files, "tenant", tenant)
        named = [(part, name) for part in ("events", "tenants") for name in each.field(part).items()]
        if named and each.field("holds").text != "events":
            yield each.problem("only events are told apart; allowed: no `events` and no `tenants` here")
        if each.field("events").items() and each.field("tenants").items():
            yield each.problem("a domain is either of events or of tenants; allowed: one of the two")
        keys = [(part, name.text) for part, name in named] or [(each.field("holds").text, "the rest")]
        for key in keys:
            if key in claimed:
                yield each.problem(f"`{key[1]}` belongs to the domain on line {claimed[key]} already")
            claimed.setdefault(key, each.line)


def _slos(files: Files, measures: MeasureFiles) -> Iterator[Problem]:
    policies, sources = measures.slos_of("AlertPolicy"), measures.slos_of("DataSource")
    routes = _slugs(measures.on_call.field("routes"))
    for policy in policies.values():
        for target in policy.field("spec").field("notificationTargets").items():
            if routes:
                yield from _unknown_name(target.field("targetRef"), "route of on_call.yaml", routes)
    for slo in measures.slos_of("SLO").values():
        spec = slo.field("spec")
        yield from unknown(files, "feature", spec.field("service"))
        yield from _leads_nowhere(spec.field("alertPolicies"), "AlertPolicy", set(policies))
        yield from _indicator(spec.field("indicator").field("spec").field("ratioMetric"), set(sources))
    yield from _named_twice(measures.slos)


def _indicator(ratio: Node, sources: set[str]) -> Iterator[Problem]:
    """Say why good and total cannot be counted against each other."""
    good, total = (ratio.field(each).field("metricSource") for each in ("good", "total"))
    if good.field("type").text != total.field("type").text:
        yield total.problem("good and total come from different places; allowed: the same `type` for both")
    elif good.field("type").text == "Prometheus":
        for side in (good, total):
            yield from _unknown_name(side.field("metricSourceRef"), "DataSource", sources)
            query = side.field("spec").field("query")
            if not side.field("metricSourceRef").text:
                yield side.problem(
                    "the field `metricSourceRef` is missing; allowed: the name of a DataSource"
                )
            if _WINDOW not in query.text:
                yield query.problem(f"the query has no `{_WINDOW}`; write it where the span of time goes")
    else:
        yield from _own_events(good.field("spec"), total.field("spec"))


def _own_events(good: Node, total: Node) -> Iterator[Problem]:
    measure = good.field("measure")
    if _TOTALS.get(measure.text) != total.field("measure").text:
        wanted = _TOTALS.get(measure.text, "tasks or responses")
        yield total.problem(f"`{measure.text}` is a part of other requests; allowed as total: {wanted}")
    if good.field("path").text != total.field("path").text:
        yield total.problem("good and total are of different paths; allowed: the same `path`")
    if measure.text == "responses_within_ms" and good.field("ms").value is None:
        yield good.problem("the field `ms` is missing; say how many milliseconds are still good")


def _named_twice(slos: tuple[Node, ...]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Node] = {}
    for each in slos:
        key = (each.field("kind").text, each.field("metadata").field("name").text)
        if key in first and key[1]:
            yield each.problem(f"{key[0]} `{key[1]}` is already defined on line {first[key].line}")
        first.setdefault(key, each)


def _unknown_owner(files: Files, owner: Node) -> Iterator[Problem]:
    teams, people = files.named("team"), files.named("person")
    if teams and people:  # else that file has its own problem, and this one would only repeat it
        yield from _unknown_name(owner, "team or person", {*teams, *people})


def _leads_nowhere(names: Node, kind: str, known: set[str]) -> Iterator[Problem]:
    for name in names.items():
        yield from _unknown_name(name, kind, known)


def _unknown_name(name: Node, kind: str, known: set[str]) -> Iterator[Problem]:
    if name.text and name.text not in known:
        yield name.problem(f"there is no {kind} `{name.text}`; {choice(name.text, known)}")


def _a_monday(day: Node) -> Iterator[Problem]:
    written = day.plain()
    try:
        is_monday = isinstance(written, str) and date.fromisoformat(written).weekday() == 0
    except ValueError:
        is_monday = False
    if written is not None and not is_monday:
        yield day.problem(f"`{written}` is no Monday; allowed: a Monday, as turns change on one")


def _slugs(entries: Node) -> set[str]:
    return {each.field("slug").text for each in entries.items()} - {""}


def _named(entries: Node, key: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple((each.field(key).text, each.plain()) for each in entries.items())
