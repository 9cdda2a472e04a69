"""One case: its page, what may be done to it, and its files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from companyos.platform.instance import now
from companyos.work.cases import actions, queries
from companyos.work.cases.actions.attaching import MOST_BYTES
from companyos.work.cases.domain.types import LinkKind
from companyos.work.cases.web import gather_one
from companyos.work.cases.web.said import status_of, viewer_of

_GONE = "There is no such case that you may see."


@require_GET
def one(request: HttpRequest, case_id: UUID) -> HttpResponse:
    return _show(request, str(case_id))


@require_POST
def act(request: HttpRequest, case_id: UUID, act: str) -> HttpResponse:
    """Do one thing to a case; a refusal says why, on its page."""
    if act not in ACTS:
        raise Http404("There is no such act.")
    try:
        ACTS[act](viewer_of(request), str(case_id), request.POST)
    except actions.NoSuchCase as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _show(request, str(case_id), problem=str(refusal), status=status_of(refusal))
    return HttpResponseRedirect(reverse("case", args=[case_id]))


@require_POST
def attach(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """Attach a file to a case that the viewer may read."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return _show(request, str(case_id), problem="Choose a file first.", status=400)
    try:
        actions.attach(
            actor=viewer_of(request),
            case=str(case_id),
            name=sent.name or "file",
            content=sent.read(MOST_BYTES + 1),
            now=now(),
        )
    except actions.NoSuchCase as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _show(request, str(case_id), problem=str(refusal), status=status_of(refusal))
    return HttpResponseRedirect(reverse("case", args=[case_id]))


@require_GET
def file(request: HttpRequest, case_id: UUID, file_id: UUID) -> HttpResponse:
    """Give a file to somebody who may read its case: to be saved, never shown inside a page."""
    try:
        name, kind, content = actions.content_of(
            actor=viewer_of(request), case=str(case_id), file=str(file_id)
        )
    except actions.NoSuchCase as refusal:
        raise Http404(str(refusal)) from None
    answer = HttpResponse(content, content_type=kind)
    plain = name.encode("ascii", "replace").decode().replace('"', "_")
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def _show(request: HttpRequest, case_id: str, *, problem: str = "", status: int = 200) -> HttpResponse:
    page = gather_one.case_page(case_id, viewer_of(request), now(), problem)
    if page is None:
        raise Http404(_GONE)
    fragment = request.headers.get("X-Fragment") == "live"
    return render(
        request, "cases/_case.html" if fragment else "cases/case.html", {"page": page}, status=status
    )


def _triage(who: str, case: str, said: QueryDict) -> None:
    actions.accept_triage(
        actor=who,
        case=case,
        type_slug=said.get("type", ""),
        severity=said.get("severity", ""),
        squad=said.get("squad", ""),
        owner=said.get("owner", ""),
        now=now(),
    )


def _severity(who: str, case: str, said: QueryDict) -> None:
    severity, because = said.get("severity", ""), said.get("because", "")
    actions.set_severity(actor=who, case=case, severity=severity, because=because, now=now())


def _assign(who: str, case: str, said: QueryDict) -> None:
    actions.assign(actor=who, case=case, squad=said.get("squad", ""), owner=said.get("owner", ""), now=now())


def _plan(who: str, case: str, said: QueryDict) -> None:
    try:
        due = date.fromisoformat(said.get("due", ""))
    except ValueError:
        raise actions.Unclear("Say until which day.", "due") from None
    steps = said.get("steps", "").splitlines()
    actions.propose_plan(actor=who, case=case, owner=said.get("owner", ""), steps=steps, due=due, now=now())


def _accept_plan(who: str, case: str, said: QueryDict) -> None:
    plan = said.get("plan", "")
    actions.accept_plan(actor=who, case=case, plan=int(plan) if plan.isdecimal() else 0, now=now())


def _move(who: str, case: str, said: QueryDict) -> None:
    actions.move(actor=who, case=case, to=said.get("to", ""), note=said.get("note", ""), now=now())


def _merge(who: str, case: str, said: QueryDict) -> None:
    into = queries.id_of_label(said.get("into", "").strip())
    actions.merge(actor=who, case=case, into=into, now=now())


def _link(who: str, case: str, said: QueryDict) -> None:
    kind = said.get("kind", "")
    if kind not in set(LinkKind):
        raise actions.Unclear("Choose what kind of link it is.", "kind")
    actions.link(actor=who, case=case, kind=LinkKind(kind), target=said.get("target", ""), now=now())


def _unlink(who: str, case: str, said: QueryDict) -> None:
    number = said.get("number", "")
    actions.unlink(actor=who, case=case, number=int(number) if number.isdecimal() else 0, now=now())


def _release(who: str, case: str, said: QueryDict) -> None:
    actions.release(
        actor=who, case=case, release=said.get("release", ""), link=said.get("link", "")[:300], now=now()
    )


def _reword(who: str, case: str, said: QueryDict) -> None:
    body = said.get("body", "").replace("\r\n", "\n")
    actions.reword(actor=who, case=case, title=said.get("title", ""), body=body, now=now())


ACTS: dict[str, Callable[[str, str, QueryDict], None]] = {
    "triage": _triage,
    "reword": _reword,
    "severity": _severity,
    "assign": _assign,
    "plan": _plan,
    "accept-plan": _accept_plan,
    "move": _move,
    "release": _release,
    "merge": _merge,
    "link": _link,
    "unlink": _unlink,
    "unmerge": lambda who, case, said: actions.unmerge(actor=who, case=case, now=now()),
    "comment": lambda who, case, said: actions.comment(
        actor=who, case=case, text=said.get("text", ""), now=now()
    ),
    "ask": lambda who, case, said: actions.ask_reporter(
        actor=who, case=case, text=said.get("text", ""), now=now()
    ),
    "go-on": lambda who, case, said: actions.go_on(actor=who, case=case, now=now()),
    "vote": lambda who, case, said: actions.vote(actor=who, case=case, now=now()),
    "unvote": lambda who, case, said: actions.unvote(actor=who, case=case, now=now()),
    "watch": lambda who, case, said: actions.watch(actor=who, case=case, now=now()),
    "unwatch": lambda who, case, said: actions.unwatch(actor=who, case=case, now=now()),
    "reopen": lambda who, case, said: actions.reopen(
        actor=who, case=case, because=said.get("note", ""), now=now()
    ),
    "fixed": lambda who, case, said: actions.answer_fix(actor=who, case=case, fixed=True, now=now()),
    "not-fixed": lambda who, case, said: actions.answer_fix(actor=who, case=case, fixed=False, now=now()),
}
