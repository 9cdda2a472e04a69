"""Tables of shadow runs. Private to this room. Comparisons are events, in the event engine."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ClassMark(models.Model):
    """What somebody said of a class of differences. The latest counts; none is ever changed."""

    feature = models.SlugField()
    workflow = models.CharField(max_length=200)
    signature = models.CharField(max_length=64)
    kind = models.CharField(max_length=16)
    because = models.TextField()
    until = models.DateTimeField(null=True)
    case = models.CharField(max_length=64, blank=True)
    by = models.SlugField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["feature", "workflow", "signature"], name="shadow_class")]

    def __str__(self) -> str:
        return f"{self.feature} {self.signature} {self.kind}"
