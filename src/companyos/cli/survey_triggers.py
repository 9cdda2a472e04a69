"""What makes surveys due, read from telemetry."""

from __future__ import annotations

import logging
from datetime import datetime

from companyos.adoption.telemetry import queries as telemetry
from companyos.analytics.limits import EngineError

_log = logging.getLogger(__name__)


class FromTelemetry:
    """First exposures and events. While the engine does not answer, nothing happened: the person is asked later."""

    def first_exposure(self, feature: str, person: str) -> datetime | None:
        return telemetry.first_exposure(feature, person)

    def last_event(self, feature: str, event: str, person: str) -> datetime | None:
        try:
            return telemetry.last_event(feature, event, person)
        except EngineError as error:
            _log.warning("no survey is asked for %s now: %s", event, error)
            return None
