"""The addresses of the roadmap."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.roadmap import views, views_of_decisions

urlpatterns = [
    path("roadmap", views.roadmap, name="roadmap"),
    path("roadmap/similar", views.similar, name="suggestions-similar"),
    path("roadmap/<uuid:key>", views.suggestion, name="suggestion"),
    path("roadmap/<uuid:key>/vote", views.vote, name="suggestion-vote"),
    path("roadmap/<uuid:key>/place", views.place, name="suggestion-place"),
    path("roadmap/<uuid:key>/merge", views.merge, name="suggestion-merge"),
    path("council", views_of_decisions.council, name="council"),
    path("rfcs", views_of_decisions.rfcs, name="rfcs"),
    path("rfcs/<int:number>", views_of_decisions.rfc, name="rfc"),
]
