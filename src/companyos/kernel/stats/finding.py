"""The shape in which a statistical judgement leaves this package: an answer and its reason with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_ENOUGH = "not enough evidence"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a sample says about a target. Whether time is left, and what then happens, is the gate's affair."""

    answer: Answer
    because: str
