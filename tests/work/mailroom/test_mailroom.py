"""Cases by mail, from Slack and to webhooks, over real SMTP and HTTP; also what is forged, loops or comes twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from companyos.people.identity import queries as identity
from companyos.platform import webhooks
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import OutboxMessage, Outgoing
from companyos.platform.posting import post_what_waits
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.cases.domain.types import EventKind
from companyos.work.cases.queries.one import Detail
from companyos.work.mailroom import actions
from companyos.work.mailroom.domain.addresses import reply_address
from end_to_end.message_servers import MailServer, slack_server, smtp_server

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
BOX = "cases@company.example"
SQUAD, ENGINEER, LEAD, REPORTER = "approvals-squad", "elif-aksoy", "maelle-girard", "kenji-fujimori"
HOME = "engineering-quality"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


@cache
def program() -> Any:
    nothing: dict[str, Any] = dict.fromkeys(
        ("features", "plans", "surveys", "flags", "segments", "requests"), ()
    )
    return replace(load_program(ROOT / "program"), measures={}, **nothing)


@pytest.fixture(autouse=True)
def company(db: None, settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MAIL_BOX = BOX
    before = instance()
    run_as(Instance(before.clock, program().company.calendar, tmp_path, b"secret"))
    case_queries.forget_definitions()
    apply(program(), now=NOW)
    OutboxMessage.objects.update(relayed=True)
    yield
    case_queries.forget_definitions()
    run_as(before)


def address(person: str) -> str:
    return identity.reached([person])[person].email


def mail(text: str = "It stops at 9", *, sender: str = "", to: str = BOX, **more: str) -> bytes:
    letter = EmailMessage()
    headers = {
        "From": sender or address(REPORTER), "To": to, "Subject": "The export stops",
        "Message-ID": "<one@company.example>", **{name.replace("_", "-"): value for name, value in more.items()},
    }  # fmt: skip
    for name, value in headers.items():
        letter[name] = value
    letter.set_content(text)
    return letter.as_bytes()


def take(content: bytes, minutes: float = 0) -> str:
    return actions.take_letter(content=content, now=NOW + timedelta(minutes=minutes))


def case(number: str, viewer: str = REPORTER) -> Detail:
    found = case_queries.detail(number, viewer, NOW)
    assert found is not None
    return found


def comments(number: str) -> list[str]:
    return [str(each.body["text"]) for each in case(number).events if each.kind is EventKind.COMMENTED]


def test_a_mail_is_a_case_and_an_answer_words_in_it() -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = address(REPORTER), BOX, "The export stops"
    letter["Message-ID"] = "<first@company.example>"
    letter.set_content("It stops at 9\n\n-- \nKenji")
    letter.add_attachment(PNG, "image", "png", filename="screen.png")
    letter.add_attachment(b"MZ\x90\x00", "application", "octet-stream", filename="tool.exe")
    number = take(letter.as_bytes())
    found = case(number)
    assert (found.line.title, found.body, found.line.tenant) == ("The export stops", "It stops at 9", HOME)
    assert [each.name for each in found.files] == ["screen.png"]
    assert "tool.exe" in comments(number)[0]
    with pytest.raises(actions.Ignored, match="taken before"):
        take(letter.as_bytes(), 1)
    again = mail(
        "And at 10\n\nOn Monday, CompanyOS wrote:\n> It stops",
        Message_ID="<2@x>",
        In_Reply_To="<first@company.example>",
    )
    assert take(again, 2) == number
    assert comments(number)[-1] == "And at 10"


def test_the_reporter_is_told_by_mail_and_an_answer_comes_back(settings: Any) -> None:
    with smtp_server() as server:
        _use(server, settings)
        number = take(mail())
        cases.accept_triage(
            actor=ENGINEER, case=number, type_slug="feedback", severity="sev3", squad=SQUAD, owner=ENGINEER, now=NOW
        )  # fmt: skip
        for _ in range(2):  # relayed at least once
            _relay(actions.write_to_people, "case.told")
        assert post_what_waits(now=NOW) == 1
        (told,) = server.mails
    assert told["Subject"] == f"[{HOME}-1] The export stops"
    assert "Elif Aksoy" in told.get_content()
    assert told["Reply-To"].startswith("cases+")
    answer = mail("Thank you", to=told["Reply-To"], Message_ID="<3@x>", References=told["References"])
    assert take(answer, 1) == number
    assert comments(number) == ["Thank you"]
    with pytest.raises(actions.Ignored, match="mail of ours"):
        take(told.as_bytes(), 2)


def _use(server: MailServer, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False


def _relay(hear: Any, topic: str = "") -> None:
    for message in OutboxMessage.objects.filter(topic__startswith=topic or "case.").order_by("pk"):
        if topic:
            hear(message.body, now=NOW)
        else:
            hear(message.topic, message.body, now=NOW)


def test_what_a_program_wrote_is_answered_by_nobody() -> None:
    for header, value in (
        ("Auto_Submitted", "auto-replied"), ("Precedence", "bulk"), ("List_Id", "<all.company.example>"),
        ("Return_Path", "<>"), ("X_CompanyOS", "case"), ("X_Autoreply", "yes"),
    ):  # fmt: skip
        with pytest.raises(actions.Ignored, match="a program wrote it"):
            take(mail(**{header: value}))


def test_who_is_not_proven_is_refused_and_a_flood_ends(settings: Any) -> None:
    with pytest.raises(actions.NotTaken, match="nobody's address"):
        take(mail(sender="eve@elsewhere.example"))
    settings.MAIL_SERVER = "mx.company.example"
    with pytest.raises(actions.NotTaken, match="could not prove"):
        take(mail(Authentication_Results="elsewhere.example; dmarc=pass"))
    number = take(mail(Authentication_Results="mx.company.example; spf=pass; dmarc=pass"))
    other = mail(
        "Mine too", sender=address(LEAD), to=reply_address(BOX, number, REPORTER, settings.SECRET_KEY)
    )
    with pytest.raises(actions.NotTaken, match="could not prove"):
        take(other)
    settings.MAIL_SERVER = ""
    for n in range(19):
        take(mail(Message_ID=f"<{n}@x>"), 1)
    with pytest.raises(actions.NotTaken, match="20 mails an hour"):
        take(mail(Message_ID="<last@x>"), 2)


SIGNING = "slack signs with this"


def test_a_slack_message_becomes_a_case_once_and_its_thread_hears_R187(settings: Any) -> None:
    settings.SLACK_SIGNING_SECRET, settings.SLACK_TOKEN = SIGNING, "xoxb"
    message = {"ts": "17.5", "text": "The <https://x.example|export> stops, <@U7|rania>"}
    shortcut = {
        "type": "message_action", "user": {"id": "U1"}, "channel": {"id": "C1"}, "message": message,
        "team": {"domain": "acme"}, "trigger_id": "t1",
    }  # fmt: skip
    body = urlencode({"payload": json.dumps(shortcut)}).encode()
    with slack_server() as slack:
        settings.SLACK_API_URL = slack.url
        who = {"ok": True, "user": {"profile": {"email": address(REPORTER)}}}
        slack.answers += [(200, {}, who), (200, {}, who), (200, {}, who)]
        said = [_from_slack(body), _from_slack(body)]
        typed = urlencode(
            {"command": "/case", "text": "Too slow", "user_id": "U1", "trigger_id": "t2"}
        ).encode()
        said.append(_from_slack(typed))
        assert post_what_waits(now=datetime.now(UTC)) == 1
        (post,) = [body for path, _, body in slack.posts if path.endswith("chat.postMessage")]
    assert said[0] == said[1]
    assert f"{HOME}-1" in said[0]
    assert f"{HOME}-2" in said[2]
    assert (post["channel"], post["thread_ts"]) == ("C1", "17.5")
    number = case_queries.id_of_label(f"{HOME}-1")
    assert case(number).body == "The [export](https://x.example) stops, rania"
    assert case(number).context["message"] == "https://acme.slack.com/archives/C1/p175"


def _from_slack(body: bytes) -> str:
    answer = _post_slack(body)
    assert answer.status_code == 200
    return str(answer.json()["text"])


def _post_slack(body: bytes, *, age: float = 0, secret: str = SIGNING) -> Any:
    sent = str(int(datetime.now(UTC).timestamp() - age))
    signed = hmac.new(secret.encode(), f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": sent, "X-Slack-Signature": f"v0={signed}"}
    return Client().post("/hooks/slack", body, "application/x-www-form-urlencoded", headers=headers)


def test_what_slack_did_not_sign_or_signed_long_ago_is_refused(settings: Any) -> None:
    assert _post_slack(b"command=/case", secret="").status_code == 401, "no secret is no door"
    settings.SLACK_SIGNING_SECRET = SIGNING
    assert _post_slack(b"command=/case", age=301).status_code == 401
    assert _post_slack(b"command=/case", secret="another").status_code == 401
    assert "nothing that becomes a case" in _post_slack(b"payload=%7B").json()["text"]


class Receiver:
    """Another program that hears of cases: what came, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.url = ""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    kept = Receiver()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.heard.append((dict(self.headers), body))
            self.send_response(kept.answers.pop(0) if kept.answers else 200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        kept.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield kept
        server.shutdown()


def test_a_webhook_is_signed_tried_again_and_its_dead_letters_are_seen(
    receiver: Receiver, settings: Any
) -> None:
    with pytest.raises(actions.Refused, match="https"):
        actions.add_hook(actor=LEAD, tenant=HOME, url=receiver.url, events=(), now=NOW)
    settings.WEBHOOKS_INSIDE = True
    with pytest.raises(actions.Refused, match="leads a team"):
        actions.add_hook(actor=ENGINEER, tenant=HOME, url=receiver.url, events=(), now=NOW)
    hook = actions.add_hook(actor=LEAD, tenant=HOME, url=receiver.url, events=("opened",), now=NOW)
    number = take(mail())
    cases.comment(actor=REPORTER, case=number, text="a secret", now=NOW)
    receiver.answers = [503]
    for _ in range(2):
        _relay(actions.tell_hooks)
    assert [post_what_waits(now=NOW), post_what_waits(now=NOW + timedelta(minutes=5))] == [0, 1]
    (first, body), (second, again) = receiver.heard
    assert (first["Webhook-Id"], body) == (second["Webhook-Id"], again)
    right = webhooks.signature(
        webhooks.secret_of(hook), second["Webhook-Id"], int(second["Webhook-Timestamp"]), again
    )
    assert second["Webhook-Signature"] == right
    told = json.loads(again)
    assert (told["type"], told["data"]["label"], told["data"]["title"]) == (
        "case.opened", f"{HOME}-1", "The export stops",
    )  # fmt: skip
    assert "It stops at 9" not in again.decode()

    receiver.answers = [410]
    take(mail(Message_ID="<2@x>"), 1)
    _relay(actions.tell_hooks)
    assert post_what_waits(now=NOW) == 0
    assert "410" in Outgoing.objects.order_by("-pk")[0].problem
    actions.end_hook(actor=LEAD, hook=hook, now=NOW)
    assert actions.tell_hooks("case.opened", {"case": number, "n": 1, "tenant": HOME}, now=NOW) == 0


@pytest.mark.slow
def test_a_mail_servers_pipe_is_told_by_the_exit_code(tmp_path: Path) -> None:
    from cli.instance import prepared

    prepared(tmp_path)
    command = [sys.executable, "-m", "companyos", "mail-in", "--data", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    told = [
        subprocess.run(command, cwd=ROOT, input=content, capture_output=True, env=environment, check=False)
        for content in (mail(), mail(), mail(sender="eve@elsewhere.example", Message_ID="<x@y>"), b"")
    ]
    assert [each.returncode for each in told] == [0, 0, 77, 2]
    assert b"nobody's address" in told[2].stderr
