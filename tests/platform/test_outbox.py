"""What is published is heard once and in order, also when those who hear it publish or fail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from companyos.platform import outbox

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nobody_else_listens() -> Iterator[None]:
    outbox.forget_listeners()
    yield
    outbox.forget_listeners()


def test_a_listener_that_publishes_hears_each_message_once_and_in_order() -> None:
    heard = []

    def answer(topic: str, _body: dict[str, Any]) -> None:
        heard.append(topic)
        if topic == "asked":
            outbox.publish("answered", {}, at=NOW)
            heard.append("done asking")

    outbox.listen(answer)
    outbox.publish("asked", {}, at=NOW)
    assert heard == ["asked", "done asking", "answered"]
    assert outbox.relay() == 0


def test_a_listener_that_fails_hears_its_message_again_and_no_other() -> None:
    heard: list[str] = []

    def stumble(topic: str, _body: dict[str, Any]) -> None:
        heard.append(topic)
        if heard.count("second") == 1 and topic == "second":
            raise OSError("the disk is full")

    for topic in ("first", "second", "third"):
        outbox.publish(topic, {}, at=NOW)
    outbox.listen(stumble)
    with pytest.raises(OSError, match="disk"):
        outbox.relay()
    assert outbox.relay() == 2
    assert heard == ["first", "second", "second", "third"]
