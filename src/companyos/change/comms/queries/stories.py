"""Changes as people are told of them: gathered from rollouts and flags, and put into words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from companyos.adoption.features import queries as features
from companyos.adoption.features.domain.types import FeatureRow
from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import Kind as FlagKind
from companyos.adoption.flags.queries import ChangeToCome
from companyos.adoption.rollouts.queries import StageToCome, State
from companyos.change.comms.domain.aftermath import Standing
from companyos.change.comms.domain.ahead import Ahead
from companyos.change.comms.domain.types import Kind, Size
from companyos.change.comms.domain.wording import Story, notice_words, post_words, titled
from companyos.change.comms.queries.heads_ups import ChangeMadeRow
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import PersonRow

_SHADOW = "It first runs beside the old path, which goes on answering you; when that ends is told here."
_A_DAY_BACK = "Whoever cannot work with it goes back to the old path for a day."


def stage_key(plan: str, stage: str, attempt: int) -> str:
    return f"stage/{plan}/{stage}/{attempt}"


class Stories:
    """Tells one look's changes; what it needs of the company is read once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._sizes: dict[str, Size] = {}

    def size_of(self, feature: str) -> Size:
        """Return how large a change of a feature is (P6); what belongs to no feature is minor."""
        if feature not in self._sizes:
            known = feature and features.feature(feature)
            self._sizes[feature] = Size(features.size_of(feature)) if known else Size.MINOR
        return self._sizes[feature]

    def of_stage(self, coming: StageToCome) -> Ahead:
        """Tell of a stage that is to come."""
        what = self._what(coming.feature)
        if coming.stage.shadow:
            what = f"{what} {_SHADOW}"
        depends = "as soon as the stage before it passes its gates"
        return self._stage(coming, what, Standing.COMING, depends)

    def of_start(self, coming: StageToCome) -> Ahead:
        """Tell of the first stage of a plan, which a person starts."""
        return self._stage(coming, self._what(coming.feature), Standing.COMING, "when it is started")

    def of_stage_begun(self, state: State) -> Ahead:
        """Tell of a stage that has begun and was not told of before."""
        began = StageToCome(
            state.plan, state.plan.stage(state.stage), state.attempt, state.feature, state.flag, state.entered_at,
            overdue=False, people=state.newly_on,
        )  # fmt: skip
        return self._stage(began, self._what(state.feature), Standing.ON)

    def of_scheduled(self, change: ChangeToCome, people: frozenset[str], *, done: bool = False) -> Ahead:
        """Tell of a change of a flag that is scheduled, or that came before anybody could be told."""
        return self._flag(
            f"flag/{change.id}", change.title, change.flag, change.feature, "; ".join(change.what), change.because,
            people, change.settled_at if done and change.settled_at else change.at, self._name(change.author),
            done=done,
        )  # fmt: skip

    def of_made(self, made: ChangeMadeRow, people: frozenset[str]) -> Ahead:
        """Tell of a change that was made at once: nobody could be told before."""
        state = flags.state_of(made.name) if made.about == "flag" else None
        title = state.spec.title if state else f"The group {made.name}"
        feature = state.spec.feature if state else ""
        return self._flag(
            made.key, title, made.name, feature, made.what, made.because, people, made.at, self._name(made.by),
            done=True, about=made.about,
        )  # fmt: skip

    def line_of(self, made: ChangeMadeRow) -> str:
        """Return a change's line in the daily post."""
        by = f" ({self._name(made.by)}{f': {made.because}' if made.because else ''})" if made.by else ""
        return f"{made.about} {made.name}: {made.what}{by}"

    def _stage(self, coming: StageToCome, what: str, standing: Standing, depends_on: str = "") -> Ahead:
        feature = self._features.get(coming.feature)
        title = feature.title if feature else coming.feature
        takes_back = any(gate.rolls_back for gate in coming.plan.gates_of(coming.stage.slug))
        by_itself = "It is taken back within seconds when its gates see harm."
        by_hand = f"{self._name(coming.plan.lead)} can take it back at any moment."
        story = Story(
            title=titled(f"{title} is switched on: {coming.stage.title}"),
            what=what,
            people=len(coming.people),
            teams=self._teams_of(coming.people),
            happens_at=coming.expected,
            way_back=f"{by_itself if takes_back else by_hand}{self._day_back(coming.flag)}",
            tell=self._name(coming.plan.lead),
            depends_on=depends_on,
            done=standing is not Standing.COMING,
        )
        tenants = {part.tenant for part in coming.stage.cohort}
        return Ahead(
            key=stage_key(coming.plan.slug, coming.stage.slug, coming.attempt),
            kind=Kind.STAGE,
            size=self.size_of(coming.feature),
            feature=coming.feature,
            title=story.title,
            words=notice_words(story, self._zone),
            post=post_words(story, self._zone),
            link=f"/rollouts/{coming.plan.slug}",
            people=coming.people,
            happens_at=coming.expected,
            tenant=tenants.pop() if len(tenants) == 1 else "",
            standing=standing,
        )

    def _flag(
        self,
        key: str,
        title: str,
        name: str,
        feature: str,
        what: str,
        because: str,
        people: frozenset[str],
        happens_at: datetime,
        tell: str,
        *,
        done: bool,
        about: str = "flag",
    ) -> Ahead:
        story = Story(
            title=titled(f"{title} changes" if not done else f"{title} has changed"),
            what=f"{what}. Why: {because}" if because else f"{what}.",
            people=len(people),
            teams=self._teams_of(people),
            happens_at=happens_at,
            way_back="It can be made what it was before at any moment.",
            tell=tell,
            done=done,
        )
        return Ahead(
            key=key,
            kind=Kind.FLAG,
            size=self.size_of(feature),
            feature=feature,
            title=story.title,
            words=notice_words(story, self._zone),
            post=post_words(story, self._zone),
            link=f"/{about}s/{name}",
            people=people,
            happens_at=happens_at,
            tenant=self._tenant_of(people),
            standing=Standing.DONE if done else Standing.COMING,
        )

    def _what(self, feature: str) -> str:
        known = self._features.get(feature)
        return known.summary if known and known.summary else f"{feature} is switched on."

    def _day_back(self, flag: str) -> str:
        state = flags.state_of(flag)
        return f" {_A_DAY_BACK}" if state and state.spec.kind is FlagKind.RELEASE else ""

    def _teams_of(self, people: Collection[str]) -> tuple[str, ...]:
        counted = Counter(self._people[each].team for each in people if each in self._people)
        return tuple(self._titles.get(team, team) for team, _ in sorted(counted.items(), key=_largest))

    def _tenant_of(self, people: Collection[str]) -> str:
        found = {self._people[each].tenant for each in people if each in self._people}
        return found.pop() if len(found) == 1 else ""

    def _name(self, person: str) -> str:
        known = self._people.get(person)
        return known.name if known else person

    @cached_property
    def _people(self) -> dict[str, PersonRow]:
        return {each.slug: each for each in identity.everybody()}

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {each.slug: each.title for each in identity.teams()}

    @cached_property
    def _features(self) -> dict[str, FeatureRow]:
        return {each.slug: each for each in features.features()}


def _largest(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
