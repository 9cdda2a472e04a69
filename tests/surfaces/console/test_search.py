"""What a few letters find, and in which order."""

from __future__ import annotations

import pytest

from companyos.surfaces.console.search.matching import MOST_OF_A_KIND, Entry, fitting

PLACES = [
    Entry("Unified Approvals Workflow", "/1", "unified-approvals"),
    Entry("Approvals", "/2", "area"),
    Entry("Maëlle's request", "/3", "corporate-12 open"),
    Entry("Reminder wording", "/4", "approvals.reminder-wording"),
    Entry("Disapproval", "/5"),
]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "appr",
            ["/2", "/1", "/5", "/4"],
        ),  # begins with it, a word of it does, somewhere in it, only beside it
        ("APPROVALS work", ["/1"]),
        ("maelle", ["/3"]),
        ("corporate-12", ["/3"]),
        ("reminder-wording", ["/4"]),
        ("nothing like it", []),
        ("", ["/1", "/2", "/3", "/4", "/5"]),
        ("x" * 500, []),
    ],
)
def test_every_word_is_found_and_the_likeliest_comes_first(words: str, expected: list[str]) -> None:
    assert [entry.href for entry in fitting(words, PLACES)] == expected


def test_a_kind_shows_eight_and_what_was_looked_up_elsewhere_stays() -> None:
    assert len(fitting("a", [Entry(f"a{n}", "/") for n in range(50)])) == MOST_OF_A_KIND
    by_its_text = Entry("It does not load", "/", found=True)  # the word stands in a text that is not shown
    assert fitting("spinner", [by_its_text]) == (by_its_text,)
