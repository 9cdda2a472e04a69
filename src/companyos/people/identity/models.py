"""Tables of the directory. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Department(models.Model):
    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    head_slug = models.SlugField(default="")

    def __str__(self) -> str:
        return self.title


class Team(models.Model):
    """A leaf unit of the directory."""

    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    home_tenant = models.ForeignKey("platform.Tenant", on_delete=models.PROTECT, related_name="+")
    works_in = models.ForeignKey("platform.Tenant", on_delete=models.PROTECT, related_name="+")
    lead_slug = models.SlugField(default="")

    def __str__(self) -> str:
        return self.title


class Directory(BaseUserManager["Person"]):
    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(slug=username)


class Person(AbstractBaseUser):
    """Somebody of the company; also who is signed in."""

    slug = models.SlugField(primary_key=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    job_role = models.CharField(max_length=32)
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "slug"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name", "email"]
    objects: ClassVar[Directory] = Directory()

    def __str__(self) -> str:
        return self.name


class ToldHow(models.Model):
    """How a person chose to be written to. Whoever chose nothing hears by mail and Slack, at once."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="+")
    ways: models.JSONField[Any, Any] = models.JSONField(default=list)
    pace = models.CharField(max_length=16)
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.person_id}: {', '.join(self.ways) or 'the pages'}"


class ApiKey(models.Model):
    """A key's hash, what it may do and for which tenants. The key itself is shown once and not kept."""

    id = models.UUIDField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    label = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, default="server")
    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    scopes: models.JSONField[Any, Any] = models.JSONField(default=list)
    tenants: models.JSONField[Any, Any] = models.JSONField(default=list)
    origins: models.JSONField[Any, Any] = models.JSONField(default=list)
    created_at = models.DateTimeField()
    created_by = models.SlugField(default="program")
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.SlugField(default="")
    revoked_because = models.TextField(default="")

    def __str__(self) -> str:
        return self.label


class SignInLink(models.Model):
    """A link that signs one person in, once."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"link for {self.person_id}"
