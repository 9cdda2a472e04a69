"""Why a move or a word is not taken; the text says what to do."""

from __future__ import annotations


class Refused(Exception):
    """The move is not possible now; the text says why and what to do."""


class Asked(Refused):
    """Nothing has moved yet: others are asked to agree in `request`."""

    def __init__(self, message: str, request: str) -> None:
        super().__init__(message)
        self.request = request


class Overtaken(Refused):
    """Somebody else moved the rollout first."""


class NotYours(Refused):
    """This person may not do that."""


class NoSuch(Refused):
    """There is no such rollout, gate, freeze or exemption."""
