"""Where a node stands in a document: kept as steps while reading, written as a JSON path only in an error."""

from __future__ import annotations

import json
import re
from typing import Any

# "$" for the document, else (path of what holds it, name or index)
Path = str | tuple[Any, str | int]

_PLAIN_NAME = re.compile(r"[\w$-]+")


def shown(path: Path) -> str:
    """The path as people write it: $.flags.approvals.targeting.if[0]."""
    steps: list[str | int] = []
    while not isinstance(path, str):
        path, step = path
        steps.append(step)
    return path + "".join(map(_shown_step, reversed(steps)))


def _shown_step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if _PLAIN_NAME.fullmatch(step) else f"[{json.dumps(step)}]"
