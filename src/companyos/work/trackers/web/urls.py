"""Every address of trackers."""

from __future__ import annotations

from django.urls import path

from companyos.work.trackers.web import views

urlpatterns = [
    path("trackers", views.trackers, name="trackers"),
    path("trackers/<uuid:connection>", views.tracker, name="tracker"),
    path("hooks/trackers/<uuid:connection>", views.hook, name="tracker-hook"),
]
