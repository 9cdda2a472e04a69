"""Readiness over HTTP: intake, words, evidence from work, states, exemptions, go/no-go and certificates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema

from companyos.adoption.features import actions, queries
from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.features.domain.work import pipelines, records
from companyos.adoption.features.domain.work.reading import LARGEST, Unreadable
from companyos.kernel.evidence import Fact
from companyos.platform.instance import instance, now
from companyos.platform.signing_key import signing_seed
from companyos.surfaces.api.answering import actor_of

router = Router(tags=["readiness"])
_REASON = Field(max_length=500)
_SHORT = Field("", max_length=400)
_KINDS: dict[str, Callable[[bytes], tuple[Fact, str]]] = {
    "junit": lambda body: (pipelines.junit(body), ""),
    "benchmark": lambda body: (pipelines.benchmark(body), ""),
    "sarif": lambda body: (pipelines.sarif(body), ""),
    "rehearsal": lambda body: (records.rehearsal(body, now()), ""),
    "contracts": lambda body: (records.contracts(body, now()), ""),
    "document": lambda body: (records.document(body, now(), instance().calendar.zone), ""),
    "data-model": lambda body: (records.data_model(body, now()), ""),
    "review": lambda body: records.review(body, now()),
}


class SizeIn(Schema):
    to: str = Field(max_length=8)
    reason: str = _REASON


class SpecItem(Schema):
    says: str = _REASON
    must: bool = True
    evidence: str = _SHORT


class DocumentIn(Schema):
    what: str = Field(max_length=20)
    link: str = Field(max_length=400)
    review_by: date | None = None


class ProposalIn(Schema):
    slug: str = Field(max_length=50)
    title: str = Field(max_length=120)
    summary: str = Field(max_length=2000)
    area: str = Field(max_length=50)
    owner: str = Field(max_length=50)
    flag: str = Field(max_length=64)
    size: str = Field(max_length=8)
    risk: str = Field(max_length=8)
    critical: bool = False
    version: str = Field("1", max_length=40)
    spec: list[SpecItem] = Field(default_factory=list, max_length=200)
    spec_link: str = _SHORT
    data_domains: list[str] = Field(default_factory=list, max_length=50)
    success_metrics: list[str] = Field(default_factory=list, max_length=50)
    rollback_plan: str = Field("", max_length=2000)
    data_model: str = Field("", max_length=80)
    documents: list[DocumentIn] = Field(default_factory=list, max_length=50)


class WordIn(Schema):
    version: str = Field(max_length=40)
    link: str = _SHORT
    note: str = Field("", max_length=2000)
    author: str = Field("", max_length=50)
    expires_at: datetime | None = None


class VersionIn(Schema):
    version: str = Field(max_length=40)
    reason: str = _REASON


class StateIn(Schema):
    state: FeatureState
    reason: str = Field(max_length=2000)


class ExemptionIn(Schema):
    what: str = Field(max_length=50)
    reason: str = _REASON
    until: datetime


class SignOffIn(Schema):
    role: str = Field(max_length=50)
    go: bool
    words: str = Field("", max_length=2000)


@router.post("/features")
def take_in(request: HttpRequest, body: ProposalIn) -> Any:
    """Take a feature in; size and risk are frozen."""
    told = body.dict()
    lists = {name: tuple(told[name]) for name in ("spec", "data_domains", "success_metrics", "documents")}
    actions.take_in(actor=actor_of(request), proposal=actions.Proposal(**{**told, **lists}), now=now())
    return {"feature": body.slug, "tier": str(queries.tier_for(body.slug))}


@router.get("/features/{feature}/readiness")
def read_readiness(request: HttpRequest, feature: str) -> Any:
    """Return every scorecard of a feature, judged now, with the facts behind each row."""
    _known(feature)
    return actions.look_at(feature, now=now()).to_document()


@router.get("/features/{feature}/evidence")
def read_evidence(request: HttpRequest, feature: str) -> Any:
    _known(feature)
    return list(queries.work_of(feature))


@router.post("/features/{feature}/evidence/{kind}")
def send_evidence(request: HttpRequest, feature: str, kind: str, version: str, link: str = "") -> Any:
    """Send what work has shown of a version: the body is a JUnit report, a SARIF log or a JSON object of its kind."""
    _known(feature)
    if kind not in _KINDS:
        raise actions.NoSuch(f"There is no kind {kind!r} of evidence; allowed: {', '.join(_KINDS)}.")
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise actions.Malformed(f"At most {LARGEST:,} bytes are taken.")
    try:
        fact, author = _KINDS[kind](request.body)
    except Unreadable as odd:
        raise actions.Malformed(str(odd)) from None
    evidence = actions.keep_work(
        actor=actor_of(request),
        feature=feature,
        fact=fact,
        version=version,
        link=link[:400],
        author=author,
        now=now(),
    )
    return {"id": evidence, "name": fact.name, "value": fact.value, "n": fact.n, "unit": fact.unit}


@router.get("/features/{feature}/documents")
def read_documents(request: HttpRequest, feature: str) -> Any:
    """Return the documents of a feature with what the last looks at their links gave."""
    _known(feature)
    return [asdict(each) for each in queries.documents_of([feature])]


@router.post("/features/{feature}/documents")
def name_document(request: HttpRequest, feature: str, body: DocumentIn) -> Any:
    """Say where a document lies: its link is looked at within a minute or two, and daily from then on."""
    actions.name_document(actor=actor_of(request), feature=feature, now=now(), **body.dict())
    return {"what": body.what, "link": body.link}


@router.post("/features/{feature}/documents/drop")
def drop_document(request: HttpRequest, feature: str, body: DocumentIn) -> Any:
    actions.drop_document(actor=actor_of(request), feature=feature, what=body.what, link=body.link, now=now())
    return {"dropped": body.link}


@router.post("/features/{feature}/rows/{row}/words")
def vouch(request: HttpRequest, feature: str, row: str, body: WordIn) -> Any:
    """Vouch for a row, in your own name; who reviews is not who made it."""
    word = actions.attest(actor=actor_of(request), feature=feature, row=row, now=now(), **body.dict())
    return {"id": word}


@router.post("/features/{feature}/version")
def move_on(request: HttpRequest, feature: str, body: VersionIn) -> Any:
    actions.new_version(
        actor=actor_of(request), feature=feature, version=body.version, because=body.reason, now=now()
    )
    return {"version": body.version}


@router.post("/features/{feature}/state")
def move(request: HttpRequest, feature: str, body: StateIn) -> Any:
    """Move a feature. External GA without internal GA is refused with 409 and kept for the audit (R3)."""
    actions.person_moves(
        actor=actor_of(request), feature=feature, wanted=body.state, because=body.reason, now=now()
    )
    return {"state": str(body.state)}


@router.get("/features/{feature}/moves")
def read_moves(request: HttpRequest, feature: str) -> Any:
    _known(feature)
    return [{**asdict(each), "at": each.at.isoformat()} for each in queries.moves_of(feature)]


@router.post("/features/{feature}/size")
def change_size(request: HttpRequest, feature: str, body: SizeIn) -> Any:
    """Raise a feature to major, at once; or ask that it is minor, which a second person grants (P6)."""
    asked = actions.change_size(
        actor=actor_of(request), feature=feature, to=body.to, because=body.reason, now=now()
    )
    return {"request": asked, "size": queries.size_of(feature)}


@router.get("/features/{feature}/exemptions")
def read_exemptions(request: HttpRequest, feature: str) -> Any:
    _known(feature)
    return [asdict(each) for each in queries.exemptions(feature)]


@router.post("/features/{feature}/exemptions")
def ask_exemption(request: HttpRequest, feature: str, body: ExemptionIn) -> Any:
    """Ask that a row, or `external-ga`, is passed over for at most 30 days; another person grants it."""
    exemption = actions.ask_exemption(
        actor=actor_of(request),
        feature=feature,
        what=body.what,
        because=body.reason,
        until=body.until,
        now=now(),
    )
    return {"id": exemption, "granted": False}


@router.post("/features/{feature}/exemptions/{exemption}/grant")
def grant_exemption(request: HttpRequest, feature: str, exemption: UUID) -> Any:
    actions.grant_exemption(actor=actor_of(request), exemption=str(exemption), now=now())
    return {"id": str(exemption), "granted": True}


@router.post("/features/{feature}/meetings")
def open_meeting(request: HttpRequest, feature: str) -> Any:
    """Freeze how the feature stands, for a go/no-go."""
    meeting = actions.open_meeting(actor=actor_of(request), feature=feature, now=now())
    found = queries.meeting(meeting)
    return {
        "id": meeting,
        "snapshot_sha256": found.sha256 if found else "",
        "roles": queries.roles_of(feature),
    }


@router.post("/meetings/{meeting}/sign-offs")
def sign_off(request: HttpRequest, meeting: UUID, body: SignOffIn) -> Any:
    actions.sign_off(
        actor=actor_of(request), meeting=str(meeting), role=body.role, go=body.go, words=body.words, now=now()
    )
    return {"signed": body.role, "go": body.go}


@router.post("/meetings/{meeting}/certificate")
def certify(request: HttpRequest, meeting: UUID) -> Any:
    """Write the certificate of a go: signed with the instance's key, verifiable offline."""
    certificate = actions.certify(
        actor=actor_of(request), meeting=str(meeting), seed=signing_seed(instance().folder), now=now()
    )
    return queries.certificate(str(certificate))


