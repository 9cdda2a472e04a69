"""Release notes: the list, an edition as one reader has it, and its editor."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.change.comms import actions, queries
from companyos.change.comms.domain.release_editing import Said
from companyos.change.comms.domain.release_notes import MOST_ITEMS
from companyos.change.comms.domain.types import Size
from companyos.change.comms.web import release_notes_gather as gather
from companyos.change.comms.web.views import status_of, viewer_of
from companyos.platform.instance import now

_DIGITS = 9


@require_http_methods(["GET", "POST"])
def editions(request: HttpRequest) -> HttpResponse:
    """Show every edition that the viewer may see; a post drafts the next one, or takes in what is new."""
    viewer = viewer_of(request)
    if request.method == "GET":
        return render(request, "comms/release_notes.html", {"page": gather.editions_page(viewer, now())})
    try:
        made = actions.draft_release_note(actor=viewer, now=now())
    except actions.Refused as refusal:
        page = gather.editions_page(viewer, now(), str(refusal))
        return render(request, "comms/release_notes.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("release-note-edit", args=[made]))


@require_GET
def edition(request: HttpRequest, note: UUID) -> HttpResponse:
    """Show a published edition as its reader has it, which keeps that they have opened it."""
    viewer = viewer_of(request)
    page = gather.edition_page(viewer, str(note), now())
    if page is None:
        if queries.may_edit_release_notes(viewer) and queries.release_note(str(note)):
            return HttpResponseRedirect(reverse("release-note-edit", args=[note]))
        raise Http404("There are no such release notes.")
    told = queries.find_by_key(queries.note_key(str(note)))
    if told is not None:
        actions.open_one(actor=viewer, notice=told.id, now=now())
    return render(request, "comms/release_note.html", {"page": page})


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, note: UUID) -> HttpResponse:
    """Show an edition to its editors; a post saves it as a new version."""
    viewer = editor_of(request)
    if request.method == "GET":
        return _editor(request, viewer, str(note))
    said, sent = _items_of(request), request.POST
    seen, title = _number(sent.get("version", "")), sent.get("title", "")
    introduction, because = sent.get("introduction", ""), sent.get("because", "")
    try:
        actions.save_release_note(
            actor=viewer, note=str(note), version=seen, title=title, introduction=introduction, items=said,
            because=because, now=now(),
        )  # fmt: skip
    except actions.NoSuch as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        page = gather.editor_page(
            viewer, str(note), now(), filled=(seen, title, introduction, because, said), problem=str(refusal)
        )
        return render(request, "comms/release_note_edit.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("release-note-edit", args=[note]))


@require_POST
def approve(request: HttpRequest, note: UUID) -> HttpResponse:
    """Approve the version that was looked at."""
    return _do(request, str(note), actions.approve_release_note)


@require_POST
def publish(request: HttpRequest, note: UUID) -> HttpResponse:
    """Publish the version that was looked at, and tell everybody whom it concerns."""
    return _do(request, str(note), actions.publish_release_note)


@require_GET
def version(request: HttpRequest, note: UUID, n: int) -> HttpResponse:
    """Show what an edition said at one time, to its editors."""
    editor_of(request)
    page = gather.version_page(str(note), n, now())
    if page is None:
        raise Http404("There is no such version.")
    return render(request, "comms/release_note_version.html", {"page": page})


def editor_of(request: HttpRequest) -> str:
    """Return who edits; for others the page is not there."""
    viewer = viewer_of(request)
    if not queries.may_edit_release_notes(viewer):
        raise Http404("There is no such page for you: whoever leads a team edits release notes.")
    return viewer


def _do(request: HttpRequest, note: str, act: Callable[..., object]) -> HttpResponse:
    viewer = editor_of(request)
    try:
        act(actor=viewer, note=note, version=_number(request.POST.get("version", "")), now=now())
    except actions.NoSuch as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _editor(request, viewer, note, problem=str(refusal), status=status_of(refusal))
    return HttpResponseRedirect(reverse("release-note-edit", args=[note]))


def _editor(
    request: HttpRequest, viewer: str, note: str, problem: str = "", status: int = 200
) -> HttpResponse:
    tenant, by_mail = request.GET.get("tenant", ""), request.GET.get("as") == "mail"
    page = gather.editor_page(viewer, note, now(), tenant=tenant, by_mail=by_mail, problem=problem)
    if page is None:
        raise Http404("There are no such release notes.")
    return render(request, "comms/release_note_edit.html", {"page": page}, status=status)


def _items_of(request: HttpRequest) -> tuple[Said, ...]:
    """Read the items of the form in their order; one that is to be added and has no title is not there."""
    sent = request.POST
    count = min(_number(sent.get("count", "")), MOST_ITEMS)
    found = (
        Said(
            sent.get(f"title-{n}", ""), sent.get(f"key-{n}", ""), sent.get(f"words-{n}", ""),
            sent.get(f"link-{n}", ""), "", tuple(sent.getlist(f"tenants-{n}")),
            Size.MAJOR if f"major-{n}" in sent else Size.MINOR, f"left-out-{n}" in sent,
        )
        for n in range(count + 1)
    )  # fmt: skip
    return tuple(each for each in found if each.key or each.title.strip() or each.words.strip())


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else 0
