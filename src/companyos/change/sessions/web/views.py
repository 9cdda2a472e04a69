"""The sessions of the company, one session, and a person's own calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlparse
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from companyos.change.sessions import actions, queries
from companyos.change.sessions.domain.feed import Source, calendar_of
from companyos.change.sessions.web import gather
from companyos.platform.instance import instance, now
from companyos.platform.outgoing import public_address

_STATUS = {actions.NoSuch: 404, actions.NotYours: 403, actions.Unsaid: 422}
_FEED_LOOKS_BACK = timedelta(days=90)


@require_http_methods(["GET", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    """Show what is coming, this week first, or what was; a post gives the viewer a new link to their calendar."""
    viewer, show = viewer_of(request), request.GET.get("show", "")
    if request.method == "POST":
        actions.renew_feed(actor=viewer)
        return HttpResponseRedirect(reverse("sessions"))
    page = gather.sessions_page(viewer, show if show in gather.SHOWS else gather.SHOWS[0], now())
    fragment = request.headers.get("X-Fragment") == "live"
    template = "sessions/_sessions.html" if fragment else "sessions/sessions.html"
    return render(request, template, {"page": page})


@require_GET
def session(request: HttpRequest, session: UUID) -> HttpResponse:
    """Show one session."""
    return _shown(request, str(session))


@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, session: UUID, what: str) -> HttpResponse:
    """Do one thing with a session; a refusal comes back with what was filled in, and that page stays live."""
    if request.method == "GET":
        return _shown(request, str(session))
    do = _ACTS.get(what)
    if do is None:
        raise Http404("There is nothing of that name to be done with a session.")
    try:
        do(viewer_of(request), str(session), request.POST, now())
    except actions.Refused as refusal:
        return _shown(request, str(session), refusal)
    return HttpResponseRedirect(reverse("session", args=[session]))


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Return a person's sessions as iCalendar; the key in the address proves whose, no sign-in is needed."""
    try:
        person = actions.person_of_feed(request.GET.get("key", ""))
    except actions.NotYours as refusal:
        return HttpResponse(str(refusal), status=403, content_type="text/plain; charset=utf-8")
    rows = queries.sessions_of(person, since=now() - _FEED_LOOKS_BACK)
    source = Source(urlparse(settings.PUBLIC_URL).hostname or "companyos", public_address("/sessions"))
    answer = HttpResponse(calendar_of(rows, source), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="sessions.ics"'
    answer["Cache-Control"] = "private, no-cache"
    return answer


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))


def status_of(refusal: actions.Refused) -> int:
    return _STATUS.get(type(refusal), 409)


def _shown(request: HttpRequest, session: str, refusal: actions.Refused | None = None) -> HttpResponse:
    filled = {name: str(value) for name, value in request.POST.items()}
    problem = str(refusal) if refusal else ""
    page = gather.session_page(viewer_of(request), session, now(), problem=problem, filled=filled)
    if page is None:
        raise Http404("There is no such session.")
    fragment = request.headers.get("X-Fragment") == "live"
    template = "sessions/_together.html" if fragment else "sessions/session.html"
    return render(request, template, {"page": page}, status=status_of(refusal) if refusal else 200)


def _sign_in(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.sign_in(actor=viewer, session=session, now=at)


def _note(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.note_attendance(actor=viewer, session=session, person=said.get("person", ""), now=at)


def _ask(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.ask(actor=viewer, session=session, text=said.get("text", ""), now=at)


def _answer(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    number = said.get("question", "")
    if not number.isdecimal():
        raise actions.NoSuch("Choose the question that you answer.")
    actions.answer(actor=viewer, session=session, question=int(number), text=said.get("answer", ""), now=at)


def _hold(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.hold(actor=viewer, session=session, outcome=said.get("outcome", ""), now=at)


def _waive(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.waive(actor=viewer, session=session, because=said.get("because", ""), now=at)


def _add(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.add_material(
        actor=viewer, session=session, title=said.get("title", ""), link=said.get("link", ""), now=at
    )


def _move(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.move(
        actor=viewer, session=session, begins_at=_moment(said.get("begins_at", "")),
        because=said.get("because", ""), now=at,
    )  # fmt: skip


def _hand_over(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.hand_over(
        actor=viewer, session=session, to=said.get("to", ""), because=said.get("because", ""), now=at
    )


def _call_off(viewer: str, session: str, said: QueryDict, at: datetime) -> None:
    actions.call_off(actor=viewer, session=session, because=said.get("because", ""), now=at)


_ACTS: dict[str, Callable[[str, str, QueryDict, datetime], None]] = {
    "sign-in": _sign_in,
    "note": _note,
    "ask": _ask,
    "answer": _answer,
    "hold": _hold,
    "waive": _waive,
    "material": _add,
    "move": _move,
    "hand-over": _hand_over,
    "call-off": _call_off,
}


def _moment(text: str) -> datetime:
    """Read a moment of a form: the company's own time, as every moment on the page. Raises Unsaid."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise actions.Unsaid("Say when it begins, as a date and a time: 2026-11-11 15:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=instance().calendar.zone)
