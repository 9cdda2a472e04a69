"""The addresses of the way back."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.way_back import views

urlpatterns = [
    path("way-back", views.way_back, name="way-back"),
    path("way-back/link/<str:token>", views.by_link, name="way-back-link"),
]
