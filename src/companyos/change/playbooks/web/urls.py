"""Every address of playbooks, drills and support packs."""

from __future__ import annotations

from django.urls import path

from companyos.change.playbooks.web import views, views_of_drills, views_of_support

urlpatterns = [
    path("playbooks", views.library, name="playbooks"),
    path("playbooks/new", views.write_new, name="playbook-new"),
    path("playbooks/<slug:slug>", views.playbook, name="playbook"),
    path("playbooks/<slug:slug>/change", views.write, name="playbook-change"),
    path("playbooks/<slug:slug>/yaml", views.as_file, name="playbook-yaml"),
    path("drills/<uuid:drill>", views_of_drills.drill, name="drill"),
    path("drills/<uuid:drill>/tick", views_of_drills.tick, name="drill-tick"),
    path("drills/<uuid:drill>/end", views_of_drills.end, name="drill-end"),
    path("drills/<uuid:drill>/findings", views_of_drills.finding, name="drill-finding"),
    path("support/<slug:feature>", views_of_support.pack, name="support"),
    path("support/<slug:feature>/macros/<slug:item>", views_of_support.macro, name="support-macro"),
    path("support/<slug:feature>/items/<slug:item>", views_of_support.item, name="support-item"),
]
