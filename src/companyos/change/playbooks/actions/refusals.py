"""Why something was not done."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was changed; says why, and what to do."""


class NoSuch(Refused):
    """There is no such thing."""


class NotYours(Refused):
    """This person may not do this."""