@router.get("/certificates/{certificate}")
def read_certificate(request: HttpRequest, certificate: UUID) -> Any:
    found = queries.certificate(str(certificate))
    if found is None:
        raise actions.NoSuch("There is no such certificate.")
    return found


@router.get("/definitions")
def read_definitions(request: HttpRequest) -> Any:
    return [asdict(each) for each in queries.definitions().values()]


def add_readiness(api: NinjaAPI) -> None:
    api.add_router("", router)

    @api.exception_handler(actions.Refused)
    def refused(request: HttpRequest, refusal: actions.Refused) -> Any:
        told: dict[str, Any] = {"error": str(refusal)}
        if isinstance(refusal, actions.NotTakenIn):
            told["problems"] = refusal.problems
        return api.create_response(request, told, status=status_of(refusal))


def status_of(refusal: actions.Refused) -> int:
    """403 not yours, 404 no such thing, 422 cannot be read or is not whole, 409 not possible now."""
    kinds = (
        (actions.NotYours, 403),
        (actions.NoSuch, 404),
        (actions.Malformed, 422),
        (actions.NotTakenIn, 422),
    )
    return next((status for kind, status in kinds if isinstance(refusal, kind)), 409)


def _known(feature: str) -> None:
    if queries.feature(feature) is None:
        raise actions.NoSuch(f"There is no feature {feature!r}.")
