"""Taking rows out of the engine: those of a person who asked for it, and those past their time.

Both are rare and rewrite parts, so rows are counted first and nothing is rewritten for none. The sums are made again
afterwards by whoever asked (`Engine.mend_rollups`): a sum must not remember what the events no longer say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Change = Callable[[str, dict[str, Any]], object]
Count = Callable[[str, dict[str, Any]], tuple[int, ...]]

_DONE = "SETTINGS mutations_sync = 2"
_OWN = f"ALTER TABLE events DELETE WHERE has({{names:Array(String)}}, actor) {_DONE}"
_MENTIONS = f"""ALTER TABLE events UPDATE by = if(has({{names:Array(String)}}, by), '', by),
    props = replaceRegexpAll(props, {{quoted:String}}, '""')
WHERE has({{names:Array(String)}}, by) OR match(props, {{quoted:String}}) {_DONE}"""
_REFUSED = f"ALTER TABLE quarantine DELETE WHERE match(body, {{quoted:String}}) {_DONE}"
_EVENTS_PAST = f"""ALTER TABLE events DELETE WHERE time < fromUnixTimestamp64Milli({{before:Int64}})
    AND (empty({{events:Array(String)}}) OR has({{events:Array(String)}}, event))
    AND (empty({{tenants:Array(String)}}) OR has({{tenants:Array(String)}}, tenant))
    AND NOT has({{other_events:Array(String)}}, event) AND NOT has({{other_tenants:Array(String)}}, tenant) {_DONE}"""
_REFUSED_PAST = (
    f"ALTER TABLE quarantine DELETE WHERE received < fromUnixTimestamp64Milli({{before:Int64}}) {_DONE}"
)


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows that were a person's own, rows of others that mentioned them, refused bodies that did."""

    events: int = 0
    mentions: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Past:
    """Events of one data domain from before a moment (epoch ms), and what other domains claim of them.

    Empty `events` and `tenants` mean all.
    """

    before: int
    events: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    other_events: tuple[str, ...] = ()
    other_tenants: tuple[str, ...] = ()

    def parameters(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "events": list(self.events),
            "tenants": list(self.tenants),
            "other_events": list(self.other_events),
            "other_tenants": list(self.other_tenants),
        }


def erase(names: Sequence[str], count: Count, change: Change) -> Erased:
    """Delete a person's rows and refused bodies, and blank them where others' rows mention them."""
    asked = {"names": list(names), "quoted": quoted(names)}
    found = Erased(*count("count_of_subject", asked))
    for rows, statement in ((found.events, _OWN), (found.mentions, _MENTIONS), (found.refused, _REFUSED)):
        if rows:
            change(statement, asked)
    return found


def drop_events(past: Past, count: Count, change: Change) -> int:
    """Delete what is past its time; says how many rows."""
    (rows,) = count("count_past_keeping", past.parameters())
    if rows:
        change(_EVENTS_PAST, past.parameters())
    return rows


def drop_refused(before: int, count: Count, change: Change) -> int:
    (rows,) = count("count_refused_past_keeping", {"before": before})
    if rows:
        change(_REFUSED_PAST, {"before": before})
    return rows


def quoted(names: Sequence[str]) -> str:
    """Return a pattern of these names as values in JSON, also where quotes are escaped, or in Python's quotes."""
    written = {form for name in names for form in (name, json.dumps(name, ensure_ascii=False)[1:-1])}
    some = "|".join(re.escape(name) for name in sorted(written))
    return f"""\\\\?["'](?:{some})\\\\?["']"""
