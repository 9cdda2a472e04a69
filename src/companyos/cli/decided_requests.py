"""What was decided about a rollout or a feature by a request: its own room acts on it."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from companyos.adoption.features import actions as features
from companyos.adoption.rollouts import agreed

_log = logging.getLogger(__name__)
_ROOMS = {"rollout": agreed.hear_of_request, "feature": features.hear_of_request}


def room_of(body: dict[str, Any]) -> str:
    """Return whose a request is: rollout, feature, or nothing for one that somebody asked for themselves."""
    return str(body.get("about", "")).partition(".")[0]


def hear_of_request(topic: str, body: dict[str, Any], now: datetime) -> bool:
    """Let the room act on a decided request; say whether any did. What it cannot do is logged, never heard for ever."""
    room = _ROOMS.get(room_of(body))
    if topic != "request.decided" or room is None:
        return False
    try:
        room(about=body["about"], now=now)
    except Exception:
        _log.exception("what was decided about %s could not be carried out", body["about"])
        return False
    return True
