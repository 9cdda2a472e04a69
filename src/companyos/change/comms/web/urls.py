"""Every address of news and announcements."""

from __future__ import annotations

from django.urls import include, path

from companyos.change.comms.web import banner_views, views

urlpatterns = [
    path("news", views.news, name="news"),
    path("news/<uuid:notice>", views.one, name="news-one"),
    path("announcements", views.announcements, name="announcements"),
    path("announcements/<uuid:notice>", views.announcement, name="announcement"),
    path("banners", banner_views.banners, name="banners"),
    path("banners/new", banner_views.new, name="banner-new"),
    path("banners/<uuid:banner>", banner_views.one, name="banner"),
    path("banners/<uuid:banner>/dismiss", banner_views.dismiss, name="banner-dismiss"),
    path("banners/<uuid:banner>/acknowledge", banner_views.acknowledge, name="banner-acknowledge"),
    path("", include("companyos.change.comms.web.release_notes_urls")),
]
