"""Who met which flag, remembered for a while: what links a span to a flag that was evaluated elsewhere."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

from companyos.analytics.events import Event
from companyos.analytics.intake.mapping import EXPOSURE

MOST_REMEMBERED = 50_000
_MOST_FLAGS = 8


@dataclass(frozen=True, slots=True)
class Met:
    """Somebody met a flag: in which variant, of which feature."""

    actor: str
    flag: str
    feature: str
    variant: str


class Exposures:
    """The newest exposures by (tenant, id), of people, sessions and traces. Belongs to one thread."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._met: OrderedDict[tuple[str, str], dict[str, Met]] = OrderedDict()

    def learn(self, event: Event) -> None:
        """Remember an exposure; other events say nothing of flags."""
        if event.event != EXPOSURE or not event.kind:
            return
        met = Met(event.actor, event.kind, event.feature, event.path)
        session = event.props.get("session.id")
        for name in {event.actor, event.case, session if isinstance(session, str) else ""} - {""}:
            self._remember((event.tenant, name), met)

    def of(self, tenant: str, names: Iterable[str]) -> dict[str, Met]:
        """What the first known of these ids met, by flag."""
        return next((met for name in names if (met := self._met.get((tenant, name)))), {})

    def __len__(self) -> int:
        return len(self._met)

    def _remember(self, key: tuple[str, str], met: Met) -> None:
        flags = self._met.setdefault(key, {})
        if met.flag in flags or len(flags) < _MOST_FLAGS:
            flags[met.flag] = met
        self._met.move_to_end(key)
        if len(self._met) > self._most:
            self._met.popitem(last=False)
