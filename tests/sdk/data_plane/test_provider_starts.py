"""Starting: with a server, with only the bootstrap file, with a damaged one, with nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
from pathlib import Path
from time import monotonic

import pytest
from flag_server import document
from openfeature.evaluation_context import EvaluationContext
from watched import FlagServer, Make, until

from companyos_sdk import bootstrap
from companyos_sdk.provider import Patience, State
from companyos_sdk.serving import NOTHING, Unusable, successor
from openfeature import api

SALES = EvaluationContext("ada", {"tenant": "sales"})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "flags.json"


def _keep(file: Path, version: int) -> None:
    body = json.dumps(document(version)).encode()
    bootstrap.write(file, body, successor(body, f'"{version}"', NOTHING))


def test_what_a_server_sent_is_there_at_the_next_start(
    server: FlagServer, provider_of: Make, file: Path
) -> None:
    first = provider_of(server, bootstrap=file)
    assert first.initialize()
    until(file.exists)
    first.provider.shutdown()
    server.kill()

    second = provider_of(server, bootstrap=file)

    assert second.initialize()
    assert second.provider.resolve_integer_details("number-3", 0, SALES).value == 1
    until(lambda: second.provider.state is State.STALE)


def test_a_bootstrap_file_is_not_served_when_the_server_has_newer(
    server: FlagServer, provider_of: Make, file: Path
) -> None:
    _keep(file, 3)
    server.tell(version=4)

    seen = provider_of(server, bootstrap=file)

    assert seen.initialize()
    assert seen.provider.version == 4
    until(lambda: bootstrap.read(file).version == 4)  # type: ignore[union-attr]


def test_a_server_older_than_the_bootstrap_file_changes_nothing(
    server: FlagServer, provider_of: Make, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _keep(file, 9)

    seen = provider_of(server, bootstrap=file)

    assert seen.initialize()
    until(lambda: "time does not run backwards" in caplog.text)
    assert seen.provider.version == 9


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda content: content[:-20], "checksum"),
        (lambda content: content.replace(b'"here": 3', b'"here": 4', 1), "checksum"),
        (lambda _content: b"", "cannot be read"),
        (lambda _content: b"\x00\xff" * 100, "cannot be read"),
        (lambda _content: b'{"sha256": 5}', "cannot be read"),
    ],
    ids=["cut off", "one figure changed", "empty", "garbage", "no head"],
)
def test_a_damaged_bootstrap_file_is_ignored_and_the_log_says_why(
    server: FlagServer,
    provider_of: Make,
    file: Path,
    caplog: pytest.LogCaptureFixture,
    harm: object,
    said: str,
) -> None:
    _keep(file, 3)
    file.write_bytes(harm(file.read_bytes()))  # type: ignore[operator]
    server.kill()
    seen = provider_of(server, bootstrap=file, patience=Patience(0.2, 0.2))

    assert not seen.initialize()

    assert said in caplog.text
    assert seen.provider.version == 0


def test_a_bootstrap_file_of_another_flag_set_is_ignored(file: Path) -> None:
    _keep(file, 3)

    with pytest.raises(Unusable, match="not 'other'"):
        bootstrap.read(file, flag_set="other")


def test_readers_find_the_old_file_or_the_new_one(file: Path) -> None:
    _keep(file, 1)
    versions = range(2, 200)
    writer = threading.Thread(target=lambda: [_keep(file, version) for version in versions])
    seen = set()

    writer.start()
    while writer.is_alive():
        seen.add(bootstrap.read(file).version)  # type: ignore[union-attr]
    writer.join()

    assert len(seen) > 3
    assert [path.name for path in file.parent.iterdir()] == ["flags.json"]


def test_with_nothing_it_is_an_error_flags_have_their_defaults_and_it_gets_well(
    server: FlagServer, provider_of: Make
) -> None:
    server.kill()
    seen = provider_of(server, patience=Patience(0.3, 0.2))
    began = monotonic()

    assert not seen.initialize()

    assert monotonic() - began < 5
    assert seen.provider.state is State.ERROR
    answer = seen.provider.resolve_boolean_details("approvals", True, SALES)
    assert (answer.value, answer.error_code, answer.reason) == (True, "PROVIDER_NOT_READY", "ERROR")
    server.start()
    until(lambda: seen.names() == ["READY"])
    assert seen.provider.resolve_boolean_details("approvals", False, SALES).value is True


def test_a_wrong_key_says_what_to_do(
    server: FlagServer, provider_of: Make, caplog: pytest.LogCaptureFixture
) -> None:
    seen = provider_of(server, key="wrong", patience=Patience(0.3, 0.2))

    assert not seen.initialize()

    until(lambda: "401: the key is not known there" in caplog.text)


def test_an_outage_is_told_once_at_warning(
    server: FlagServer, provider_of: Make, caplog: pytest.LogCaptureFixture
) -> None:
    seen = provider_of(server)
    seen.initialize()
    server.tell(mode="500")
    until(lambda: seen.provider.state is State.STALE)

    warnings = [r for r in caplog.records if r.levelno == logging.WARNING and "companyos_sdk" in r.name]

    assert len(warnings) == 1
    assert "version 1 goes on being served" in warnings[0].getMessage()


def test_the_stock_client_answers_in_and_out_of_an_event_loop(server: FlagServer, provider_of: Make) -> None:
    provider = provider_of(server).provider
    api.set_provider_and_wait(provider, "stock")
    client = api.get_client("stock")

    async def ask() -> bool:
        await provider.initialize_async()
        return await client.get_boolean_value_async("approvals", False, SALES)

    try:
        assert client.get_boolean_value("approvals", False, SALES) is True
        assert client.get_boolean_value("absent", True, SALES) is True
        assert client.get_string_value("approvals", "other", SALES) == "other"
        assert asyncio.run(ask()) is True
    finally:
        api.shutdown()


def test_a_shut_down_provider_still_answers_and_leaves_no_thread(
    server: FlagServer, provider_of: Make
) -> None:
    seen = provider_of(server)
    seen.initialize()
    began = monotonic()

    seen.provider.shutdown()

    assert monotonic() - began < 1.5
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("companyos-")]
    assert seen.provider.resolve_integer_details("number-0", 0, SALES).value == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_worker_follows_on_its_own(server: FlagServer, provider_of: Make, tmp_path: Path) -> None:
    seen = provider_of(server)
    seen.initialize()
    until(lambda: server.noted("serving"))
    told = tmp_path / "told"

    child = os.fork()
    if child == 0:
        try:
            until(lambda: seen.provider.version == 2, within=15)
            until(lambda: len({row["provider"] for row in server.noted("serving")}) == 2, within=15)
            told.write_text("2")
        finally:
            os._exit(0)
    server.tell(version=2)
    os.waitpid(child, 0)

    assert told.exists()  # it took the change, and acknowledged it under a name of its own
