"""Asking: checked against the form, the tenant's data and the chain, then sent; or kept as a draft."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from jsonschema import Draft202012Validator, FormatChecker

from companyos.kernel.ids import id_of
from companyos.people.tenants import queries as tenants
from companyos.platform import outbox
from companyos.platform.instance import instance
from companyos.platform.models import Tenant
from companyos.work.approvals.actions.paths import path_of, was_sent
from companyos.work.approvals.actions.refusals import NoSuchRequest, NotAllowed, Refused, Unclear
from companyos.work.approvals.actions.writing import set_standing, write_asked
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.judge import Situation, judge
from companyos.work.approvals.domain.org import Org
from companyos.work.approvals.domain.preview import Preview, preview_of
from companyos.work.approvals.domain.types import Act, ActKind, Path, Status
from companyos.work.approvals.domain.types import Request as Asking
from companyos.work.approvals.models import Draft, Request, RequestAct
from companyos.work.approvals.queries.definitions import carried_by, definition_of
from companyos.work.approvals.queries.one import past_days, situation_for
from companyos.work.approvals.queries.organisation import organisation

MOST_DRAFTS = 50
LONGEST_TEXT = 5_000


def ask(
    *,
    actor: str,
    type_slug: str,
    tenant: str,
    fields: Mapping[str, Any],
    now: datetime,
    via: str = "page",
    draft: str = "",
    key: str = "",
) -> str:
    """Send a request and return its id. The same `key` of the same person sends it once.

    Raises NoSuchRequest for a type that is not there, NotAllowed for somebody or a tenant that may not have it,
    Unclear for fields that do not fit the form, Refused when its chain cannot be answered.
    """
    definition = _known(type_slug)
    filled = checked(definition, fields)
    org, path = organisation(now), path_of(actor, tenant)
    _may_ask(definition, actor, tenant, org)
    row = _request(definition, actor, tenant, filled, key, now)
    row.path, row.title = path, _title(definition, filled)
    sent = _send(row, via, draft, now)
    if sent == str(row.id):  # else it was sent before
        was_sent(sent, Asking(actor, filled, tenant), path, definition, org, instance().calendar, now)
    return sent


def ask_about(
    *,
    actor: str,
    type_slug: str,
    about: str,
    link: str,
    title: str,
    tenant: str,
    fields: Mapping[str, Any],
    key: str,
    now: datetime,
) -> str:
    """Open a request about something of CompanyOS itself and return its id; the same `key` opens it once.

    `about` is what the room that opens it calls the thing: it acts when the decided request's event names it. `link`
    is the thing's page. `actor` is who wants it, or `companyos`: then nobody is barred as its author. The request runs
    on its own chain whatever any flag says: there is no older path for it. Raises as `ask` does.
    """
    definition = _known(type_slug, internal=True)
    row = _request(definition, actor, tenant, checked(definition, fields), key, now)
    row.path, row.title, row.about, row.link = Path.UNIFIED, title[:200], about, link
    return _send(row, "itself", "", now)


def _request(
    definition: Definition, actor: str, tenant: str, filled: dict[str, Any], key: str, now: datetime
) -> Request:
    return Request(
        id=id_of(now, "request", tenant, actor, key or secrets.token_hex(8)),
        tenant_id=tenant,
        type=definition.slug,
        type_version=definition.version,
        requester=actor,
        fields=filled,
        amount=_amount(definition, filled),
        status=Status.OPEN,
        key=key[:80],
        trace=secrets.token_hex(16),
        asked_at=now,
    )


def _send(row: Request, via: str, draft: str, now: datetime) -> str:
    act = Act(ActKind.ASKED, row.requester, now)
    situation = situation_for(row, now, [act])
    standing = judge(situation)
    if standing.stuck:
        titles = ", ".join(situation.definition.step(step).title for step in standing.stuck)
        raise Refused(
            f"Too few people can answer {titles} for you. Ask the owner of the request type to widen it."
        )
    tenant = row.tenant_id
    with transaction.atomic():
        Tenant.objects.select_for_update().get(pk=tenant)  # one number after the other
        same = Request.objects.of(tenant).filter(requester=row.requester, key=row.key)
        if row.key and (kept := same.first()):
            return str(kept.id)
        row.number = (Request.objects.of(tenant).aggregate(top=Max("number"))["top"] or 0) + 1
        set_standing(row, situation, standing, now)
        row.save(force_insert=True)
        RequestAct(tenant_id=tenant, request=row, n=1, kind=act.kind, by=act.by, at=now, via=via).save()
        write_asked(row, standing, is_new=True)
        if draft:
            Draft.objects.of(tenant).filter(pk=draft, author=row.requester).delete()
        body = {"request": str(row.id), "trace": row.trace, "about": row.about}
        outbox.publish("request.asked", body, at=now)
        if standing.status is Status.APPROVED:  # no step applies to it
            outbox.publish("request.decided", {**body, "status": str(standing.status)}, at=now)
    return str(row.id)


def preview(*, actor: str, type_slug: str, tenant: str, fields: Mapping[str, Any], now: datetime) -> Preview:
    """Say where a request would go; nothing is sent. Raises as `ask` does, but for a chain that is stuck."""
    definition = _known(type_slug)
    org = organisation(now)
    filled = checked(definition, fields)
    _may_ask(definition, actor, tenant, org)
    one = org.people.get(actor)
    path = path_of(actor, tenant)
    chain = carried_by(path, definition, one.department if one else "")
    known = Org(org.people, org.leads, org.heads) if path == Path.EXISTING else org
    asked = (Act(ActKind.ASKED, actor, now),)
    situation = Situation(chain, Asking(actor, filled, tenant), asked, known, instance().calendar)
    return preview_of(situation, past_days(type_slug))


def save_draft(
    *, actor: str, type_slug: str, tenant: str, fields: Mapping[str, Any], draft: str = "", now: datetime
) -> str:
    """Keep what was filled in so far, as it is; return the draft's id."""
    definition = _known(type_slug)
    if not tenants.is_member(tenant=tenant, person=actor):
        raise NoSuchRequest(f"There is no tenant {tenant!r} that you may see.")
    known = {name: value for name, value in fields.items() if name in definition.form.get("properties", {})}
    if draft:
        changed = Draft.objects.of(tenant).filter(pk=_uuid(draft), author=actor)
        if changed.update(fields=known, saved_at=now):
            return draft
        raise NoSuchRequest("There is no such draft.")
    if Draft.objects.of(tenant).filter(author=actor).count() >= MOST_DRAFTS:
        raise Refused(f"You have {MOST_DRAFTS} drafts here. Send or drop one first.")
    row = Draft(
        id=id_of(now, "draft", tenant, actor, secrets.token_hex(8)),
        tenant_id=tenant,
        type=type_slug,
        author=actor,
        fields=known,
        saved_at=now,
    )
    row.save(force_insert=True)
    return str(row.id)


