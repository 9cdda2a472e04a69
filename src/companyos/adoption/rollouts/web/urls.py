"""Every address of the rollouts pages; they come before the console's own."""

from __future__ import annotations

from django.urls import path

from companyos.adoption.rollouts.web import views

urlpatterns = [
    path("rollouts/<slug:plan>/plan", views.plan, name="rollout-plan"),
    path("rollouts/<slug:plan>/practice", views.practice, name="rollout-practice"),
    path("rollouts/<slug:plan>/practice/move", views.practise, name="rollout-practise"),
    path("rollouts/<slug:plan>/fix-list", views.fix_list, name="rollout-fixes"),
]
