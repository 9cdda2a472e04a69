"""The flags views: each gathers one frozen page and shows it, or carries out one change and says how it went."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.adoption.flags import actions, queries
from companyos.adoption.flags.domain.documents import Malformed, flag_from, segment_from
from companyos.adoption.flags.domain.refusals import NoSuch, NotYours, Refused, Unclear
from companyos.adoption.flags.domain.types import FlagState
from companyos.adoption.flags.web import forms, gather
from companyos.adoption.flags.web.pages import FormPage, PreviewPage, SegmentLine, SegmentPage
from companyos.platform.instance import now

_LONGEST_REASON = 500
_WITHOUT_A_KEY = "Give it a key, and say who gets it: what that comes to is worked out here as you type."


@require_GET
def flag_list(request: HttpRequest) -> HttpResponse:
    return render(request, "flags/list.html", {"page": gather.flag_list(request.GET.dict(), now())})


@require_GET
def flag(request: HttpRequest, key: str) -> HttpResponse:
    page = gather.flag_page(key, _viewer(request), now())
    if page is None:
        raise Http404(f"There is no flag {key}.")
    fragment = request.headers.get("X-Fragment") == "live"
    return render(request, "flags/_live.html" if fragment else "flags/flag.html", {"page": page})


@require_http_methods(["GET", "POST"])
def new_flag(request: HttpRequest) -> HttpResponse:
    """Show an empty form, or make the flag that was filled in."""
    if request.method == "GET":
        page = forms.page_of(FlagState(forms.blank()), now(), is_new=True)
        return render(request, "flags/form.html", {"page": page})
    try:
        spec = flag_from(_new_document(request))
        actions.create(
            actor=_viewer(request),
            spec=spec,
            because=_reason(request),
            now=now(),
            skip_because=_exemption(request),
        )
    except (Refused, Malformed) as refusal:
        return _form_again(request, FlagState(forms.blank(request.POST)), refusal, is_new=True)
    return HttpResponseRedirect(reverse("flag", args=[spec.key]))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, key: str) -> HttpResponse:
    """Show the form of a flag, or change it now or at the moment that was filled in."""
    state = queries.state_of(key)
    if state is None:
        raise Http404(f"There is no flag {key}.")
    if request.method == "GET":
        return render(request, "flags/form.html", {"page": forms.page_of(state, now())})
    try:
        _carry_out(request, state)
    except (Refused, Malformed) as refusal:
        return _form_again(request, state, refusal)
    return HttpResponseRedirect(reverse("flag", args=[key]))


@require_POST
def preview(request: HttpRequest, key: str = "") -> HttpResponse:
    """Say what the form, as filled in by now, would do to people; nothing is changed."""
    state = queries.state_of(key) if key else None
    if not (key or request.POST.get("key", "").strip()):
        return render(request, "flags/_preview.html", {"page": PreviewPage(hint=_WITHOUT_A_KEY)})
    try:
        if state is None:
            spec = flag_from(_new_document(request))
            told = actions.preview_new(
                actor=_viewer(request), spec=spec, now=now(), skip_because=_exemption(request)
            )
        else:
            changes = forms.changes_from(request.POST, state.spec, is_driven=bool(state.driven_by))
            told = actions.preview_change(
                actor=_viewer(request), key=key, changes=changes, now=now(), skip_because=_exemption(request)
            )
        page = gather.preview_page(told, state.spec if state else None)
    except (Refused, Malformed) as refusal:
        page = PreviewPage(problem=str(refusal), path=getattr(refusal, "path", ""))
    return render(request, "flags/_preview.html", {"page": page})


@require_GET
def one_more(request: HttpRequest, kind: str) -> HttpResponse:
    """Give the form one more group of people."""
    number = request.GET.get("n", "")
    if kind not in {"slices", "exceptions"} or not number.isdigit() or int(number) >= forms.MOST_GROUPS:
        raise Http404("There is no such group.")
    group = forms.empty_group(kind, int(number))
    return render(request, "flags/_group.html", {"group": group})


@require_POST
def act(request: HttpRequest, key: str, action: str) -> HttpResponse:
    """Kill, un-kill, revert or cancel; a refusal says why and changes nothing."""
    moves: dict[str, Callable[[HttpRequest, str], Any]] = {
        "kill": _kill, "unkill": _unkill, "revert": _revert, "cancel": _cancel,
    }  # fmt: skip
    if action not in moves:
        raise Http404("There is no such move.")
    try:
        moves[action](request, key)
    except Refused as refusal:
        return _refused(request, refusal)
    return HttpResponseRedirect(reverse("flag", args=[key]))


@require_GET
def segment_list(request: HttpRequest) -> HttpResponse:
    return render(request, "flags/segments.html", {"segments": gather.segment_list()})


@require_http_methods(["GET", "POST"])
def segment(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show a segment and its form, or save what was filled in."""
    page = gather.segment_page(slug, now()) if slug else _new_segment()
    if page is None:
        raise Http404(f"There is no segment {slug}.")
    if request.method == "GET":
        return render(request, "flags/segment.html", {"page": page})
    document = request.POST.get("document", "")[:200_000]
    try:
        spec = segment_from(_read(document) | ({"slug": slug} if slug else {}))
        actions.save_segment(
            actor=_viewer(request),
            spec=spec,
            version=_number(request, "version"),
            because=_reason(request),
            now=now(),
        )
    except (Refused, Malformed) as refusal:
        page = replace(page, problem=str(refusal), document=document, reason=_reason(request))
        return render(request, "flags/segment.html", {"page": page}, status=_status(refusal))
    return HttpResponseRedirect(reverse("segment", args=[spec.slug]))


