"""Opening a case: checked against its form, numbered, and its clocks started."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import Max
from jsonschema import Draft202012Validator, FormatChecker

from companyos.kernel.ids import id_of
from companyos.people.tenants import queries as tenants
from companyos.platform.models import Tenant
from companyos.work.cases.actions.refusals import NoSuchCase, Refused, Unclear
from companyos.work.cases.actions.writing import publish, put, set_clocks, state_from
from companyos.work.cases.domain.definition import PLAIN, Definition
from companyos.work.cases.domain.state import after
from companyos.work.cases.domain.types import CaseRow, CaseType, Event, EventKind, Severity
from companyos.work.cases.models import Case, CaseEvent
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.rows import row_of

LONGEST_TITLE, LONGEST_BODY, LONGEST_FIELD = 200, 20_000, 10_000
MOST_CONTEXT = 40
_TRIES = 20


def report_bug(
    *,
    actor: str,
    tenant: str,
    feature: str,
    severity: Severity,
    title: str,
    body: str,
    now: datetime,
    squad: str = "",
) -> CaseRow:
    """Open a bug for software or a program that knows its severity; its fix clock (R140) starts now."""
    definition = definition_of(CaseType.BUG)
    case = _new(actor, definition, CaseType.BUG, tenant, feature, title, body, now)
    return row_of(_save(case, severity, squad, now))


def open_case(
    *,
    actor: str,
    type_slug: str,
    tenant: str,
    title: str,
    now: datetime,
    body: str = "",
    feature: str = "",
    severity: str = "",
    squad: str = "",
    fields: Mapping[str, Any] | None = None,
    context: Mapping[str, str] | None = None,
    key: str = "",
) -> str:
    """Open a case of a type and return its id. The same `key` of the same person opens it once.

    `squad` is who is asked to triage it; `context` is what was captured beside the form (page, version, flags).
    Raises NoSuchCase for a type or tenant that is not there for this person, Unclear for what does not fit.
    """
    definition = definition_of(type_slug)
    if definition is PLAIN:
        raise NoSuchCase(f"There is no case type {type_slug!r}.")
    if not tenants.is_member(tenant=tenant, person=actor):
        raise NoSuchCase(f"There is no tenant {tenant!r} that you may see.")
    check_severity(definition, severity)
    case = _new(
        actor,
        definition,
        type_slug,
        tenant,
        feature,
        checked_title(title),
        checked_text(body, "body"),
        now,
        key,
    )
    case.fields = checked(definition, fields or {})
    case.context = _captured(context or {})
    return str(_save(case, severity, squad, now).pk)


def _new(
    actor: str,
    definition: Definition,
    type_slug: str,
    tenant: str,
    feature: str,
    title: str,
    body: str,
    now: datetime,
    key: str = "",
) -> Case:
    return Case(
        id=id_of(now, "case", tenant, actor, key or secrets.token_hex(8)),
        tenant_id=tenant,
        type=type_slug,
        type_version=0 if definition is PLAIN else definition.version,
        feature=feature,
        title=title,
        body=body,
        reporter_id=actor,
        opened_at=now,
        key=key[:80],
    )


def _save(case: Case, severity: str, squad: str, now: datetime) -> Case:
    first = definition_of(case.type, case.type_version).first
    body = {"type": case.type, "severity": str(severity), "squad": squad, "status": first.slug,
            "phase": str(first.phase)}  # fmt: skip
    opened = Event(EventKind.OPENED, case.reporter_id, now, body)
    put(case, after(state_from(case), opened))
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _numbered(case, opened, now)
        except OperationalError as error:
            if "locked" not in str(error):
                raise
    raise Refused("Too many people report at once. Nothing was kept; try again.")


def _numbered(case: Case, opened: Event, now: datetime) -> Case:
    Tenant.objects.select_for_update().get(pk=case.tenant_id)  # one number after the other
    mine = Case.objects.of(case.tenant_id)
    if case.key and (kept := mine.filter(reporter_id=case.reporter_id, key=case.key).first()):
        return kept  # type: ignore[no-any-return]
    case.number = (mine.aggregate(top=Max("number"))["top"] or 0) + 1
    case.save(force_insert=True)
    CaseEvent(
        tenant_id=case.tenant_id,
        case=case,
        n=1,
        kind=opened.kind,
        by=opened.by,
        at=opened.at,
        body=opened.body,
    ).save(force_insert=True)
    set_clocks(case)
    case.save(update_fields=["due_at", "look_at"])
    publish(case, opened, 1, now)
    return case


def checked(definition: Definition, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that the form knows. Raises Unclear with the first that does not fit."""
    known = definition.form.get("properties", {})
    filled = {name: value for name, value in fields.items() if name in known and value not in ("", None)}
    for name, value in filled.items():
        if isinstance(value, str):
            checked_text(value, name, LONGEST_FIELD)
    validator = Draft202012Validator(dict(definition.form), format_checker=FormatChecker())
    for problem in sorted(validator.iter_errors(filled), key=lambda e: list(e.absolute_path)):
        path = str(next(iter(problem.absolute_path), "")) or _missing(problem.message)
        said = known.get(path, {}).get("title", path)
        raise Unclear(f"{said}: {problem.message}." if said else f"{problem.message}.", path)
    return filled


def check_severity(definition: Definition, severity: str) -> None:
    if severity and severity not in definition.severities:
        allowed = ", ".join(definition.severities) or "none"
        raise Unclear(f"{definition.title} has no severity {severity!r}; allowed: {allowed}.", "severity")


def checked_title(title: str) -> str:
    if not title.strip():
        raise Unclear("Give it a title: one line that says what happened.", "title")
    return " ".join(title.split())[:LONGEST_TITLE]


def checked_text(text: str, path: str, longest: int = LONGEST_BODY) -> str:
    if len(text) > longest or "\x00" in text:
        raise Unclear(f"It takes at most {longest:,} characters of text; attach a file for more.", path)
    return text


def _captured(context: Mapping[str, str]) -> dict[str, str]:
    return {str(name)[:60]: str(value)[:500] for name, value in list(context.items())[:MOST_CONTEXT]}


def _missing(message: str) -> str:
    return message.split("'")[1] if "is a required property" in message else ""
