"""A forecast as one HTML page that needs nothing else, and as JSON-able data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from html import escape
from typing import Any

from companyos.adoption.rollouts.foretelling.worlds import PlanForecast, StageForecast
from companyos.kernel.stats.forecast import Forecast, band_of

_STYLE = """
:root{color-scheme:light dark;--line:color-mix(in oklch,CanvasText 18%,Canvas);
--soft:color-mix(in oklch,CanvasText 70%,Canvas)}
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:2rem 1rem}
h1{line-height:1.2}h2{margin-top:2.5rem}.lead{font-size:1.15rem}.soft,th{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
td.num{font-variant-numeric:tabular-nums;white-space:nowrap}
""".strip()
_STAGE_COLUMNS = (
    "Stage",
    "Who joins",
    "On, early to late",
    "Working days",
    "In time",
    "Held up by",
    "False rollback",
    "Without proof",
)
LIMITS = (
    "Chances are drawn from assumptions, not measured: teams and weeks differ at random, one day in 33 has an"
    " incident, and the new path does as declared. So a chance is shown as a word: unlikely (below 15 %), likely (from"
    " 70 %), else open. Where nobody is left to compare with, a fault holds the stage and pages; nothing is taken back."
    " Gates on rosters, error budgets, return rates, reach and bug trends are left out, as if they passed."
)


def data_of(found: PlanForecast) -> dict[str, Any]:
    """Return the forecast as plain data; of each forecast the median, the 80 % interval and how many worlds."""
    told = asdict(found)
    told["days"] = _told(found.days)
    for each, stage in zip(told["stages"], found.stages, strict=True):
        each["days"] = _told(stage.days)
        each["band"] = stage.band.value
        each["starts"] = [day.isoformat() for day in stage.starts] if stage.starts else None
    return told


def page_of(found: PlanForecast) -> str:
    """Return the whole page; every value is escaped, nothing is fetched."""
    title = f"What {found.title} has ahead"
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="lead">Done in the {found.planned_days} planned working days: '
        f"<strong>{band_of(found.on_time).value}</strong>. {escape(days_in_words(found.days))} A false rollback on the "
        f"way: <strong>{band_of(found.any_false_rollback).value}</strong>.</p>",
        f'<p class="soft">{found.worlds} worlds, seed {found.seed}; drawn from {escape(found.source)}. {LIMITS}</p>',
        "<h2>Stages</h2>",
        _table(
            _STAGE_COLUMNS,
            (_stage_cells(stage) for stage in found.stages),
        ),
        "<h2>How soon a fault is found</h2>",
        '<p class="soft">A fault planted on the first day; what its guardrail finds in the planned time.</p>',
        _table(
            ("Stage", "More failures", "Found", "After days", "Exposed tasks by then", "Worlds"),
            (
                (
                    fault.stage.replace("_", " "),
                    fault.harm,
                    f"{fault.found:.0%}",
                    "" if fault.days is None else f"{fault.days:.1f}",
                    "" if fault.exposed_tasks is None else f"{fault.exposed_tasks:.0f}",
                    str(fault.worlds),
                )
                for fault in found.faults
            ),
        ),
    ]  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def days_in_words(days: Forecast | None) -> str:
    """Say the median and the 80 % interval, or that no world got there."""
    if days is None:
        return "No world got through within sixteen weeks."
    interval = days.interval(0.8)
    return f"{interval.value:.0f} working days ({interval.low:.0f} to {interval.high:.0f}, n = {len(days.outcomes)})."


def _stage_cells(stage: StageForecast) -> tuple[str, ...]:
    starts = "" if stage.starts is None else f"{stage.starts[0]:%d %b} to {stage.starts[2]:%d %b}"
    held = (
        f"{stage.bottleneck} ({stage.bottleneck_share:.0%} of the waiting)" if stage.bottleneck else "nothing"
    )
    days = days_in_words(stage.days).rstrip(".") if stage.entered else "not entered"
    return (
        stage.title,
        f"{stage.people} people: {', '.join(stage.who)}",
        starts,
        f"{days}; planned {stage.planned_days}",
        stage.band.value if stage.entered else "",
        held,
        band_of(stage.false_rollback).value if stage.entered else "",
        band_of(stage.without_proof).value if stage.entered else "",
    )


def _told(days: Forecast | None) -> dict[str, float] | None:
    if days is None:
        return None
    interval = days.interval(0.8)
    return {
        "median": interval.value,
        "low": interval.low,
        "high": interval.high,
        "worlds": len(days.outcomes),
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str) -> str:
    is_number = text[:1].isdigit() and len(text) < 12
    return f'<td class="num">{escape(text)}</td>' if is_number else f"<td>{escape(text)}</td>"
