"""The OpenFeature provider: evaluates in this process, follows a CompanyOS server, and never fails.

    from openfeature import api
    from companyos_sdk.provider import CompanyOSProvider

    api.set_provider_and_wait(CompanyOSProvider("https://flags.example", key="...", bootstrap="var/flags.json"))

Once it has served a ruleset it serves it for ever: a server that is gone, slow or sends nonsense changes nothing but
the provider's status (STALE). Versions only go up. The bootstrap file lets the next start do without the server.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEventDetails
from openfeature.exception import ProviderNotReadyError
from openfeature.flag_evaluation import FlagResolutionDetails, FlagValueType
from openfeature.hook import Hook
from openfeature.provider import AbstractProvider, Metadata
from openfeature.track import TrackingEventDetails

from companyos_sdk import bootstrap as disk
from companyos_sdk.serving import NOTHING, Serving, Unusable, changed_keys, successor

if TYPE_CHECKING:
    from companyos_sdk.following import Follower
    from companyos_sdk.telemetry import Telemetry

_log = logging.getLogger(__name__)

NAME = "companyos"


class State(StrEnum):
    """How the provider stands; the first two last until `initialize` is through."""

    IDLE = "idle"
    STARTING = "starting"
    READY = "ready"
    STALE = "stale"  # serves its last good version, which the server has not confirmed for a while
    ERROR = "error"  # has nothing to serve


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the provider waits before it says something about it."""

    start_seconds: float = 5.0  # for the first ruleset, at most
    stale_seconds: float = 10.0  # without word from the server


