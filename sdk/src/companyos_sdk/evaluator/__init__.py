"""Evaluates flagd flag definitions in this process: load a document once, ask it any number of times.

`FlagSet.load` refuses a document that breaks the format or a limit; what it accepts never raises again.
"""

from __future__ import annotations

from companyos_sdk.evaluator.flagset import Compiled, FlagSet
from companyos_sdk.evaluator.fractional import Hashing
from companyos_sdk.evaluator.limits import BadRuleset
from companyos_sdk.evaluator.resolution import ErrorCode, FlagType, Reason, Resolution, typed

__all__ = [
    "BadRuleset",
    "Compiled",
    "ErrorCode",
    "FlagSet",
    "FlagType",
    "Hashing",
    "Reason",
    "Resolution",
    "typed",
]
