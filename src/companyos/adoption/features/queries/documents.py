"""The documents of features, and what is known of their links."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from companyos.adoption.features.domain.links import Kind, Link, Standing, kind_of
from companyos.adoption.features.domain.states import OVER
from companyos.adoption.features.domain.template import Row
from companyos.adoption.features.domain.types import Attested, FeatureRow
from companyos.adoption.features.models import (
    Attestation,
    CheckedLink,
    Feature,
    FeatureDocument,
    WorkEvidence,
)
from companyos.adoption.features.queries.templates import Templates

THREAT_MODEL = "threat_model"
_TITLES = {"faq": "FAQs", "initial": "First documentation", "quick_start": "Quick-start guide"}
_SENT = ("feature", "name", "link")


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document of a feature. `evidence` is the fact it counts for."""

    feature: str
    what: str
    link: Link
    review_by: date | None
    at: datetime
    by: str

    @property
    def title(self) -> str:
        return _TITLES.get(self.what, self.what.replace("_", " ").capitalize())

    @property
    def evidence(self) -> str:
        return evidence_of(self.what)


def evidence_of(what: str) -> str:
    return "features.threat_model" if what == THREAT_MODEL else f"features.docs_{what}"


def is_of_documents(evidence: str) -> bool:
    """Tell whether a row with this evidence rests on documents whose links are looked at."""
    return evidence.startswith("features.docs_") or evidence == "features.threat_model"


def rows_of_documents() -> frozenset[str]:
    return frozenset(row.slug for row in Templates().every_row() if is_of_documents(row.evidence))


def documents_of(features: Iterable[str]) -> tuple[DocumentRow, ...]:
    rows = list(FeatureDocument.objects.filter(feature__in=list(features)).order_by("what", "link"))
    known = links({row.link for row in rows})
    return tuple(
        DocumentRow(
            row.feature_id, row.what, known.get(row.link, Link(row.link)), row.review_by, row.at, row.by
        )
        for row in rows
    )


class Leads:
    """Where the rows of features lead to: named documents, and the links of words and of what was sent. Read once."""

    def __init__(self, features: set[str]) -> None:
        self._named: dict[tuple[str, str], set[str]] = {}
        rows = FeatureDocument.objects.filter(feature__in=features)
        for feature, what, link in rows.values_list("feature", "what", "link"):
            self._named.setdefault((feature, evidence_of(what)), set()).add(link)
        self._sent = {(f, n): link for f, n, link in _sent().filter(feature__in=features).values_list(*_SENT)}
        self._known = {row.link: link_from(row) for row in CheckedLink.objects.all()}

    def of(
        self, feature: FeatureRow, rows: Iterable[Row], words: Mapping[str, Attested]
    ) -> dict[str, tuple[Link, ...]]:
        """Return, by row, what is known of the links that a feature's rows rest on."""
        return {
            row.slug: tuple(self._known[link] for link in sorted(wanted) if link in self._known)
            for row in rows
            if is_of_documents(row.evidence) and (wanted := self._wanted(feature, row, words.get(row.slug)))
        }

    def _wanted(self, feature: FeatureRow, row: Row, word: Attested | None) -> set[str]:
        key = (feature.slug, row.evidence)
        found = {*self._named.get(key, ()), self._sent.get(key, "").strip()}
        if word and word.version == feature.version:
            found.add(word.link.strip())
        return found - {""}


def links(wanted: Iterable[str]) -> dict[str, Link]:
    """Return what is known of these links."""
    found = CheckedLink.objects.filter(pk__in=list(wanted))
    return {row.link: link_from(row) for row in found}


def due_links(now: datetime, most: int) -> tuple[Link, ...]:
    """Return the links to be looked at next, those never looked at first; of features that are over none."""
    wanted = {link for _, link in _all_links()}
    known = links(wanted)
    due = [known.get(link, Link(link)) for link in sorted(wanted)]
    due = [each for each in due if each.next_at is None or each.next_at <= now]
    return tuple(sorted(due, key=lambda each: (each.next_at is not None, each.next_at or now))[:most])


def features_with(link: str) -> tuple[str, ...]:
    return tuple(sorted({feature for feature, each in _all_links() if each == link}))


def link_from(row: CheckedLink) -> Link:
    return Link(
        row.link, Standing(row.standing) if row.standing else None, row.says, row.trouble, row.checked_at,
        row.reached_at, row.changed_at, row.etag, row.sha256, row.next_at,
    )  # fmt: skip


def _all_links() -> set[tuple[str, str]]:
    """(feature, link) of what is named as a document, and of what words and reviews of documents lead to."""
    alive = set(Feature.objects.exclude(state__in=OVER).values_list("pk", flat=True))
    named = set(FeatureDocument.objects.values_list("feature", "link"))
    words = Attestation.objects.exclude(link="").filter(row__in=rows_of_documents()).order_by("at", "id")
    rows = words.values_list("feature", "row", "link")
    newest_word = {(feature, row): link for feature, row, link in rows}
    newest_sent = {(f, n): link for f, n, link in _sent().values_list(*_SENT)}
    for (feature, _), link in (*newest_word.items(), *newest_sent.items()):
        named.add((feature, link.strip()))
    return {
        (feature, link) for feature, link in named if feature in alive and kind_of(link) is not Kind.WORDS
    }


def _sent() -> QuerySet[WorkEvidence]:
    """What was sent of documents, the oldest first."""
    of_documents = Q(name__startswith="features.docs_") | Q(name="features.threat_model")
    return WorkEvidence.objects.filter(of_documents).order_by("at", "id")