class CompanyOSProvider(AbstractProvider):
    """Evaluates flags from the ruleset of a CompanyOS server (or any server of flagd documents with versions)."""

    def __init__(
        self,
        url: str,
        *,
        key: str,
        bootstrap: Path | str | None = None,
        telemetry: Telemetry | None = None,
        patience: Patience | None = None,
        **settings: Any,
    ) -> None:
        """`settings` are those of `following.Settings`: flag_set, poll_seconds, request_seconds and so on."""
        from companyos_sdk.following import (
            Settings,  # here, as it brings asyncio: importing us should stay cheap
        )

        self._is_named = "provider_id" in settings
        self._settings = Settings(url=url, key=key, **{"provider_id": _process_name()} | settings)
        self._bootstrap = None if bootstrap is None else Path(bootstrap)
        self._telemetry, self._patience = telemetry, patience or Patience()
        self.serving: Serving = NOTHING  # read it once where several answers must be of one version
        self._state, self._changing = State.IDLE, threading.Lock()
        self._heard_at = time.monotonic()
        self._first_answer = threading.Event()
        self._follower: Follower | None = None
        self._is_failing = False

    # -- life ----------------------------------------------------------------------------------------------

    def initialize(self, evaluation_context: EvaluationContext) -> None:
        """Serve the bootstrap file, then what the server sends.

        Raises ProviderNotReadyError when there is neither, as OpenFeature wants it; the provider goes on trying, and
        flags answer with their defaults meanwhile.
        """
        with self._changing:
            if self._state not in (State.IDLE, State.ERROR):
                return
            self._state = State.STARTING
        self._read_bootstrap()
        self._start()
        self._first_answer.wait(self._patience.start_seconds)
        with self._changing:
            self._state = State.READY if self.serving.version else State.ERROR
        if self._state is State.ERROR:
            raise ProviderNotReadyError(
                f"No ruleset came from {self._settings.url} within {self._patience.start_seconds:g} s, and there is no "
                "bootstrap file. Flags have the defaults in the code until one comes; the log says what is the matter."
            )

    async def initialize_async(self, evaluation_context: EvaluationContext | None = None) -> None:
        """As `initialize`, without blocking the event loop."""
        import asyncio

        await asyncio.to_thread(self.initialize, evaluation_context or EvaluationContext())

    def shutdown(self) -> None:
        """Stop following. What was served last goes on being served to who still asks."""
        follower, self._follower = self._follower, None
        if follower is not None:
            follower.stop(within=2.0)
        if self._telemetry is not None:
            self._telemetry.close()
        with self._changing:
            self._state = State.IDLE

    def _start(self) -> None:
        from companyos_sdk.following import Follower

        if self._follower is None:
            self._follower = Follower(self._settings, self)
            self._follower.start()
            _keep_across_forks(self)

    def _start_again_after_fork(self) -> None:
        if self._follower is not None:  # its thread stayed behind in the parent process
            self._changing, self._follower = threading.Lock(), None
            if not self._is_named:
                self._settings = replace(self._settings, provider_id=_process_name())
            self._start()

    # -- what the follower tells -----------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """The version of the ruleset served now, 0 before there is one."""
        return self.serving.version

    @property
    def etag(self) -> str | None:
        return self.serving.etag

    @property
    def state(self) -> State:
        return self._state

    def took(self, body: bytes, etag: str | None) -> None:
        known = self.serving
        fresh = successor(body, etag, known, flag_set=self._settings.flag_set)
        self.serving = fresh  # the one moment at which the version changes
        self.confirmed()
        if fresh is known:
            return
        _log.info("serving version %d of %s", fresh.version, self._settings.flag_set)
        if self._bootstrap is not None:
            self._write_bootstrap(self._bootstrap, body, fresh)
        if known.version:
            changed = changed_keys(known.document, fresh.document)
            self.emit_provider_configuration_changed(self._about(fresh, flags_changed=changed))

    def confirmed(self) -> None:
        self._heard_at = time.monotonic()
        self._first_answer.set()
        if self._is_failing:
            _log.info("%s answers again", self._settings.url)
            self._is_failing = False
        if self._moved(State.READY, State.STALE, State.ERROR):
            self.emit_provider_ready(self._about(self.serving))

    def failed(self, why: str) -> None:
        level = logging.DEBUG if self._is_failing else logging.WARNING
        served = (
            f"version {self.version} goes on being served" if self.version else "flags have their defaults"
        )
        _log.log(level, "no ruleset from %s: %s; %s", self._settings.url, why, served)
        self._is_failing = True
        if self.serving.version:
            self._first_answer.set()  # the bootstrap will do
        silent = time.monotonic() - self._heard_at
        if silent > self._patience.stale_seconds and self._moved(State.STALE, State.READY):
            message = f"no word from {self._settings.url} for {silent:.0f} s: {why}"
            self.emit_provider_stale(self._about(self.serving, message=message))

    def _moved(self, to: State, *from_: State) -> bool:
        with self._changing:
            is_a_move = self._state in from_
            if is_a_move:
                self._state = to
            return is_a_move

    def _about(self, serving: Serving, **more: Any) -> ProviderEventDetails:
        return ProviderEventDetails(metadata=dict(serving.flags.metadata), **more)

    # -- the bootstrap file -----------------------------------------------------------------------------------

    def _read_bootstrap(self) -> None:
        if self._bootstrap is None or self.serving.version:
            return
        try:
            self.serving = disk.read(self._bootstrap, flag_set=self._settings.flag_set) or NOTHING
        except Unusable as problem:
            _log.warning("the bootstrap file is ignored: %s", problem)

    def _write_bootstrap(self, path: Path, body: bytes, serving: Serving) -> None:
        try:
            disk.write(path, body, serving)
        except OSError as problem:
            _log.warning(
                "the bootstrap file could not be written, the next start needs the server: %s", problem
            )

    # -- answering ---------------------------------------------------------------------------------------------

    def get_metadata(self) -> Metadata:
        return Metadata(name=NAME)

    def get_provider_hooks(self) -> list[Hook]:
        return [] if self._telemetry is None else [self._telemetry.hook]

    def track(
        self,
        tracking_event_name: str,
        evaluation_context: EvaluationContext | None = None,
        tracking_event_details: TrackingEventDetails | None = None,
    ) -> None:
        if self._telemetry is not None:
            self._telemetry.track(tracking_event_name, evaluation_context, tracking_event_details)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        answers = self.serving.booleans
        return answers.settled.get(flag_key) or answers.resolve(flag_key, default_value, evaluation_context)

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        answers = self.serving.strings
        return answers.settled.get(flag_key) or answers.resolve(flag_key, default_value, evaluation_context)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        answers = self.serving.integers
        return answers.settled.get(flag_key) or answers.resolve(flag_key, default_value, evaluation_context)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        answers = self.serving.floats
        return answers.settled.get(flag_key) or answers.resolve(flag_key, default_value, evaluation_context)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[FlagValueType] | Mapping[str, FlagValueType],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[FlagValueType] | Mapping[str, FlagValueType]]:
        answers = self.serving.objects
        return answers.resolve_own(flag_key, default_value, evaluation_context)


def _process_name() -> str:
    return f"{NAME}-sdk@{socket.gethostname()}:{os.getpid()}"


def _keep_across_forks(provider: CompanyOSProvider) -> None:
    """A forked worker (gunicorn's preload) gets a follower of its own: threads do not survive a fork."""
    if hasattr(os, "register_at_fork"):
        again = weakref.WeakMethod(provider._start_again_after_fork)
        os.register_at_fork(after_in_child=lambda: (act := again()) and act())
