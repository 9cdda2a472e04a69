"""Pieces that every drawn chart is made of: a named picture, lines, bars, words. No inline style is written."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 360


def picture(
    key: str, name: str, says: str, height: int, parts: Iterable[SafeString], tone: str = "info"
) -> SafeString:
    """An SVG with its name and its sentence, for those who do not see it."""
    return format_html(
        '<svg class="chart chart--{}" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-name {}-says">'
        '<title id="{}-name">{}</title><desc id="{}-says">{}</desc>{}</svg>',
        *(tone, WIDTH, height, key, key, key, name, key, says),
        format_html_join("", "{}", ((each,) for each in parts)),
    )


def text(x: float, y: float, words: str, kind: str = "tick") -> SafeString:
    return format_html('<text class="chart__{}" x="{}" y="{}">{}</text>', kind, _n(x), _n(y), words)


def bar(x: float, y: float, width: float, height: float, kind: str, title: str = "") -> SafeString:
    hover = format_html("<title>{}</title>", title) if title else SafeString("")
    return format_html(
        '<rect class="chart__{}" x="{}" y="{}" width="{}" height="{}" rx="2">{}</rect>',
        *(kind, _n(x), _n(y), _n(max(0.0, width)), _n(max(0.0, height)), hover),
    )


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> SafeString:
    return format_html(
        '<line class="chart__{}" x1="{}" y1="{}" x2="{}" y2="{}"/>', kind, _n(x1), _n(y1), _n(x2), _n(y2)
    )


def path(points: Iterable[tuple[float, float]], kind: str = "line") -> SafeString:
    return format_html('<polyline class="chart__{}" points="{}"/>', kind, _points(points))


def area(points: Iterable[tuple[float, float]], kind: str = "band") -> SafeString:
    return format_html('<polygon class="chart__{}" points="{}"/>', kind, _points(points))


def dot(x: float, y: float, radius: float = 2.5, kind: str = "dot") -> SafeString:
    return format_html('<circle class="chart__{}" cx="{}" cy="{}" r="{}"/>', kind, _n(x), _n(y), radius)


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in points)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
