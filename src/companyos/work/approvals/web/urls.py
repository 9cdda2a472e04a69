"""Every address of the requests pages."""

from __future__ import annotations

from django.urls import path

from companyos.work.approvals.web import views, views_of_one

urlpatterns = [
    path("requests", views.inbox, name="requests"),
    path("requests/mine", views.mine, name="requests-mine"),
    path("requests/answers", views.answer_many, name="requests-answers"),
    path("requests/away", views.away, name="requests-away"),
    path("requests/told", views.told, name="requests-told"),
    path("requests/new", views.kinds, name="request-kinds"),
    path("requests/new/<slug:kind>", views.ask, name="request-new"),
    path("requests/new/<slug:kind>/preview", views.preview, name="request-preview"),
    path("requests/<uuid:request_id>", views_of_one.one, name="request"),
    path("requests/<uuid:request_id>/change", views_of_one.change, name="request-change"),
    path("requests/<uuid:request_id>/files", views_of_one.attach, name="request-attach"),
    path("requests/<uuid:request_id>/files/<uuid:file_id>", views_of_one.file, name="request-file"),
    path("requests/<uuid:request_id>/<slug:act>", views_of_one.act, name="request-act"),
    path("answer/<str:token>", views_of_one.answer_by_link, name="answer"),
]
