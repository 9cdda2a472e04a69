"""Every address of release notes."""

from __future__ import annotations

from django.urls import path

from companyos.change.comms.web import release_notes_views as views

urlpatterns = [
    path("release-notes", views.editions, name="release-notes"),
    path("release-notes/<uuid:note>", views.edition, name="release-note"),
    path("release-notes/<uuid:note>/edit", views.edit, name="release-note-edit"),
    path("release-notes/<uuid:note>/approve", views.approve, name="release-note-approve"),
    path("release-notes/<uuid:note>/publish", views.publish, name="release-note-publish"),
    path("release-notes/<uuid:note>/versions/<int:n>", views.version, name="release-note-version"),
]
