"""The quick check of events agrees with the slow one, which says what is wrong."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.analytics.batch import read_batch
from companyos.analytics.events import CheckedEvent, Event, Refusal, is_sound

ODD = [
    "",
    "a",
    "a" * 64,
    "a" * 65,
    "a" * 200,
    "a" * 201,
    "A",
    "-a",
    "a-b",
    "a.b",
    "$a",
    "a b",
    "a\n",
    "\n",
    "a\nb",
    "\x7f",
    "é",
]
TEXT = st.sampled_from(ODD) | st.text(max_size=9)
FIELDS = ("id", "event", "tenant", "actor", "feature", "path", "kind", "case", "task")
GOOD = {"id": "event-0001", "event": "a", "time": "2026-03-02T09:00:00Z", "tenant": "sales"}


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS), TEXT, max_size=3))
def test_quick_and_slow_agree(odd: dict[str, str]) -> None:
    told = GOOD | odd
    try:
        msgspec.convert(told, CheckedEvent, strict=False)
        accepted = True
    except msgspec.ValidationError:
        accepted = False
    assert is_sound(msgspec.convert(told, Event, strict=False)) is accepted
    (item,) = read_batch(msgspec.json.encode({"events": [told]}))
    assert isinstance(item, Refusal) is not accepted
