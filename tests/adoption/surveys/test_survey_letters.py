"""R96, R98: surveys by mail and Slack over real servers, once per person, within one budget; no link answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from adoption.surveys.test_asking import DAY, NOW, Told, told  # noqa: F401  # the company and its triggers
from companyos.adoption.surveys import actions, jobs, queries
from companyos.adoption.surveys.domain.letters import Letter, as_page, in_mail, in_slack
from companyos.adoption.surveys.domain.phrases import PHRASES
from companyos.adoption.surveys.domain.types import Kind, Letters, SurveySpec
from companyos.adoption.surveys.models import Invitation, SurveyLetter, UnsignedAnswer
from companyos.kernel.clock import VirtualClock
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance
from companyos.platform.models import Outgoing
from companyos.platform.posting import post_what_waits
from end_to_end.message_servers import MailServer, SlackServer, slack_server, smtp_server

AT = NOW + 3 * DAY
LATER = AT + timedelta(hours=2)
PEOPLE = ("ana-ruiz", "elif-aksoy")
SPEC = SurveySpec("<ease>", "approvals", "How <b>easy</b>?", low_label="Hard & slow", high_label="Easy")


@pytest.fixture
def post(told: Told, settings: Any) -> Iterator[MailServer]:  # noqa: F811
    with smtp_server() as box:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.PUBLIC_URL = "http://testserver"
        yield box


@pytest.fixture
def slack(settings: Any) -> Iterator[SlackServer]:
    with slack_server() as server:
        settings.SLACK_TOKEN, settings.SLACK_API_URL = "xoxb-test", server.url
        yield server


def some(*slugs: str) -> list[Any]:
    return [each for each in identity.everybody() if each.slug in (slugs or PEOPLE)]


def ask_and_write(*slugs: str) -> int:
    actions.ask_by_letter(people=some(*slugs), calendar=instance().calendar, now=AT)
    return actions.write_letters(now=LATER)


def deliver() -> int:
    arrived = post_what_waits(now=LATER)
    actions.settle_letters(now=LATER)
    return arrived


def links(mail: Any) -> list[str]:
    return re.findall(r"http://testserver(/question/\S+)", mail.get_body(("plain",)).get_content())


def clock_at(moment: Any) -> None:
    clock = instance().clock
    assert isinstance(clock, VirtualClock)
    clock.set(moment)


def test_R98_a_person_is_written_to_once_on_each_channel_and_within_the_budget(
    post: MailServer, slack: SlackServer
) -> None:
    assert [ask_and_write(), ask_and_write(), actions.write_letters(now=LATER + DAY)] == [2, 0, 0]
    assert deliver() == 4
    assert sorted(mail["To"] for mail in post.mails) == sorted(
        r.email for r in identity.reached(PEOPLE).values()
    )
    assert sum(path.endswith("chat.postMessage") for path, _, _ in slack.posts) == 2
    assert Invitation.all_rows.count() == 2
    mail = post.mails[0]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [path.rpartition("score=")[2] for path in links(mail)[:5]] == ["1", "2", "3", "4", "5"]
    told_by = {each.channel: each for each in queries.letters_of("usability", since=NOW)}
    for channel in Letters:
        assert (told_by[channel].written, told_by[channel].sent, told_by[channel].waiting) == (2, 2, 0)


def test_a_link_opens_the_form_and_only_the_form_answers(post: MailServer, client: Client) -> None:
    ask_and_write("ana-ruiz")
    deliver()
    clock_at(LATER)
    score_4 = links(post.mails[0])[3]
    for _ in range(2):  # a scanner, then the person
        page = client.get(score_4).content.decode()
    assert re.search(r'value="4" required checked', page)
    assert queries.tally("usability").answered == 0
    assert "Thank you" in client.post(score_4, {"score": "5"}).content.decode()
    assert client.post(score_4, {"score": "1"}).status_code == 409
    assert "You have answered" in client.get(score_4).content.decode()
    assert queries.tally("usability") == queries.Tally(1, 1, 1, 0)
    (line,) = queries.letters_of("usability", since=NOW)
    assert (line.channel, line.sent, line.opened, line.answered) == (Letters.MAIL, 1, 1, 1)


def test_who_met_the_question_in_a_widget_gets_no_letter(post: MailServer) -> None:
    actions.ask_by_letter(people=some(), calendar=instance().calendar, now=AT)
    assert actions.show_next(actor="ana-ruiz", now=AT)
    assert actions.write_letters(now=AT + timedelta(minutes=59)) == 0
    assert actions.write_letters(now=AT + 15 * DAY) == 0  # lapsed
    assert actions.write_letters(now=LATER) == 1
    assert Outgoing.objects.count() == 1


def test_letters_end_by_one_click_of_the_mail_program_and_a_get_ends_nothing(
    post: MailServer, client: Client
) -> None:
    ask_and_write("ana-ruiz")
    deliver()
    stop = re.search(r"<http://testserver(.+)>", post.mails[0]["List-Unsubscribe"])
    assert stop
    strict = Client(enforce_csrf_checks=True)
    assert "No more letters" in strict.get(stop[1]).content.decode()
    assert queries.wants_letters("ana-ruiz")
    assert strict.post(stop[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not queries.wants_letters("ana-ruiz")
    assert strict.post(f"{stop[1]}x").status_code == 404
    Invitation.all_rows.all().delete()
    assert ask_and_write() == 1  # the other one
    assert strict.post(stop[1], {"letters": "yes"}).status_code == 200
    assert queries.wants_letters("ana-ruiz")


def test_what_the_server_refuses_is_tried_again_and_then_said_to_be_given_up(post: MailServer) -> None:
    post.refuse += ["451 later", "550 nobody"]
    ask_and_write("ana-ruiz")
    assert deliver() == 0
    (line,) = queries.letters_of("usability", since=NOW)
    assert (line.waiting, line.given_up) == (1, 0)
    post_what_waits(now=LATER + timedelta(minutes=2))
    actions.settle_letters(now=LATER)
    (line,) = queries.letters_of("usability", since=NOW)
    assert (line.sent, line.waiting, line.given_up) == (0, 0, 1)


def test_no_letter_leaves_a_rehearsal_and_nobody_is_asked_without_a_channel(
    told: Told,  # noqa: F811
    settings: Any,
) -> None:
    assert actions.ask_by_letter(people=some(), calendar=instance().calendar, now=AT) == 0
    settings.EMAIL_HOST = "mail.example"
    instance().rehearsal = True
    actions.ask_by_letter(people=some(), calendar=instance().calendar, now=AT)
    assert actions.write_letters(now=LATER) == 0
    assert (Outgoing.objects.count(), SurveyLetter.all_rows.count()) == (0, 0)


def test_a_survey_without_letters_is_not_asked_by_letter(post: MailServer) -> None:
    for survey in queries.surveys():
        actions.keep_survey(replace(survey, letters=()))
    assert actions.ask_by_letter(people=some(), calendar=instance().calendar, now=AT) == 0


def test_rounds_go_through_everybody_in_working_time_and_ask_each_once(
    post: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = identity.everybody()[:7]
    monkeypatch.setattr(identity, "everybody", lambda: few)
    monkeypatch.setattr(jobs, "_AT_ONCE", 3)
    rounds, saturday = jobs.LetterRounds(instance().calendar), NOW + 5 * DAY
    assert (rounds.look(saturday), Invitation.all_rows.count()) == (0, 0)
    asked = []
    for minute in range(5):
        rounds.look(AT + timedelta(minutes=minute))
        asked.append(Invitation.all_rows.count())
    assert asked == [3, 6, 7, 7, 7]
    assert rounds.look(AT + timedelta(minutes=63)) == 7


def test_an_anonymous_answer_is_kept_apart_from_its_person(post: MailServer, client: Client) -> None:
    for survey in queries.surveys():
        actions.keep_survey(replace(survey, anonymous=True))
    ask_and_write("ana-ruiz")
    deliver()
    clock_at(LATER)
    form = links(post.mails[0])[0]
    client.get(form)
    client.post(form, {"score": "4", "comment": "fine"})
    asked = Invitation.all_rows.get()
    assert (asked.score, asked.comment, asked.unsigned) == (None, "", True)
    assert {asked.answered_at, asked.opened_at} == {asked.asked_at}
    kept = UnsignedAnswer.all_rows.get()
    assert (kept.score, kept.comment, kept.week.weekday(), kept.week.hour) == (4, "fine", 0, 0)
    assert queries.tally("usability") == queries.Tally(1, 1, 1, 0)
    assert [v.words for v in queries.verbatims("usability", since=NOW)] == ["fine"]
    assert client.post(form, {"score": "1"}).status_code == 409
    assert actions.forget(["ana-ruiz"]) >= 1
    assert UnsignedAnswer.all_rows.count() == 1


@pytest.mark.parametrize("language", sorted(PHRASES))
@pytest.mark.parametrize("kind", list(Kind))
def test_a_letter_speaks_the_language_of_its_survey_and_escapes_its_words(language: str, kind: Kind) -> None:
    spec = replace(SPEC, language=language, kind=kind, choices=("<i>yes</i>", "no"), anonymous=True)
    letter = Letter(spec, "https://x/question/t", "https://x/question/letters/s")
    page = as_page(letter)
    assert f'lang="{language}"' in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert PHRASES[language].stop in in_mail(letter)
    assert "<b>" not in in_slack(letter, lambda text: text.replace("<", "&lt;"))
    assert len(letter.choices(Letters.MAIL)) == len(spec.scores)
