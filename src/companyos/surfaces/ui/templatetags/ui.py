"""Tags and filters of every screen; the thinking is in the modules they call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from companyos.adoption.rollouts.domain.board import GateTile
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.surfaces.ui import charts, drill_chart, looks, numbers, sentences, times

register = template.Library()

register.filter("words", looks.words)
register.filter("number", numbers.number)
register.filter("percent", numbers.percent)
register.filter("measure", numbers.measure)
register.filter("length_words", times.span)
register.simple_tag(charts.gate_chart, name="gate_chart")
register.simple_tag(drill_chart.drill_chart, name="drill_chart")
register.simple_tag(sentences.board_tone, name="board_tone")
register.simple_tag(sentences.stage_look, name="stage_look")
register.simple_tag(sentences.propagation_sentence, name="propagation_sentence")
register.simple_tag(sentences.consequence, name="consequence")
register.simple_tag(sentences.control_look, name="control_look")
register.simple_tag(sentences.refusals, name="refusals")
register.simple_tag(sentences.refusal_key, name="refusal_key")


@register.inclusion_tag("ui/_status.html")
def status(state: str, word: str = "") -> dict[str, Any]:
    """Icon and word of a state; `word` replaces the usual one."""
    look = looks.look(state)
    return {"icon": look.icon, "tone": look.tone, "word": word or look.word}


@register.inclusion_tag("ui/_icon.html")
def icon(name: str) -> dict[str, Any]:
    return {"icon": name}


@register.inclusion_tag("ui/_empty.html")
def empty(title: str, says: str) -> dict[str, Any]:
    """What is missing here, and how it will come to be."""
    return {"title": title, "says": says}


@register.simple_tag
def zoomed(drawn: Any, address: str) -> str:
    """What a closer look at a drawn series needs, as JSON."""
    return str(drawn.zoom.asked(drawn.sheet, address))


@register.simple_tag
def tone_icon(tone: str) -> str:
    return {"good": "check", "warn": "alert", "bad": "back", "info": "ring"}.get(tone, "circle")


@register.simple_tag
def flag_tone(word: str) -> str:
    """The tone of a flag's state; a killed one is bad news."""
    return looks.look(word).tone


@register.simple_tag
def state_word(word: str) -> str:
    """The word of a state alone, for a sentence."""
    return looks.look(word).word


@register.simple_tag
def when(at: datetime | None, now: datetime) -> SafeString:
    """How long ago, with the exact moment on hover."""
    return _time_tag(at, times.relative(at, now)) if at else SafeString(numbers.NOTHING)


@register.simple_tag
def on_day(at: datetime | None, now: datetime | None = None) -> SafeString:
    """The day, with the exact moment on hover."""
    return _time_tag(at, times.day(at, now)) if at else SafeString(numbers.NOTHING)


@register.simple_tag
def moment(at: datetime | None) -> SafeString:
    """The exact moment, spelled out."""
    return _time_tag(at, times.absolute(at)) if at else SafeString(numbers.NOTHING)


@register.simple_tag
def people(n: int) -> str:
    return numbers.count(n, "person", "people")


@register.simple_tag
def cell_note(state: str, shown: str, n: int) -> str:
    """The state in words under a stage name, and how many people have it: `Paused, 64 people`."""
    word = looks.look(state).word
    parts = [] if word == shown else [word]
    return ", ".join([*parts, people(n)] if n else parts)


@register.filter
def passed(tiles: tuple[GateTile, ...]) -> int:
    return sum(tile.gate.verdict is Verdict.PASSED for tile in tiles)


@register.filter
def without_dots(label: str) -> str:
    """A button's label once the question is open: `Pause…` as `Pause`."""
    return label.rstrip("…")


@register.filter
def latest_readings(tile: GateTile, most: int) -> tuple[Any, ...]:
    """The newest readings first, for the table behind the chart."""
    return tuple(sorted(tile.history, key=lambda each: each.at, reverse=True))[:most]


def _time_tag(at: datetime, text: str) -> SafeString:
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', at.isoformat(timespec="seconds"), times.absolute(at), text
    )
