"""Reading mail and Slack: only new words, nothing that runs, addresses that nobody can make but us. Pure."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.work.mailroom.domain.addresses import case_of, reply_address
from companyos.work.mailroom.domain.letters import read_letter, without_quotes
from companyos.work.mailroom.domain.slack_words import plain

BOX = "cases@company.example"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yes\n\nOn Mon, 9 Nov 2026 at 10:00, CompanyOS wrote:\n> no", "Yes"),
        ("Ja\n\nAm Mo., 9. Nov. 2026 um 10:00 Uhr schrieb CompanyOS <c@x>:\n> nein", "Ja"),
        ("Yes\r\n-- \r\nKenji", "Yes"),
        ("> only quoted", ""),
        ("On the one hand\nOn the other", "On the one hand\nOn the other"),
    ],
)
def test_only_new_words_are_taken(text: str, kept: str) -> None:
    assert without_quotes(text) == kept


def test_a_page_as_mail_is_read_without_what_would_run() -> None:
    letter = EmailMessage()
    letter["From"] = "a@b.example"
    letter.set_content(
        "<style>p{}</style><p>Hi<script>alert(1)</script><br>there</p><blockquote>old</blockquote>", "html"
    )
    assert read_letter(letter.as_bytes()).text == "Hi\nthere"


@given(st.binary(max_size=400))
def test_whatever_is_no_mail_reads_as_an_empty_one(content: bytes) -> None:
    read_letter(b"From: a@b.example\r\nContent-Type: text/html; charset=nonsense\r\nTo: " + content)
    read_letter(content)


@given(st.uuids(), st.text(max_size=20), st.text(max_size=20))
def test_an_answers_address_is_for_one_person_and_one_case(case_id: Any, person: str, other: str) -> None:
    to = reply_address(BOX, str(case_id), person, "secret")
    assert len(to.partition("@")[0]) <= 64, "RFC 5321"
    assert case_of(to.upper(), BOX, person, "secret") == str(case_id)
    assert case_of(to, BOX, person, "another secret") == ""
    if other != person:
        assert case_of(to, BOX, other, "secret") == ""


def test_slacks_marks_become_plain_words() -> None:
    assert (
        plain("<!channel> see <https://a.example> &lt;b&gt; <@U1>") == "channel see https://a.example <b> U1"
    )
