"""Every address of the triage pages."""

from __future__ import annotations

from django.urls import path

from companyos.work.feedback.web import views

urlpatterns = [
    path("triage", views.queue, name="triage"),
    path("triage/similar", views.similar, name="triage-similar"),
    path("triage/model", views.model, name="triage-model"),
    path("triage/model/train", views.train, name="triage-train"),
    path("triage/model/use", views.put_into_use, name="triage-use"),
    path("triage/<uuid:case>/accept", views.accept, name="triage-accept"),
    path("triage/<uuid:case>/correct", views.correct, name="triage-correct"),
]
