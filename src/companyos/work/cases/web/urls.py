"""Every address of the pages of cases that need no other room."""

from __future__ import annotations

from django.urls import path

from companyos.work.cases.web import views, views_of_one

urlpatterns = [
    path("cases", views.inbox, name="cases"),
    path("cases/mine", views.mine, name="cases-mine"),
    path("cases/filters", views.filters, name="case-filters"),
    path("cases/import", views.import_file, name="case-import"),
    path("cases/<uuid:case_id>", views_of_one.one, name="case"),
    path("cases/<uuid:case_id>/files", views_of_one.attach, name="case-attach"),
    path("cases/<uuid:case_id>/files/<uuid:file_id>", views_of_one.file, name="case-file"),
    path("cases/<uuid:case_id>/<slug:act>", views_of_one.act, name="case-act"),
    path("squads/<slug:squad>/calendar", views.calendar, name="squad-calendar"),
]
