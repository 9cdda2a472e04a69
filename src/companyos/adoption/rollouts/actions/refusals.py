"""Why a move or a word is not taken; the text says what to do."""

from __future__ import annotations


class Refused(Exception):
    """The move is not possible now; the text says why and what to do."""


class Overtaken(Refused):
    """Somebody else moved the rollout first."""


class NotYours(Refused):
    """This person may not do that."""


class NoSuch(Refused):
    """There is no such rollout, gate, freeze or exemption."""
