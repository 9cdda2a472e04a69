"""The report as one page that needs nothing else: what was put in, what came out, and why it moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

_STYLE = """
:root{color-scheme:light dark;--line:color-mix(in oklch,CanvasText 18%,Canvas);
--soft:color-mix(in oklch,CanvasText 65%,Canvas);--good:#1a7f4b;--bad:#b3261e;--open:#946200}
@media (prefers-color-scheme:dark){:root{--good:#5fd39a;--bad:#ff8a80;--open:#f0c060}}
body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:0 auto;padding:2rem 1rem}
h1{line-height:1.2}h2{margin-top:2.5rem}p.lead{font-size:1.15rem}.soft,caption,th{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}caption{text-align:left;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line)}
td{overflow-wrap:anywhere}dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dd{margin:0}
.passed,.completed{color:var(--good)}.failed,.rolled_back,.killed{color:var(--bad)}.pending,.inconclusive,.paused{color:var(--open)}
""".strip()
_COUNTS = (
    ("cases_replayed", "Cases of the log, each once"),
    ("cases_sampled", "Cases sampled"),
    ("cases_open_at_end", "Cases still open at the end"),
    ("events_acked", "Events sent and acknowledged"),
    ("events_counted", "Events counted by the server"),
    ("bugs_counted", "And bugs that people opened as cases"),
    ("bugs_reported", "Bugs reported"),
    ("bugs_fixed", "Bugs fixed"),
    ("surveys_answered", "Survey answers"),
    ("wall_seconds", "Seconds it took"),
    ("peak_rss_mb", "Highest memory, MB"),
)


def page_of(report: dict[str, Any]) -> str:
    """The whole report as HTML; every value is escaped, nothing is fetched."""
    title = f"Rehearsal of {report.get('plan', '')}"
    parts = [
        f"<h1>{escape(title)}</h1>",
        _lead(report),
        _definitions([(label, report.get(name)) for name, label in _COUNTS]),
        _fault(report.get("fault") or {}),
        _stages(report.get("stages", [])),
        _table("Decisions", report.get("decisions", []), ("at", "move", "rule", "because")),
        _table("Advanced without proof", report.get("advanced_without_proof", [])),
        _table("Readiness", report.get("readiness", []), ("title", "verdict", "because", "n")),
        _table("Differences found in shadow", (report.get("shadow") or {}).get("found", []),
               ("at", "rank", "places", "count", "said")),
        _table("To mend after the rollback", report.get("to_mend", [])),
        _table("Fixes", report.get("fixes", [])),
        _table("Foretold, and what came", report.get("foretold", []), ("stage", "attempt", "says")),
        _table("What people did", report.get("acts", []), ("at", "who", "did", "because", "refused")),
        _table("How fast changes arrived", report.get("propagation", []),
               ("version", "at", "reason", "people", "seconds", "confirmed")),
        _input(report),
    ]  # fmt: skip
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def _lead(report: dict[str, Any]) -> str:
    state = str(report.get("final_state", ""))
    log = report.get("log") or {}
    work = (
        f"the log {log['name']}" if log else f"a profile of {(report.get('profile') or {}).get('source', '')}"
    )
    return (
        f'<p class="lead">The rollout ended <strong class="{escape(state)}">{escape(_words(state))}</strong>: '
        f"{escape(str(report.get('ended_because', '')))}. Work came from {escape(work)}; "
        f"seed {escape(str(report.get('seed', '')))}.</p>"
    )


_OF_THE_FAULT = (
    ("fault", "Planted"),
    ("began_at", "Since"),
    ("events_lost", "Events that never arrived"),
    ("events_late", "Events that arrived a day late"),
    ("cases_astray", "Cases on the new path that the flag had not given"),
    ("stopped_by", "The rollout stopped by"),
    ("rolled_back_by", "Taken back by"),
    ("lifted_at", "Mended"),
)


def _fault(fault: dict[str, Any]) -> str:
    """What was planted, and what the controller did about it."""
    if not fault:
        return ""
    answer = fault.get("answer") or {}
    said = f"{_words(answer['move'])} by {answer['rule']}: {answer['because']}" if answer else None
    pairs = [(label, fault.get(name)) for name, label in _OF_THE_FAULT]
    answered = [("The controller answered", said or "nothing: it went on"), ("At", answer.get("at"))]
    return f"<h2>The fault</h2>{_definitions([*pairs, *answered])}"


def _stages(stages: Sequence[dict[str, Any]]) -> str:
    return "<h2>Stages</h2>" + "".join(
        _grid(_stage_title(stage), stage.get("gates", []), ("name", "verdict", "because", "n"))
        for stage in stages
    )


def _stage_title(stage: dict[str, Any]) -> str:
    attempt = f", attempt {stage['attempt']}" if stage.get("attempt", 1) != 1 else ""
    until = stage.get("left_at") or "the end"
    return f"{stage.get('name', '')}{attempt}: {_words(stage.get('state'))}, {stage.get('entered_at')} to {until}"


def _input(report: dict[str, Any]) -> str:
    rows = [{"figure": name, "value": value} for name, value in _leaves("", report.get("workforce") or {})]
    rows += [{"figure": name, "value": value} for name, value in _leaves("fault", report.get("fault") or {})]
    return (
        "<h2>What was put in</h2><p>What people and software do in a rehearsal is declared, not found. "
        "The figures above follow from these.</p>" + _grid("The workforce as used", rows, ("figure", "value"))
    )


def _leaves(name: str, value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else str(key), inner)
    else:
        yield name, value


def _definitions(pairs: Sequence[tuple[str, Any]]) -> str:
    known = ((label, value) for label, value in pairs if value is not None)
    return "<dl>" + "".join(f"<dt>{escape(n)}</dt><dd>{_cell(v)}</dd>" for n, v in known) + "</dl>"


def _table(title: str, rows: Sequence[Any], columns: Sequence[str] = ()) -> str:
    if not rows:
        return f'<h2>{escape(title)}</h2><p class="soft">None.</p>'
    return f"<h2>{escape(title)}</h2>" + _grid("", rows, columns)


def _grid(caption: str, rows: Sequence[Any], columns: Sequence[str]) -> str:
    plain = [row if isinstance(row, dict) else {"what": row} for row in rows]
    shown = columns or tuple(dict.fromkeys(name for row in plain for name in row))
    head = "".join(f'<th scope="col">{escape(_words(name).capitalize())}</th>' for name in shown)
    body = "".join("<tr>" + "".join(_td(row.get(name)) for name in shown) + "</tr>" for row in plain)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _td(value: Any) -> str:
    verdict = value if value in ("passed", "failed", "pending", "inconclusive") else ""
    return f'<td class="{verdict}">{_cell(value)}</td>' if verdict else f"<td>{_cell(value)}</td>"


def _cell(value: Any) -> str:
    if value is None or value == []:
        return ""
    if isinstance(value, list | tuple):
        return escape(", ".join(str(item) for item in value))
    return escape(f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value))


def _words(name: Any) -> str:
    return str(name or "").replace("_", " ")
