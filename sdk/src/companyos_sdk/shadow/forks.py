"""A forked process has none of its parent's threads. Whoever owns some begins anew there, and need not look for it."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable


def begin_anew_in_forks(forget: Callable[[], None]) -> None:
    """Call a method in every process that is forked from this one, for as long as its object lives."""
    if hasattr(os, "register_at_fork"):
        forgets = weakref.WeakMethod(forget)
        os.register_at_fork(after_in_child=lambda: (act := forgets()) and act())
