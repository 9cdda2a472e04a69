"""The approvals software in shadow: the existing path answers, the unified chain runs beside it, pairs become events.

Comparing is the SDK's (`companyos_sdk.shadow`). Both paths are handed in, as the driver knows no room of the server;
times are drawn from the workforce, so that equal seeds send equal events.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from companyos.adoption.rollouts.rehearsal.arrivals import Arrival
from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.dice import Dice, log_normal
from companyos.adoption.rollouts.rehearsal.events import Event, moment
from companyos.adoption.rollouts.rehearsal.feature import REQUEST_TYPE, fields_of
from companyos.adoption.rollouts.rehearsal.order import Order
from companyos.adoption.rollouts.rehearsal.rollout import Rollout
from companyos.adoption.rollouts.rehearsal.workforce import PathTaken, Workforce
from companyos_sdk.shadow import Inline, Mode, Redaction, Rules, Shadow

WORKFLOW = "approvals.route"
IN_SHADOW = frozenset(str(mode) for mode in Mode if mode.runs_both)
RULES = Rules(severity={"/asked/**": 4, "/last": 4})
REDACTION = Redaction(paths=("/asked/**",))


class Sides(Protocol):
    """What both paths answer about a request."""

    def existing(self, request: Mapping[str, Any]) -> dict[str, Any]: ...
    def unified(self, request: Mapping[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Paths:
    """The paths as they are meant, and with the planted difference in one branch of the new one."""

    sound: Sides
    faulty: Sides


class Beside:
    """Compares the cases of people in shadow. `planted_at` is the stage with the difference; empty: there is none."""

    def __init__(self, paths: Paths, workforce: Workforce, dice: Dice, planted_at: str = "") -> None:
        self._paths, self._workforce, self._dice = paths, workforce, dice
        self._planted_at = planted_at
        self._stage = ""
        self._events: list[Event] = []
        self._at_ms = 0
        self._mode = Mode.SHADOW
        self.began_at: datetime | None = None
        self.mended_at: datetime | None = None
        self.compared = self.differed = 0
        self._shadow = Shadow(
            WORKFLOW,
            feature=workforce.feature,
            mode=lambda _: self._mode,
            flag=workforce.flag,
            telemetry=self,
            pool=Inline(),
            rules=RULES,
            redaction=REDACTION,
        )

    @property
    def is_faulty(self) -> bool:
        """Tell whether the new path has its planted difference now."""
        return bool(self._planted_at) and self._stage == self._planted_at and self.mended_at is None

    def sees(self, rollout: Rollout, now: datetime) -> None:
        self._stage = rollout.stage
        if self.is_faulty and self.began_at is None:
            self.began_at = now

    def mend(self, now: datetime) -> None:
        """Take the difference out of the new path."""
        if self.is_faulty:
            self.mended_at = now

    def compare(self, arrival: Arrival, person: Person, variant: str) -> None:
        """Ask both paths what becomes of a case that has just begun; the one with authority answers."""
        self._at_ms, self._mode = arrival.at_ms, Mode(variant)
        new = self._paths.faulty if self.is_faulty else self._paths.sound
        request = {
            "requester": person.slug,
            "tenant": person.tenant,
            "fields": fields_of(self._dice, arrival.case, arrival.at_ms),
            "at": moment(arrival.at_ms).isoformat(),
        }
        about = {
            "targetingKey": person.slug,
            "tenant": person.tenant,
            "case": arrival.case,
            "variant": arrival.course.steps[0].kind,
            "type": REQUEST_TYPE,
        }
        self._shadow.call(self._paths.sound.existing, new.unified, request, about=about)

    def send(self, name: str, **parts: Any) -> None:
        """Keep what the SDK tells of a pair, for the next post of events."""
        case, context = parts["case"], parts["context"]
        self.compared += 1
        self.differed += parts["value"] > 0
        paths = self._workforce.paths
        times = {
            "shadow.old_ms": self._ms(paths.existing, case, "old"),
            "shadow.new_ms": self._ms(paths.unified, case, "new"),
        }
        self._events.append(
            Event(
                id=self._dice.uuid(case, name),
                event=name,
                time=moment(self._at_ms),
                tenant=context["tenant"],
                actor=context["targetingKey"],
                feature=self._workforce.feature,
                kind=parts["kind"],
                case=case,
                task=parts["task"],
                value=parts["value"],
                props={**parts["props"], **times},
            )
        )

    def events(self) -> list[Event]:
        """Hand out what was told since the last time."""
        told, self._events = self._events, []
        return told

    def as_used(self) -> dict[str, str | int | float | None] | None:
        """For the report; nothing without a planted difference."""
        if not self._planted_at:
            return None
        moments = {"began_at": self.began_at, "mended_at": self.mended_at}
        return {
            "fault": f"mismatch@{self._planted_at}",
            "step": self._workforce.mismatch.step,
            "from_amount": self._workforce.mismatch.from_amount,
            **{name: at.isoformat() if at else None for name, at in moments.items()},
        }

    def _ms(self, path: PathTaken, case: str, side: str) -> float:
        drawn = self._dice.one(case, "shadow", side)
        return round(log_normal(drawn, median=path.latency_ms_p50, sigma=path.latency_sigma), 1)


def beside_of(order: Order, dice: Dice) -> Beside | None:
    """Return both paths for a stage that begins in shadow; None where the product has not both."""
    if order.paths is None:
        return None
    return Beside(order.paths, order.workforce, dice, order.mismatch.stage if order.mismatch else "")
