"""Every address of the flags pages."""

from __future__ import annotations

from django.urls import path

from companyos.adoption.flags.web import views

urlpatterns = [
    path("flags", views.flag_list, name="flags"),
    path("flags/new", views.new_flag, name="flag-new"),
    path("flags/preview", views.preview, name="flag-new-preview"),
    path("flags/groups/<slug:kind>", views.one_more, name="flag-group"),
    path("flags/<str:key>", views.flag, name="flag"),
    path("flags/<str:key>/change", views.change, name="flag-change"),
    path("flags/<str:key>/preview", views.preview, name="flag-preview"),
    path("flags/<str:key>/<slug:action>", views.act, name="flag-act"),
    path("segments", views.segment_list, name="segments"),
    path("segments/new", views.segment, name="segment-new"),
    path("segments/<str:slug>", views.segment, name="segment"),
]
