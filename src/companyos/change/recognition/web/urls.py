"""Every address of recognition."""

from __future__ import annotations

from django.urls import path

from companyos.change.recognition.web import views

urlpatterns = [
    path("recognition", views.recognition, name="recognition"),
    path("recognition/vote", views.vote, name="spotlight-vote"),
    path("recognition/ledger", views.ledger, name="ledger"),
    path("recognition/badges/<uuid:badge_id>", views.badge, name="badge"),
    path("recognition/badges/<uuid:badge_id>.json", views.credential, name="badge-credential"),
    path("recognition/spotlight/<str:quarter>", views.spotlight, name="spotlight"),
]
