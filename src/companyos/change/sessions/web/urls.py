"""Every address of sessions."""

from __future__ import annotations

from django.urls import path

from companyos.change.sessions.web import views

urlpatterns = [
    path("sessions", views.sessions, name="sessions"),
    path("sessions/calendar.ics", views.calendar, name="sessions-calendar"),
    path("sessions/<uuid:session>", views.session, name="session"),
    path("sessions/<uuid:session>/<slug:what>", views.act, name="session-act"),
]
