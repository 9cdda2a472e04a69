"""Taking a JSON list of events apart when it is not JSON as a whole: cut where the elements part.

One NaN, one lone surrogate or one value nested 100,000 deep must not spoil its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MOST_TOKENS = 400_000
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|["\[\]{},]', re.DOTALL)


class Unreadable(Exception):
    """The body is not a batch of events at all; says why."""


def cut(body: bytes, problem: str, *, key: bytes) -> Iterator[slice]:
    """Where the elements of the top-level list `key` are; with an empty key the body itself is the list.

    Raises Unreadable with `problem` when there is no such list, or it does not end.
    """
    wanted, inside = (b'"' + key + b'"', 2) if key else (b"", 1)
    depth, name, start, done = 0, b"", -1, False
    for count, token in enumerate(_TOKEN.finditer(body)):
        mark = token[0]
        if mark == b'"' or count > _MOST_TOKENS:
            raise Unreadable(problem)
        if mark[:1] == b'"':
            name = mark if depth == 1 else name
        elif mark in b"[{":
            depth += 1
            if depth == inside and mark == b"[" and name == wanted and not done:
                start = token.end()
        elif mark in b"]}":
            depth -= 1
        if start >= 0 and (depth == inside - 1 or (depth == inside and mark == b",")):
            if body[start : token.start()].strip():
                yield slice(start, token.start())
            start, done = (token.end(), done) if depth == inside else (-1, True)
    if depth != 0 or not done:
        raise Unreadable(problem)
