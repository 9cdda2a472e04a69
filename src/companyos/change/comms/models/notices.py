"""Notices and their readers."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Notice(models.Model):
    """One thing that people are told. `key` names what it is about: hearing of it twice tells once."""

    id = models.UUIDField(primary_key=True)
    key = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=16)
    size = models.CharField(max_length=8)
    feature = models.SlugField(blank=True)
    title = models.CharField(max_length=160)
    words = models.TextField(blank=True)
    link = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    by = models.SlugField()
    changes_at = models.DateTimeField(null=True)
    needs_ack = models.BooleanField(default=False)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["-at"], name="notices_newest_first")]

    def __str__(self) -> str:
        return self.title


class Reader(models.Model):
    """Somebody who was told, and when they opened it and said that they know."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readers")
    person = models.SlugField()
    told_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["notice", "person"], name="a_reader_once")]
        indexes: ClassVar = [models.Index(fields=["person", "opened_at"], name="news_of_a_person")]

    def __str__(self) -> str:
        return f"{self.person} of {self.notice_id}"
