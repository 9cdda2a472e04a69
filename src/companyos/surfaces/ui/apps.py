"""Base templates, components, styles and icons that every screen is made of."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "companyos.surfaces.ui"
    label = "ui"
