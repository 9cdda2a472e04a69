"""The addresses of the search."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.search import views

urlpatterns = [
    path("search", views.search, name="search"),
    path("palette", views.palette, name="palette"),
]
