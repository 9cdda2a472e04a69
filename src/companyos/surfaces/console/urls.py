"""Every address of the console, and the management API beside it."""

from __future__ import annotations

from django.urls import path

from companyos.surfaces.api.urls import api
from companyos.surfaces.console import sign_in

urlpatterns = [
    path("api/v1/", api.urls),
    path("sign-in", sign_in.ask, name="sign-in"),
    path("sign-in/<str:token>", sign_in.follow_link, name="sign-in-link"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
]
