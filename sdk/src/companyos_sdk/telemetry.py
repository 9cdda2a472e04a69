"""Who met which flag, told to the server: a hook for OpenFeature's client and for our own, and `track`.

    telemetry = Telemetry("https://flags.example", key="...", spool="var/events")
    provider = CompanyOSProvider(..., telemetry=telemetry)      # the stock client then reports by itself
    flags = Flags(provider, hook=telemetry.exposed)             # and so does ours

Somebody who meets the same variant of a flag again within the window is not told again. Nothing here blocks or raises.
"""

from __future__ import annotations

import logging
import os
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from zlib import crc32

from openfeature.evaluation_context import EvaluationContext
from openfeature.flag_evaluation import FlagEvaluationDetails, FlagValueType
from openfeature.hook import Hook, HookContext, HookHints
from openfeature.track import TrackingEventDetails

from companyos_sdk import events
from companyos_sdk.answers import Details, attributes_of

_log = logging.getLogger(__name__)

_MOST_REMEMBERED = 100_000


class Telemetry:
    """Collects exposures and tracked events, and sends them.

    `sample` is the share of people whose exposures are told, chosen by their key, so that somebody is told of
    entirely or not at all. `tenant` is for contexts that name none.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str,
        spool: Path | str | None = None,
        tenant: str | None = None,
        window_seconds: float = 3600.0,
        sample: float = 1.0,
        provider: str = "companyos",
        **mail: Any,
    ) -> None:
        """`mail` are the bounds of `outbox.Mail`: batch, every_seconds, most_queued and so on."""
        from companyos_sdk.outbox import Mail, Outbox  # here, as it brings asyncio

        where = None if spool is None else Path(spool)
        self._outbox = Outbox(Mail(url, key, where, **mail), every_round=self._turn_window)
        self._tenant, self._provider = tenant, provider
        self._window, self._sample = window_seconds, sample
        self._seen: dict[tuple[Any, str, str | None], object] = {}
        self._window_ends = monotonic() + window_seconds
        self.hook = ExposureHook(self)
        _begin_anew_in_forks(self)

    @property
    def counts(self) -> dict[str, int]:
        """How many events are queued, sent, spooled, refused, dropped and unsendable."""
        return self._outbox.counts

    def exposed(self, key: str, details: Details, context: Mapping[str, Any]) -> None:
        """Somebody was given this answer: the hook of `Flags`."""
        try:
            met = (context.get("targetingKey"), key, details.variant)
            if met not in self._seen and self._is_new(met):
                self._tell(key, details, context, self._provider)
        except Exception as problem:  # noqa: BLE001, RUF100  (whatever it is, the caller has their answer)
            self._outbox.count_unsendable(problem)

    def exposed_through(self, provider: str, details: FlagEvaluationDetails[Any], context: Any) -> None:
        """As `exposed`, for what OpenFeature's client hands to a hook."""
        try:
            attributes = attributes_of(context)
            if self._is_new((attributes.get("targetingKey"), details.flag_key, details.variant)):
                self._tell(details.flag_key, details, attributes, provider)
        except Exception as problem:  # noqa: BLE001, RUF100
            self._outbox.count_unsendable(problem)

    def track(
        self,
        name: str,
        context: EvaluationContext | None = None,
        details: TrackingEventDetails | None = None,
    ) -> None:
        """Count something that somebody did (https://openfeature.dev/specification/sections/tracking)."""
        try:
            attributes = attributes_of(context)
            event = events.tracked(
                name=name,
                value=None if details is None else details.value,
                attributes={} if details is None else details.attributes,
                context=attributes,
                tenant=events.tenant_of(attributes, self._tenant),
                now=datetime.now(UTC),
            )
            self._outbox.put(event)
        except Exception as problem:  # noqa: BLE001, RUF100
            self._outbox.count_unsendable(problem)

    def send(self, name: str, *, context: Mapping[str, Any], **parts: Any) -> None:
        """Tell what a part of the SDK has found out (`events.reported` says which parts there are)."""
        try:
            tenant = events.tenant_of(context, self._tenant)
            self._outbox.put(events.reported(name, context=context, tenant=tenant, **parts))
        except Exception as problem:  # noqa: BLE001, RUF100
            self._outbox.count_unsendable(problem)

    def close(self, *, within: float = 3.0) -> None:
        """Send what is left, or put it on disk."""
        self._outbox.close(within=within)

    def _turn_window(self) -> None:
        """Called by the sending thread now and then, so that who asks need not look at the clock."""
        if monotonic() >= self._window_ends:
            self._forget()

    def _forget(self) -> None:
        self._seen = {}
        self._window_ends = monotonic() + self._window

    def _forked(self) -> None:
        self._forget()
        self._outbox.forked()

    def _is_new(self, met: tuple[Any, str, str | None]) -> bool:
        if len(self._seen) >= _MOST_REMEMBERED:
            self._forget()
        mine = object()
        if self._seen.setdefault(met, mine) is not mine:  # of two threads one is first
            return False
        return self._sample >= 1.0 or crc32(str(met[0]).encode("utf-8", "replace")) < self._sample * 2**32

    def _tell(
        self,
        key: str,
        details: Details | FlagEvaluationDetails[Any],
        context: Mapping[str, Any],
        provider: str,
    ) -> None:
        event = events.exposure(
            key=key,
            variant=details.variant,
            value=details.value,
            reason=details.reason,
            error_code=details.error_code,
            error_message=details.error_message,
            metadata=details.flag_metadata,
            context=context,
            provider=provider,
            tenant=events.tenant_of(context, self._tenant),
            now=datetime.now(UTC),
        )
        self._outbox.put(event)


class ExposureHook(Hook):
    """Tells a `Telemetry` of every evaluation of OpenFeature's client, whatever the provider."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry

    def finally_after(
        self, hook_context: HookContext, details: FlagEvaluationDetails[FlagValueType], hints: HookHints
    ) -> None:
        metadata = hook_context.provider_metadata
        name = metadata.name if metadata is not None else "unknown"
        self._telemetry.exposed_through(name, details, hook_context.evaluation_context)


def _begin_anew_in_forks(telemetry: Telemetry) -> None:
    """A forked process has no sending thread until it tells something, so it must not think all is told."""
    if hasattr(os, "register_at_fork"):
        forked = weakref.WeakMethod(telemetry._forked)
        os.register_at_fork(after_in_child=lambda: (act := forked()) and act())
