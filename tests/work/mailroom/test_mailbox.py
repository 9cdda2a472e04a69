"""Cases from a mailbox, over a real IMAP server: each mail once, whatever crashes; the rest is set aside."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import OperationalError
from django.test import Client

from companyos.people.identity import queries as identity
from companyos.work.cases.models import Case
from companyos.work.mailroom import actions, queries
from companyos.work.mailroom.actions import mailbox as reading
from companyos.work.mailroom.models import MailboxRead
from end_to_end.imap_server import PASSWORD, USER, ImapServer, imap_server
from work.mailroom.test_mailroom import LEAD, NOW, company, mail  # noqa: F401  # the company, for each test

ASIDE = "CompanyOS not taken"


@pytest.fixture
def box(settings: Any) -> Iterator[ImapServer]:
    with imap_server() as server:
        settings.IMAP_URL = f"imap://{USER}:{quote(PASSWORD, safe='')}@127.0.0.1:{server.port}"
        yield server


def letter(n: int, **more: str) -> bytes:
    return mail(f"It stops at {n}", Message_ID=f"<{n}@company.example>", **more)


def read(minutes: float) -> int:
    return actions.read_mailbox(now=NOW + timedelta(minutes=minutes))


def problem() -> str:
    found = queries.mailbox()
    assert found is not None
    return found.problem


def test_each_mail_is_taken_once_and_marked_as_read(box: ImapServer) -> None:
    box.put(letter(1), letter(2))
    assert read(0) == 2
    assert read(0.5) == 0  # not due
    assert not [each for each in box.said if "BODY" in each][2:]
    box.put(letter(3))
    assert [read(2), read(4)] == [1, 0]
    assert Case.all_rows.count() == 3
    assert [box.flags[uid] for uid in (1, 2, 3)] == [{"\\Seen"}] * 3
    found = queries.mailbox()
    assert found is not None
    assert (found.taken, found.problem, found.read_at) == (3, "", NOW + timedelta(minutes=4))
    assert PASSWORD not in found.name


STEPS = ("UID SEARCH", "UID FETCH 2 (BODY", "UID STORE 1")
MORE_STEPS = ("UID FETCH 2 (RFC822.SIZE)", "LOGOUT", "UID MOVE", "CREATE")


@pytest.mark.parametrize(
    "step", [*STEPS, *(pytest.param(each, marks=pytest.mark.slow) for each in MORE_STEPS)]
)
def test_a_server_that_hangs_up_at_any_step_loses_and_doubles_nothing(box: ImapServer, step: str) -> None:
    box.put(letter(1), letter(2), letter(3), letter(4, sender="stranger@elsewhere.example"))
    box.break_at = step
    read(0)
    assert sum(read(minute) for minute in (2, 5, 10)) <= 3
    assert Case.all_rows.count() == 3
    found = queries.mailbox()
    assert found is not None
    assert (found.taken, found.problem, found.failures) == (3, "", 0)


@pytest.mark.parametrize("when", ["before it is kept", "after it is kept"])
def test_a_crash_around_the_commit_loses_and_doubles_nothing(
    box: ImapServer, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    taken = reading.take_letter

    def crash(**given: Any) -> str:
        if when == "after it is kept":
            taken(**given)
        raise KeyboardInterrupt  # nothing catches it, like a power cut

    box.put(letter(1), mail("No id", Message_ID=""))
    monkeypatch.setattr(reading, "take_letter", crash)
    with pytest.raises(KeyboardInterrupt):
        read(0)
    monkeypatch.setattr(reading, "take_letter", taken)
    assert read(1) == 0  # the lease of the one that crashed
    assert read(11) == 2
    assert Case.all_rows.count() == 2


def test_numbers_that_count_anew_take_nothing_twice(box: ImapServer) -> None:
    box.put(letter(1), mail("No id", Message_ID=""))
    assert read(0) == 2
    box.number_anew()
    box.put(letter(2))
    assert read(2) == 1
    assert Case.all_rows.count() == 3


@pytest.mark.parametrize("has_move", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_what_cannot_be_taken_is_set_aside_with_its_reason_and_holds_no_other_up(
    box: ImapServer, has_move: bool, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    box.has_move = has_move
    box.put(
        letter(1, sender="stranger@elsewhere.example"),
        letter(2),
        letter(3),
        b"\xff\x00 no mail \x80",
        letter(4),
    )
    box.sizes[2] = 30 * 2**20
    taken = reading.take_letter

    def unforeseen(*, content: bytes, now: Any) -> str:
        if b"stops at 3" in content:
            raise UnicodeDecodeError("utf-8", b"", 0, 1, "never seen before")
        return taken(content=content, now=now)

    monkeypatch.setattr(reading, "take_letter", unforeseen)
    assert read(0) == 1
    assert sorted(box.folders[ASIDE]) == [1, 2, 3, 4]
    assert not any(each.startswith("UID FETCH 2 (BODY") for each in box.said)  # too large to be fetched
    found = queries.mailbox()
    assert found is not None
    reasons = [each.reason for each in reversed(found.set_aside)]
    assert [reason[:30] for reason in reasons] == [
        "stranger@elsewhere.example is ", "A mail has 25 MiB at most; thi",
        "It cannot be read (UnicodeDeco", "The sender is nobody's address",
    ]  # fmt: skip
    assert read(2) == 0
    leads = {team.lead for team in identity.teams()}
    follower = next(each.slug for each in identity.everybody() if each.slug not in leads)
    for person, sees in ((LEAD, True), (follower, False)):
        session = client.session
        session["person"] = person
        session.save()
        page = client.get("/mailbox").content.decode()
        assert ("stranger@elsewhere.example" in page) is sees
        assert PASSWORD not in page
    assert actions.forget_set_aside(senders=["stranger@elsewhere.example"]) == 1


def test_a_mailbox_that_is_away_is_said_to_be_and_tried_ever_more_rarely(
    box: ImapServer, settings: Any
) -> None:
    box.put(letter(1))
    right = settings.IMAP_URL
    settings.IMAP_URL = right.replace(quote(PASSWORD, safe=""), "wrong")
    tried = [minute for minute in range(60) if read(minute) or _tried(box)]
    assert tried == [0, 1, 3, 8, 23, 53]
    assert problem() == "127.0.0.1 refused: [AUTHENTICATIONFAILED] wrong"
    settings.IMAP_URL = right
    assert read(120) == 1
    assert problem() == ""
    settings.IMAP_URL = right.replace(str(box.port), "1")
    read(125)
    assert "127.0.0.1 cannot be reached" in problem()
    settings.IMAP_URL = f"{right}/Nowhere"
    read(130)
    assert "the folder Nowhere" in problem()


def test_what_fails_on_our_side_waits_where_it_is(box: ImapServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(**_: Any) -> str:
        raise OperationalError("the disk is full")

    box.put(letter(1))
    with monkeypatch.context() as broken:
        broken.setattr(reading, "take_letter", full)
        assert read(0) == 0
    assert "waits: the disk is full" in problem()
    assert MailboxRead.objects.get().last_uid == 0
    assert read(2) == 1


def test_over_tls_and_only_with_a_certificate_that_is_trusted(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl to make a certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
            "-keyout", str(key), "-out", str(certificate)]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with imap_server(tls) as server:
        server.put(letter(1))
        settings.IMAP_URL = f"imaps://{USER}:{quote(PASSWORD, safe='')}@localhost:{server.port}/INBOX"
        assert read(0) == 0
        assert "CERTIFICATE_VERIFY_FAILED" in problem()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert read(2) == 1


def _tried(box: ImapServer) -> bool:
    logins = [each for each in box.said if each.startswith("LOGIN")]
    box.said.clear()
    return bool(logins)
