"""The addresses of surveys."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.console.surveys import views

urlpatterns = [
    path("surveys", views.home, name="surveys"),
    path("surveys/<slug:slug>", views.survey, name="survey"),
    path("questions", views.questions, name="questions"),
    path("questions/<uuid:invitation>", views.question, name="question"),
    path("questions/letters", views.my_letters, name="my-survey-letters"),
    path("question/letters/<str:token>", views.letters_by_link, name="survey-letters-link"),
    path("question/<str:token>", views.by_link, name="question-link"),
]
