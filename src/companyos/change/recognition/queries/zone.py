"""Where the company's quarters begin."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from companyos.platform.instance import instance


def company_zone() -> ZoneInfo:
    return instance().calendar.zone
