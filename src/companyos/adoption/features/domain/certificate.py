"""A readiness certificate: what was judged, on which evidence, who said go. Anybody can verify one offline.

The file is `{"document", "signature", "public_key"}`: Ed25519 over the canonical JSON of the document. The document
carries every fact beside its hash, so that nothing in it has to be looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from companyos.adoption.features.domain.scorecards import GUARDED, Readiness
from companyos.adoption.features.domain.template import Scorecard
from companyos.adoption.features.domain.types import FeatureRow, Verdict
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.signing import is_signed, public_key, sign

FORMAT = 1
LEAST_ROLES = 2
Check = Callable[[Mapping[str, Any]], Iterator[str]]


def snapshot_of(
    readiness: Readiness,
    templates: tuple[Scorecard, ...],
    feature: FeatureRow,
    definitions: Mapping[str, Mapping[str, Any]],
) -> dict[str, Any]:
    """Freeze the scorecards of a feature with their evidence and its hashes: what a go/no-go is about."""
    titles = {card.slug: card.title for card in templates}
    rows = {row.slug: row for card in templates for group in card.groups for row in group.rows}
    evidence = {slug: fact for slug, fact in readiness.facts.items() if slug in readiness.rows}
    plain = readiness.to_document()
    return {
        "feature": {
            "slug": feature.slug, "title": feature.title, "version": feature.version, "state": str(feature.state),
            "size": feature.size, "risk": feature.risk, "tier": str(readiness.tier),
        },
        "judged_at": readiness.at.isoformat(),
        "scorecards": [
            {
                "slug": card["slug"], "title": titles[card["slug"]], "version": card["version"],
                "rows": [
                    {
                        **row, "title": rows[row["row"]].title,
                        "requirements": list(rows[row["row"]].requirements),
                        "evidence": rows[row["row"]].evidence if row["row"] in evidence else "",
                        "evidence_sha256": evidence[row["row"]].sha256 if row["row"] in evidence else "",
                    }
                    for row in card["rows"]
                ],
            }
            for card in plain["cards"]
        ],
        "facts": {slug: plain["facts"][slug] for slug in sorted(evidence)},
        "definitions": {name: dict(told) for name, told in definitions.items()},
    }  # fmt: skip


def open_rows(snapshot: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the titles of guarded rows that neither pass nor are passed over."""
    return tuple(
        row["title"]
        for card in snapshot["scorecards"]
        if card["slug"] in GUARDED
        for row in card["rows"]
        if row["verdict"] != Verdict.PASSED and not row["exempt"]
    )


def signed(document: Mapping[str, Any], seed: bytes) -> dict[str, Any]:
    return {"document": dict(document), "signature": sign(document, seed), "public_key": public_key(seed)}


def problems_of(certificate: Any, *, key: str = "") -> tuple[str, ...]:
    """Return everything that is wrong with a certificate; nothing when it holds. `key` pins the signer (hex)."""
    try:
        document = certificate["document"]
        if key and certificate["public_key"] != key.lower():
            return (
                f"It is signed by {certificate['public_key'][:16]}..., not by the key that was asked for.",
            )
        if not is_signed(document, certificate["signature"], certificate["public_key"]):
            return ("The signature is not of this document: something was changed after it was signed.",)
        return tuple(problem for check in CHECKS for problem in check(document))
    except (KeyError, TypeError, AttributeError, ValueError) as odd:
        return (f"This is no readiness certificate: {type(odd).__name__} {str(odd)[:80]}.",)


def it_is_of_a_known_format(document: Mapping[str, Any]) -> Iterator[str]:
    if document["certificate"] != FORMAT:
        yield f"It is of format {document['certificate']}; this program reads format {FORMAT}."


def the_snapshot_is_the_one_that_was_signed_off(document: Mapping[str, Any]) -> Iterator[str]:
    if sha256_of(document["snapshot"]) != document["snapshot_sha256"]:
        yield "The snapshot's hash is not the one that people signed off."


def each_fact_has_its_hash(document: Mapping[str, Any]) -> Iterator[str]:
    snapshot = document["snapshot"]
    for card in snapshot["scorecards"]:
        for row in card["rows"]:
            if row["evidence_sha256"] and sha256_of(snapshot["facts"][row["row"]]) != row["evidence_sha256"]:
                yield f"{row['title']}: the evidence is not the one the row was judged by."


def every_row_passes_or_is_passed_over(document: Mapping[str, Any]) -> Iterator[str]:
    for title in open_rows(document["snapshot"]):
        yield f"{title}: the row does not pass."


def two_roles_said_go(document: Mapping[str, Any]) -> Iterator[str]:
    went = [each for each in document["sign_offs"] if each["go"]]
    roles, people = {each["role"] for each in went}, {each["by"] for each in went}
    if min(len(roles), len(people)) < LEAST_ROLES:
        yield f"{len(people)} persons in {len(roles)} roles said go; {LEAST_ROLES} of each are needed."
    if any(each["snapshot_sha256"] != document["snapshot_sha256"] for each in document["sign_offs"]):
        yield "A sign-off is about another snapshot."


CHECKS: tuple[Check, ...] = (
    it_is_of_a_known_format,
    the_snapshot_is_the_one_that_was_signed_off,
    each_fact_has_its_hash,
    every_row_passes_or_is_passed_over,
    two_roles_said_go,
)
