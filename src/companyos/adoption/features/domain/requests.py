"""What people decide about a feature by requests: how each is named."""

from __future__ import annotations

EXEMPTION, SIGN_OFF = "feature.exemption:", "feature.sign-off:"
PLAN, SIZE = "feature.plan:", "feature.size:"


def about_exemption(exemption: str) -> str:
    return f"{EXEMPTION}{exemption}"


def about_sign_off(meeting: str, role: str) -> str:
    return f"{SIGN_OFF}{meeting}/{role}"


def about_plan(subject: str, sha256: str) -> str:
    """Name a plan's text; an empty subject is the programme's own."""
    return f"{PLAN}{subject}/{sha256}"


def about_size(feature: str) -> str:
    return f"{SIZE}{feature}"
