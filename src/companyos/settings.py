"""Django's settings, from the data directory and a few environment variables; the one place that reads them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

_HERE = Path(__file__).parent
DATA = Path(os.environ.get("COMPANYOS_DATA", "var")).resolve()


def _secret() -> str:
    """Return the instance's own secret, made at first use and kept in its data directory."""
    path = DATA / "secret"
    if not path.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def _database() -> dict[str, Any]:
    """SQLite in the data directory, or the PostgreSQL that COMPANYOS_DATABASE_URL names."""
    url = urlparse(os.environ.get("COMPANYOS_DATABASE_URL", ""))
    if url.scheme.startswith("postgres"):
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname
            or parse_qs(url.query).get("host", [""])[0],  # a socket's folder is a parameter
            "PORT": str(url.port or ""),
            "CONN_MAX_AGE": None,
        }
    return {
        "ENGINE": "companyos.platform.sqlite",
        "NAME": DATA / "companyos.sqlite3",
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;"
                " PRAGMA cache_size=-20000"
            ),
        },
        "TEST": {"NAME": DATA / "test.sqlite3"},
    }


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("COMPANYOS_HOSTS", "127.0.0.1,localhost,testserver").split(",")
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
DATABASES = {"default": _database()}
CLICKHOUSE_URL = os.environ.get("COMPANYOS_CLICKHOUSE_URL", "")  # empty: the engine in the data directory
PUBLIC_URL = os.environ.get("COMPANYOS_URL", "http://127.0.0.1:8400").rstrip(
    "/"
)  # what links in messages begin with
# smtp://user:password@host:587 (STARTTLS, but not on this machine itself) or smtps://; empty: mail is kept and not sent
_SMTP = urlparse(os.environ.get("COMPANYOS_SMTP_URL", ""))
EMAIL_HOST = _SMTP.hostname or ""
EMAIL_PORT = _SMTP.port or (465 if _SMTP.scheme == "smtps" else 587)
EMAIL_HOST_USER = unquote(_SMTP.username or "")
EMAIL_HOST_PASSWORD = unquote(_SMTP.password or "")
EMAIL_USE_SSL = _SMTP.scheme == "smtps"
EMAIL_USE_TLS = not EMAIL_USE_SSL and EMAIL_HOST not in {"", "localhost", "127.0.0.1", "::1"}
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("COMPANYOS_MAIL_FROM", "companyos@localhost")
SLACK_WEBHOOK_URL = os.environ.get("COMPANYOS_SLACK_WEBHOOK_URL", "")
SLACK_TOKEN = os.environ.get("COMPANYOS_SLACK_TOKEN", "")
SLACK_SIGNING_SECRET = os.environ.get("COMPANYOS_SLACK_SIGNING_SECRET", "")  # of what Slack sends to us
MAIL_BOX = os.environ.get(
    "COMPANYOS_MAIL_BOX", ""
)  # cases@company.example: whose mail `companyos mail-in` takes
IMAP_URL = os.environ.get("COMPANYOS_IMAP_URL", "")  # imaps://user:password@host/Folder: read once a minute
MAIL_SERVER = os.environ.get("COMPANYOS_MAIL_SERVER", "")  # whose Authentication-Results we trust
WEBHOOKS_INSIDE = (
    os.environ.get("COMPANYOS_WEBHOOKS_INSIDE", "") == "1"
)  # may go to addresses of our own network
SLACK_API_URL = os.environ.get("COMPANYOS_SLACK_API_URL", "https://slack.com/api").rstrip("/")
# What links of documents may lead to beside the open net: names of hosts, and files in this folder.
DOCUMENT_HOSTS = frozenset(filter(None, os.environ.get("COMPANYOS_DOCUMENT_HOSTS", "").lower().split(",")))
DOCUMENT_FOLDER = Path(os.environ.get("COMPANYOS_DOCUMENT_FOLDER", ".")).resolve()
# who we are at GitHub, GitLab, Jira or Linear: tokens stand in this file alone, which its owner alone reads
TRACKERS_FILE = os.environ.get("COMPANYOS_TRACKERS", str(DATA / "trackers.json"))
AUTH_USER_MODEL = "identity.Person"
ROOT_URLCONF = "companyos.cli.addresses"
STATIC_URL = "/static/"
LOGIN_URL = "/sign-in"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "companyos.surfaces.console.views.csrf_refused"
FORM_RENDERER = "django.forms.renderers.DjangoDivFormRenderer"

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "companyos.platform.apps.PlatformConfig",
    "companyos.people.identity.apps.IdentityConfig",
    "companyos.people.tenants.apps.TenantsConfig",
    "companyos.work.approvals.apps.ApprovalsConfig",
    "companyos.work.cases.apps.CasesConfig",
    "companyos.work.feedback.apps.FeedbackConfig",
    "companyos.work.roadmap.apps.RoadmapConfig",
    "companyos.work.trackers.apps.TrackersConfig",
    "companyos.work.mailroom.apps.MailroomConfig",
    "companyos.adoption.features.apps.FeaturesConfig",
    "companyos.adoption.flags.apps.FlagsConfig",
    "companyos.adoption.telemetry.apps.TelemetryConfig",
    "companyos.adoption.surveys.apps.SurveysConfig",
    "companyos.adoption.shadow.apps.ShadowConfig",
    "companyos.adoption.rollouts.apps.RolloutsConfig",
    "companyos.change.comms.apps.CommsConfig",
    "companyos.change.sessions.apps.SessionsConfig",
    "companyos.change.recognition.apps.RecognitionConfig",
    "companyos.change.playbooks.apps.PlaybooksConfig",
    "companyos.surfaces.ui.apps.UiConfig",
    "companyos.surfaces.console.apps.ConsoleConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "companyos.surfaces.console.headers.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "companyos.surfaces.console.sign_in.signed_in_person",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [
            _HERE / room / "web" / "templates"
            for room in (
                "adoption/rollouts",
                "adoption/flags",
                "adoption/telemetry",
                "adoption/shadow",
                "adoption/surveys",
                "adoption/features",
                "work/approvals",
                "work/feedback",
                "work/cases",
                "work/roadmap",
                "work/trackers",
                "work/mailroom",
                "change/comms",
                "change/sessions",
                "change/recognition",
                "change/playbooks",
            )
        ],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "companyos.surfaces.console.context.every_page",
            ],
        },
    }
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"stderr": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
