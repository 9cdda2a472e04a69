"""The library of playbooks, one of them, and the form that writes its next version."""

from __future__ import annotations

import io

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_GET, require_http_methods
from ruamel.yaml import YAML

from companyos.change.playbooks import actions, queries
from companyos.change.playbooks.domain.reading import document_of
from companyos.change.playbooks.web import forms, gather
from companyos.platform.instance import now

_STATUS = {actions.NoSuch: 404, actions.NotYours: 403}


@require_GET
def library(request: HttpRequest) -> HttpResponse:
    """Show every playbook with its last drill, and what falls due."""
    return render(request, "playbooks/library.html", {"page": gather.library_page(now())})


@require_http_methods(["GET", "POST"])
def playbook(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a playbook; a post begins a drill of it."""
    viewer, asked = viewer_of(request), request.GET.get("version", "")
    if request.method == "GET":
        version = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else None
        return _playbook_page(request, slug, version=version)
    said = {name: str(value) for name, value in request.POST.items()}
    row = queries.find_playbook(slug)
    if row is None:
        raise Http404("There is no such playbook.")
    roles = tuple(dict.fromkeys(step.who for step in row.playbook.steps))
    try:
        made = actions.begin_drill(
            actor=viewer, playbook=slug, scenario=said.get("scenario", ""), roles=forms.roles_of(said, roles),
            feature=said.get("feature"), now=now(),
        )  # fmt: skip
    except actions.Refused as refusal:
        return _playbook_page(request, slug, said=said, refusal=refusal)
    return HttpResponseRedirect(reverse("drill", args=[made]))


@require_http_methods(["GET", "POST"])
def write_new(request: HttpRequest) -> HttpResponse:
    """Write a new playbook."""
    return _write(request, "")


@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """Write the next version of a playbook."""
    return _write(request, slug)


@require_GET
def as_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the newest version as the file that `program/playbooks` would hold."""
    row = queries.find_playbook(slug)
    if row is None:
        raise Http404("There is no such playbook.")
    text, yaml = io.StringIO(), YAML()
    yaml.width = 110
    yaml.dump(document_of(row.playbook), text)
    return HttpResponse(text.getvalue(), content_type="text/plain; charset=utf-8")


def _write(request: HttpRequest, slug: str) -> HttpResponse:
    row = queries.find_playbook(slug) if slug else None
    if slug and row is None:
        raise Http404("There is no such playbook.")
    if request.method == "GET":
        return render(request, "playbooks/write.html", {"page": gather.write_page(row, now())})
    said = {name: str(value) for name, value in request.POST.items()}
    try:
        known = slug or slugify(said.get("title", ""))[:50]
        if not known:
            raise actions.Refused("Give it a title with a word in it.")
        actions.write_playbook(
            actor=viewer_of(request), book=forms.playbook_of(known, said), because=said.get("because", ""),
            version=forms.whole(said.get("version", "")) or 0, now=now(),
        )  # fmt: skip
    except actions.Refused as refusal:
        page = gather.write_page(row, now(), said=said, problem=str(refusal))
        return render(request, "playbooks/write.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("playbook", args=[known]))


def _playbook_page(
    request: HttpRequest,
    slug: str,
    *,
    version: int | None = None,
    said: dict[str, str] | None = None,
    refusal: actions.Refused | None = None,
) -> HttpResponse:
    problem = str(refusal) if refusal else ""
    page = gather.playbook_page(viewer_of(request), slug, now(), version=version, said=said, problem=problem)
    if page is None:
        raise Http404("There is no such playbook.")
    status = status_of(refusal) if refusal else 200
    return render(request, "playbooks/playbook.html", {"page": page}, status=status)


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))


def status_of(refusal: actions.Refused) -> int:
    return _STATUS.get(type(refusal), 409)
