"""Mail and Slack posts leave with the change that caused them, once, and are tried again until they arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from companyos.kernel.clock import WallClock
from companyos.platform import mail, posting, slack
from companyos.platform.instance import instance, run_as
from companyos.platform.models import Outgoing, Tenant
from companyos.platform.outgoing import KEPT_UNSENT, LEASE, WAITS, Channel, backlog, forget_old, receipts
from end_to_end.message_servers import MailServer, SlackServer, slack_server, smtp_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO = "ana@example.com"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mails(settings: Any) -> Iterator[MailServer]:
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = False
        yield server


@pytest.fixture
def posts(settings: Any) -> Iterator[SlackServer]:
    with slack_server() as server:
        settings.SLACK_API_URL, settings.SLACK_TOKEN = f"{server.url}/api", "xoxb-test"
        yield server


def ask(**more: Any) -> bool:
    return mail.send_mail(to=TO, subject="Please\n answer", text="yes?", now=NOW, **more)


def test_a_mail_leaves_with_its_change_and_is_blanked_once_sent(mails: MailServer) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        ask()
        raise RuntimeError("the change fails, and so its mail was never queued")
    assert ask(html="<p>yes?</p>", reply_to="box@example.com", headers={"In-Reply-To": "<1@x>"}, key="a")
    assert not ask(key="a"), "the same key is sent once"
    assert posting.post_what_waits(now=NOW) == 1
    assert posting.post_what_waits(now=NOW + timedelta(days=1)) == 0
    [got] = mails.mails
    assert (got["To"], got["Subject"], got["Reply-To"], got["In-Reply-To"]) == (
        TO, "Please answer", "box@example.com", "<1@x>")  # fmt: skip
    kinds = {part.get_content_type() for part in got.walk()}
    assert {"text/plain", "text/html"} <= kinds
    row = Outgoing.objects.get()
    assert (row.sent_at, row.words, row.problem) == (NOW, {}, "")


def test_a_busy_server_is_tried_again_and_a_wrong_address_is_not(mails: MailServer) -> None:
    ask()
    mails.refuse = ["451 later", "550 no such box"]
    assert posting.post_what_waits(now=NOW) == 0
    left = backlog(Channel.MAIL)
    assert (left.waiting, left.failing, left.given_up) == (1, 1, 0)
    assert "451: later" in left.problem
    assert posting.post_what_waits(now=NOW + timedelta(seconds=59)) == 0
    assert mails.refuse == ["550 no such box"], "it waits its minute"
    posting.post_what_waits(now=NOW + WAITS[0])
    left = backlog(Channel.MAIL)
    assert (left.waiting, left.given_up) == (0, 1)
    assert mails.mails == []
    with pytest.raises(ValueError, match="no mail address"):
        mail.send_mail(to="nobody", subject="x", text="x", now=NOW)


def test_a_server_that_is_gone_is_given_up_after_days_never_with_an_error(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", 1, False
    ask()
    now = NOW
    for wait in (*WAITS, timedelta(0)):
        assert posting.post_what_waits(now=now) == 0
        now += wait
    row = Outgoing.objects.get()
    assert (row.attempts, row.try_at, row.words) == (len(WAITS) + 1, None, {})
    assert row.problem.startswith("given up: the mail server cannot be reached")


def test_what_crashed_while_it_was_sent_is_sent_again_under_the_same_name(mails: MailServer) -> None:
    ask()
    first = Outgoing.objects.get()
    Outgoing.objects.update(try_at=NOW + LEASE, attempts=1)  # another process took it, and died
    assert posting.post_what_waits(now=NOW) == 0
    assert posting.post_what_waits(now=NOW + LEASE) == 1
    assert mails.mails[0]["Message-ID"].startswith(f"<{first.pk}.20260302090000@")


def test_without_a_server_mail_is_kept_for_a_week_and_told(settings: Any) -> None:
    settings.EMAIL_HOST = settings.SLACK_TOKEN = settings.SLACK_WEBHOOK_URL = ""
    ask()
    assert posting.post_what_waits(now=NOW) == 0
    assert backlog(Channel.MAIL).waiting == 1
    assert forget_old(now=NOW + KEPT_UNSENT) == 0
    assert forget_old(now=NOW + KEPT_UNSENT + timedelta(seconds=1)) == 1
    assert Outgoing.objects.get().words == {}


def test_nothing_leaves_a_sandbox_or_a_rehearsal() -> None:
    Tenant.objects.create(slug="qa", title="QA", tenant_class="sandbox", region="eu")
    assert not ask(tenant="qa")
    before = instance()
    run_as(type(before)(WallClock(), before.calendar, before.folder, b"", rehearsal=True))
    try:
        assert not ask()
        assert not slack.send_slack(text="x", now=NOW)
    finally:
        run_as(before)
    assert not Outgoing.objects.exists()


def test_slack_finds_the_person_and_posts_what_it_is_told(posts: SlackServer) -> None:
    slack.send_slack(text=f"Hello {slack.escape('<!channel> & you')}", to=TO, now=NOW)
    slack.send_slack(
        text="news", channel="#companyos-updates", thread="9.9", blocks=[{"type": "divider"}], now=NOW
    )
    assert posting.post_what_waits(now=NOW) == 2
    found, hello, news = posts.posts
    assert found == ("/api/users.lookupByEmail", "Bearer xoxb-test", {"email": TO})
    assert hello[2] == {"text": "Hello &lt;!channel&gt; &amp; you", "channel": "U-ana", "unfurl_links": False,
                        "unfurl_media": False}  # fmt: skip
    assert (
        news[2] | {"channel": "#companyos-updates", "thread_ts": "9.9", "blocks": [{"type": "divider"}]}
        == news[2]
    )


@pytest.mark.parametrize(
    ("answer", "waits", "told"),
    [
        ((429, {"Retry-After": "600"}, {}), timedelta(minutes=10), "asks to wait"),
        ((503, {}, {}), WAITS[0], "503"),
        ((200, {}, {"ok": False, "error": "ratelimited"}), WAITS[0], "ratelimited"),
        ((200, {}, {"ok": False, "error": "users_not_found"}), None, "users_not_found"),
        ((302, {"Location": "http://127.0.0.1:1/"}, {}), None, "302"),
    ],
)
def test_what_slack_refuses_for_now_is_tried_again(
    posts: SlackServer, answer: Any, waits: Any, told: str
) -> None:
    posts.answers = [answer]
    slack.send_slack(text="x", to=TO, now=NOW)
    assert posting.post_what_waits(now=NOW) == 0
    row = Outgoing.objects.get()
    assert row.try_at == (NOW + waits if waits else None)
    assert told in row.problem


def test_a_webhook_posts_in_its_channel_and_never_to_a_person(posts: SlackServer, settings: Any) -> None:
    settings.SLACK_TOKEN, settings.SLACK_WEBHOOK_URL = "", f"{posts.url}/services/T/B/x"
    assert not slack.reaches_people()
    slack.send_slack(text="news", now=NOW)
    slack.send_slack(text="for one pair of eyes", to=TO, now=NOW)
    assert posting.post_what_waits(now=NOW) == 1
    [(path, key, body)] = posts.posts
    assert (path, key, body["text"]) == ("/services/T/B/x", "", "news")


def test_R109_many_mails_are_queued_at_once_each_of_them_once(
    mails: MailServer, django_assert_max_num_queries: Any
) -> None:
    letters = [mail.Letter(f"p{n}@example.com", "news", "<p>news</p>", f"note {n}") for n in range(1_200)]
    letters.append(mail.Letter("no address", "news", "<p>news</p>", "note x"))
    with django_assert_max_num_queries(40):
        assert mail.send_mails(letters, subject="News", headers={"List-Unsubscribe": "<x>"}, now=NOW) == 1_200
    assert mail.send_mails(letters, subject="News", now=NOW) == 0
    assert posting.post_what_waits(now=NOW) == 50
    got = mails.mails[0]
    assert (got["To"], got["Subject"], got["List-Unsubscribe"]) == ("p0@example.com", "News", "<x>")
    instance().rehearsal = True
    try:
        assert mail.send_mails([mail.Letter(TO, "x", "x", "other")], subject="News", now=NOW) == 0
    finally:
        instance().rehearsal = False


def test_R112_an_answer_waits_for_its_post_and_joins_its_thread(posts: SlackServer) -> None:
    posts.answers = [(503, {}, {})]
    slack.send_slack(text="heads-up", channel="#updates", key="first", now=NOW)
    slack.send_slack(text="it is on", channel="#updates", answers="first", key="second", now=NOW)
    assert posting.post_what_waits(now=NOW) == 0
    waits = Outgoing.objects.get(key="second")
    assert (waits.try_at, waits.problem) == (NOW + WAITS[0], "the post that it answers is not sent yet")
    assert receipts(Channel.SLACK, ["first"]) == {}
    assert posting.post_what_waits(now=NOW + WAITS[0]) == 2
    assert receipts(Channel.SLACK, ["first", "none"]) == {"first": "1.2"}
    threads = [body.get("thread_ts") for _, _, body in posts.posts]
    assert threads == [None, None, "1.2"], "tried, posted, answered"


def test_R112_an_answer_goes_into_the_channel_when_its_post_never_came(posts: SlackServer) -> None:
    posts.answers = [(200, {}, {"ok": False, "error": "not_in_channel"})]
    slack.send_slack(text="heads-up", channel="#updates", key="first", now=NOW)
    slack.send_slack(text="it is on", channel="#updates", answers="first", key="second", now=NOW)
    assert posting.post_what_waits(now=NOW) == 1, "the first was refused for good: nothing to wait for"
    Outgoing.objects.all().delete()
    posts.posts.clear()
    slack.send_slack(text="heads-up", channel="#updates", key="first", now=NOW)
    Outgoing.objects.update(try_at=NOW + timedelta(days=1))  # Slack asked to wait for long
    slack.send_slack(text="it is on", channel="#updates", answers="first", key="second", now=NOW)
    late = NOW + slack.WAITS_FOR_ITS_THREAD
    assert posting.post_what_waits(now=late - timedelta(seconds=1)) == 0
    Outgoing.objects.filter(key="second").update(try_at=late)
    assert posting.post_what_waits(now=late) == 1
    assert [body.get("thread_ts") for _, _, body in posts.posts] == [None]


def test_a_webhook_names_no_thread(posts: SlackServer, settings: Any) -> None:
    settings.SLACK_TOKEN, settings.SLACK_WEBHOOK_URL = "", f"{posts.url}/services/T/B/x"
    slack.send_slack(text="heads-up", key="first", now=NOW)
    slack.send_slack(text="it is on", answers="first", key="second", now=NOW)
    assert posting.post_what_waits(now=NOW) == 2
    assert receipts(Channel.SLACK, ["first"]) == {}
