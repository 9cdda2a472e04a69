"""Why a change is not made. The text says what happened and what to do next."""

from __future__ import annotations


class Refused(Exception):
    """The change is not possible; the text says why and what to do. `rule` names the rule that objects."""

    def __init__(self, said: str, rule: str = "") -> None:
        super().__init__(said)
        self.rule = rule


class Unclear(Refused):
    """What is asked for cannot be read, or would be no rule; `path` is where."""

    def __init__(self, said: str, path: str = "") -> None:
        super().__init__(said)
        self.path = path


class Overtaken(Refused):
    """Somebody else changed it first."""


class NotYours(Refused):
    """This person may not do that."""


class NoSuch(Refused):
    """It does not exist."""
