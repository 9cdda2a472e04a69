"""Why something about a feature is not done; the text says what to do."""

from __future__ import annotations


class Refused(Exception):
    """Not possible now; the text says why and what to do."""


class NotYours(Refused):
    """This person may not do that."""


class NoSuch(Refused):
    """There is no such feature, row, exemption or meeting."""


class Malformed(Refused):
    """What was sent cannot be read; the text says where."""
