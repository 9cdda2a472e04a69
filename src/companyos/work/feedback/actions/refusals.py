"""What triage refuses, and why."""

from __future__ import annotations


class Refused(Exception):
    """What was asked cannot be done; says why."""


class NoSuchReport(Refused):
    """There is no such report, or not for this person: the answer is the same."""


class NotYours(Refused):
    """Somebody who may not say so."""


class Unclear(Refused):
    """What was said is not complete."""


class Overtaken(Refused):
    """Somebody else answered first."""
