"""The chart of a gate: whatever the readings are, it is one well-formed drawing inside its frame."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from companyos.adoption.rollouts.domain.board import GateTile, Reading
from companyos.surfaces.ui.charts import HEIGHT, WIDTH, gate_chart
from screens.sample_gates import BLIND, COMPLETION, CSAT, DRILL, ERRORS, INCIDENTS, LATENCY, NOW, ago

NAN = float("nan")
ZEROS = tuple(Reading(ago(hours=each), 0.0, 0.0, 0.0) for each in (2, 1, 0))
FLAT = replace(ERRORS, history=ZEROS, gate=replace(ERRORS.gate, limit=0.0))
BROKEN = replace(ERRORS, history=(Reading(ago(hours=1), NAN, NAN, 1.0), Reading(NOW, None, None, None)))
LONE = replace(CSAT, history=())
OVER_ONE = replace(ERRORS, history=(Reading(NOW, 1.2, None, None),), gate=replace(ERRORS.gate, limit=None))


@pytest.mark.parametrize("tile", [ERRORS, LATENCY, COMPLETION, CSAT, BLIND, FLAT, BROKEN, LONE, OVER_ONE])
def test_a_chart_is_well_formed_and_stays_in_its_frame(tile: GateTile) -> None:
    drawn = gate_chart(tile, NOW)
    ElementTree.fromstring(drawn)  # noqa: S314 (our own text)
    assert "style=" not in drawn
    assert "nan" not in drawn.lower()
    for points in re.findall(r'points="([^"]+)"', drawn):
        for x, y in (pair.split(",") for pair in points.split()):
            assert 0 <= float(x) <= WIDTH
            assert 0 <= float(y) <= HEIGHT


@pytest.mark.parametrize("tile", [DRILL, INCIDENTS])
def test_no_chart_where_it_would_say_no_more_than_the_number(tile: GateTile) -> None:
    assert gate_chart(tile, NOW) == ""


def test_a_hole_in_the_readings_leaves_a_hole_in_the_line() -> None:
    assert gate_chart(LATENCY, NOW).count("chart__line") == 2


def test_no_reading_is_said() -> None:
    assert "No reading yet. The limit is 12." in gate_chart(BLIND, NOW)


def test_the_colour_is_the_verdict() -> None:
    assert "chart--good" in gate_chart(LATENCY, NOW)
    assert "chart--info" in gate_chart(COMPLETION, NOW)


def test_a_title_from_the_plan_cannot_break_out() -> None:
    tile = replace(ERRORS, gate=replace(ERRORS.gate, title="<script>", name='a" onload="b'))
    drawn = gate_chart(tile, NOW)
    assert "<script>" not in drawn
    assert 'onload="b' not in drawn
