"""The addresses of shadow runs."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.shadow import views

urlpatterns = [
    path("shadow", views.home, name="shadow"),
    path("shadow/<slug:feature>", views.explorer, name="shadow-feature"),
    path("shadow/<slug:feature>/mark", views.mark, name="shadow-mark"),
]
