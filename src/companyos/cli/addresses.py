"""Every address behind the edge: the management API, and the console for the rest."""

from __future__ import annotations

from django.urls import include, path

from companyos.surfaces.api.urls import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("", include("companyos.adoption.rollouts.web.urls")),
    path("", include("companyos.surfaces.console.urls")),
    path("", include("companyos.adoption.flags.web.urls")),
    path("", include("companyos.work.approvals.web.urls")),
    path("", include("companyos.work.feedback.web.urls")),
    path("", include("companyos.work.cases.web.urls")),
    path("", include("companyos.work.trackers.web.urls")),
    path("", include("companyos.work.mailroom.web.urls")),
    path("", include("companyos.change.comms.web.urls")),
    path("", include("companyos.change.sessions.web.urls")),
    path("", include("companyos.change.recognition.web.urls")),
    path("", include("companyos.change.playbooks.web.urls")),
]
handler404 = "companyos.surfaces.console.views.not_found"
handler500 = "companyos.surfaces.console.views.broken"
