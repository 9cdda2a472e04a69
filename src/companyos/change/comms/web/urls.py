"""Every address of news and announcements."""

from __future__ import annotations

from django.urls import include, path

from companyos.change.comms.web import views

urlpatterns = [
    path("news", views.news, name="news"),
    path("news/<uuid:notice>", views.one, name="news-one"),
    path("announcements", views.announcements, name="announcements"),
    path("announcements/<uuid:notice>", views.announcement, name="announcement"),
    path("", include("companyos.change.comms.web.release_notes_urls")),
]