def _carry_out(request: HttpRequest, state: FlagState) -> None:
    changes = forms.changes_from(request.POST, state.spec, is_driven=bool(state.driven_by))
    at = forms.moment_from(request.POST)
    who: dict[str, Any] = {
        "actor": _viewer(request),
        "key": state.spec.key,
        "because": _reason(request),
        "now": now(),
    }
    if at is None:
        version = _number(request, "version")
        actions.change(**who, changes=changes, version=version, skip_because=_exemption(request))
        return
    changed = {name: value for name, value in changes.items() if _differs(state, name, value)}
    actions.schedule(**who, at=at, changes=changed, skip_because=_exemption(request))


def _differs(state: FlagState, name: str, value: Any) -> bool:
    known = flag_from({"key": state.spec.key, "title": state.spec.title, name: value})
    return bool(getattr(known, name) != getattr(state.spec, name))


def _kill(request: HttpRequest, key: str) -> None:
    actions.kill(actor=_viewer(request), key=key, because=_reason(request), now=now())


def _unkill(request: HttpRequest, key: str) -> None:
    version = _number(request, "version")
    actions.unkill(actor=_viewer(request), key=key, version=version, because=_reason(request), now=now())


def _revert(request: HttpRequest, key: str) -> None:
    to, version = _number(request, "to"), _number(request, "version")
    actions.revert(
        actor=_viewer(request), key=key, to=to, version=version, because=_reason(request), now=now()
    )


def _cancel(request: HttpRequest, key: str) -> None:
    scheduled = request.POST.get("scheduled", "")
    actions.cancel(actor=_viewer(request), key=key, scheduled=scheduled, because=_reason(request), now=now())


def _new_document(request: HttpRequest) -> dict[str, Any]:
    changes = forms.changes_from(request.POST, forms.blank(request.POST), is_driven=False)
    return {"key": request.POST.get("key", ""), "kind": request.POST.get("kind", ""), **changes}


def _form_again(
    request: HttpRequest, state: FlagState, refusal: Exception, *, is_new: bool = False
) -> HttpResponse:
    """Show the form as it was filled in, with what was wrong; where it cannot be read, as it was before."""
    page = forms.page_of(_filled_in(request, state, is_new=is_new), now(), is_new=is_new)
    page = _with_words(request, page, str(refusal))
    return render(request, "flags/form.html", {"page": page}, status=_status(refusal))


def _filled_in(request: HttpRequest, state: FlagState, *, is_new: bool) -> FlagState:
    try:
        if is_new:
            return replace(state, spec=flag_from(_new_document(request)))
        changes = forms.changes_from(request.POST, state.spec, is_driven=bool(state.driven_by))
        fixed = {"key": state.spec.key, "kind": str(state.spec.kind), "flag_set": state.spec.flag_set}
        return replace(state, spec=flag_from({**fixed, **changes}))
    except (Refused, Malformed):
        return state


def _with_words(request: HttpRequest, page: FormPage, problem: str) -> FormPage:
    said = request.POST
    return replace(
        page,
        problem=problem,
        reason=_reason(request),
        exemption=_exemption(request),
        at=said.get("at", ""),
        wanted_key=said.get("key", page.wanted_key),
        title=said.get("title", page.title),
    )


def _new_segment() -> SegmentPage:
    line = SegmentLine("", "New segment", "", "", 0, ())
    document = '{\n "slug": "",\n "title": "",\n "owner": "",\n "teams": []\n}'
    return SegmentPage(now(), line, 0, (), "", (), (), document=document, is_new=True)


def _read(document: str) -> dict[str, Any]:
    try:
        found = json.loads(document)
    except (ValueError, RecursionError) as wrong:
        raise Unclear(f"This is no JSON: {wrong}") from None
    if not isinstance(found, dict):
        raise Unclear("A segment is an object of fields.")
    return found


def _refused(request: HttpRequest, refusal: Exception) -> HttpResponse:
    status = _status(refusal)
    return render(
        request, f"{status if status != 400 else 409}.html", {"problem": str(refusal)}, status=status
    )


def _status(refusal: Exception) -> int:
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (NotYours, 403),
        (NoSuch, 404),
        (Unclear, 400),
        (Malformed, 400),
    )
    return next((status for kind, status in kinds if isinstance(refusal, kind)), 409)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "")[:_LONGEST_REASON]


def _exemption(request: HttpRequest) -> str:
    return request.POST.get("exemption", "")[:_LONGEST_REASON]


def _number(request: HttpRequest, name: str) -> int:
    said = request.POST.get(name, "")
    return int(said) if said.isdigit() else -1


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
