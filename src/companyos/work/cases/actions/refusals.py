"""Why something was not done."""

from __future__ import annotations


class Refused(Exception):
    """The case is as it was; says why, and what to do."""


class NoSuchCase(Refused):
    """The case does not exist, or not for this person."""


class NotAllowed(Refused):
    """This person may not do this."""


class Unclear(Refused):
    """What was filled in cannot be taken; `path` names the field."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path
