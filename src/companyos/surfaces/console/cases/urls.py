"""The addresses of cases that join other rooms: reporting about a feature, and how promises were kept."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.cases import views

urlpatterns = [
    path("cases/new", views.kinds, name="case-kinds"),
    path("cases/link", views.link, name="case-link"),
    path("cases/new/<slug:kind>", views.report, name="case-new"),
    path("promises", views.promises, name="promises"),
]
