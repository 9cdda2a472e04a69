"""Cases that read alike, from an index in this process's memory that takes in what is new before it answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from companyos.work.feedback.domain.likeness import LikenessIndex
from companyos.work.feedback.domain.types import Found, SimilarCase
from companyos.work.feedback.models import TriageSuggestion

_BECAUSE = "the index holds every tenant's reports; an answer holds those of the viewer's tenants only"
_OVERLAP = 100  # rows of a transaction that began earlier may be committed later
_AT_ONCE = 200
LEAST_LIKENESS = 0.15


class _Index:
    """The index with what its numbers stand for."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.likeness = LikenessIndex()
        self.cases: list[tuple[str, str, str]] = []
        self.taken: set[int] = set()
        self.newest = 0

    def take_in(self, most: int) -> int:
        """Take in up to `most` new reports; says how many."""
        rows = TriageSuggestion.objects.across_tenants(because=_BECAUSE)
        fresh = rows.filter(pk__gt=self.newest - _OVERLAP).order_by("pk")
        n = 0
        for row in fresh.values_list("pk", "tenant_id", "case", "title", "body")[: most + _OVERLAP]:
            pk, tenant, case, title, body = row
            if pk in self.taken:
                continue
            self.likeness.add(tenant, title, body)
            self.cases.append((tenant, str(case), title))
            self.taken.add(pk)
            self.newest, n = max(self.newest, pk), n + 1
        return n


_index = _Index()


def similar(*, title: str, body: str = "", tenants: Sequence[str], most: int = 5, but: str = "") -> Found:
    """Return the cases of these tenants that read most alike, at most `most`; never the case `but` itself."""
    with _index.lock:
        _index.take_in(_AT_ONCE)
        near = _index.likeness.most_alike(title, body, groups=tenants, most=most + 1)
        searched = len(_index.cases)
        cases = [(*_index.cases[number], likeness) for number, likeness in near]
    known = TriageSuggestion.objects.across_tenants(because=_BECAUSE).count()
    found = (SimilarCase(*each) for each in cases if each[1] != but and each[3] >= LEAST_LIKENESS)
    return Found(tuple(found)[:most], searched, known)


def take_in_new(most: int = 1_000) -> int:
    """Take in what was reported since, and settle the index when it has grown; says how much was new."""
    with _index.lock:
        n = _index.take_in(most)
        _index.likeness.settle()
    return n


def forget_index() -> None:
    """Begin anew with the next question: tests, and another database under the same process."""
    global _index
    _index = _Index()