def drop_draft(*, actor: str, draft: str) -> None:
    mine = Draft.objects.across_tenants(because="a person drops a draft of their own")
    mine.filter(pk=_uuid(draft), author=actor).delete()


def checked(definition: Definition, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the form knows. Raises Unclear with the first that does not fit."""
    known = definition.form.get("properties", {})
    filled = {name: value for name, value in fields.items() if name in known and value not in ("", None)}
    if any(isinstance(value, str) and len(value) > LONGEST_TEXT for value in filled.values()):
        raise Unclear(f"A field takes at most {LONGEST_TEXT} characters; attach a file for more.")
    problems = sorted(_validator(definition).iter_errors(filled), key=lambda e: list(e.absolute_path))
    for problem in problems:
        path = str(next(iter(problem.absolute_path), "")) or _missing(problem.message)
        title = known.get(path, {}).get("title", path)
        raise Unclear(f"{title}: {problem.message}." if title else f"{problem.message}.", path)
    return filled


def _missing(message: str) -> str:
    return message.split("'")[1] if "is a required property" in message else ""


def _validator(definition: Definition) -> Draft202012Validator:
    return Draft202012Validator(dict(definition.form), format_checker=FormatChecker())


def _known(slug: str, *, internal: bool = False) -> Definition:
    """A type that is opened from a form, or by CompanyOS itself; never the other way round."""
    definition = definition_of(slug)
    if definition is None or definition.internal is not internal:
        raise NoSuchRequest(f"There is no request type {slug!r}.")
    return definition


def _may_ask(definition: Definition, actor: str, tenant: str, org: Org) -> None:
    if not tenants.is_member(tenant=tenant, person=actor):
        raise NoSuchRequest(f"There is no tenant {tenant!r} that you may see.")
    if not tenants.may_hold(tenant=tenant, data_domain=definition.data_domain):
        raise NotAllowed(
            f"{definition.title} holds {definition.data_domain} data, which {tenant} may not hold (R9)."
            " Ask in a tenant that may."
        )
    if definition.may_ask and actor not in set(_named(definition, actor, org)):
        raise NotAllowed(f"{definition.title} can be asked for by {', '.join(definition.may_ask)}.")


def _named(definition: Definition, actor: str, org: Org) -> Iterator[str]:
    for who in definition.may_ask:
        yield from org.resolve(who, actor)


def _title(definition: Definition, fields: Mapping[str, Any]) -> str:
    first = next((str(v) for v in fields.values() if isinstance(v, str) and v), "")
    return f"{definition.title}: {first}"[:200] if first else definition.title


def _amount(definition: Definition, fields: Mapping[str, Any]) -> Decimal | None:
    value = fields.get(definition.amount_field)
    if value is None:
        return None
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return None
    if not -(10**11) < amount < 10**11:
        raise Unclear("The amount is too large.", definition.amount_field)
    return amount


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchRequest("There is no such draft.") from None
