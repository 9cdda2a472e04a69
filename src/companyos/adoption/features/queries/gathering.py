"""What scorecards are judged by: templates, words, exemptions, and the facts that other rooms offer by name.

`inputs_of` reads the tables for many features at once; `measured` asks for the facts of one; `judged` is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from companyos.adoption.features.domain.judge import Situation, judge_all
from companyos.adoption.features.domain.links import Link
from companyos.adoption.features.domain.scorecards import Card, Readiness, share_met
from companyos.adoption.features.domain.template import Row, Scorecard, Tier, tier_of
from companyos.adoption.features.domain.types import Attested, FeatureRow, Judged
from companyos.adoption.features.models import Attestation
from companyos.adoption.features.queries.directory import features, intakes
from companyos.adoption.features.queries.documents import Leads
from companyos.adoption.features.queries.exemptions import all_in_force
from companyos.adoption.features.queries.templates import Templates
from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.domain.types import people_of
from companyos.kernel.evidence import Fact, Question, ask, asked_together, is_offered
from companyos.people.identity import queries as identity

_SHARE = "features.checklist_share"
_NO_INTAKE = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inputs:
    """One feature with everything its rows rest on, but for the facts."""

    feature: FeatureRow
    tier: Tier
    cards: tuple[Scorecard, ...]
    words: Mapping[str, Attested]
    exempt: Mapping[str, str]
    taken_in_at: datetime | None
    links: Mapping[str, tuple[Link, ...]] = field(
        default_factory=dict
    )  # by row, of the documents it rests on

    @property
    def rows(self) -> Iterator[Row]:
        for card in self.cards:
            yield from card.rows(self.tier)


def inputs_of(slugs: Iterable[str] | None, now: datetime) -> tuple[Inputs, ...]:
    """Return the inputs of these features; None: of all. A handful of queries, however many features there are."""
    wanted = None if slugs is None else set(slugs)
    rows = [each for each in features() if wanted is None or each.slug in wanted]
    templates, taken_in, exempt = Templates(), intakes(), all_in_force(now)
    slugs = {row.slug for row in rows}
    words, leads = _words(slugs), Leads(slugs)
    several = []
    for row in rows:
        intake = taken_in.get(row.slug)
        cards, said = templates.of(intake.templates if intake else {}), words.get(row.slug, {})
        tier = tier_of(intake.size, intake.risk) if intake else tier_of(row.size, row.risk)
        several.append(
            Inputs(
                row, tier, cards, said, exempt.get(row.slug, {}), intake.at if intake else None,
                leads.of(row, [each for card in cards for each in card.rows(tier)], said),
            )
        )  # fmt: skip
    return tuple(several)


def measured(several: Sequence[Inputs], now: datetime) -> dict[str, dict[str, Fact]]:
    """Ask for the facts of every row, by feature and row. What nobody offers is left out."""
    asked = {
        (inputs.feature.slug, row.slug): (row.evidence, question)
        for inputs in several
        for row, question in _questions(inputs, now)
    }
    found: dict[str, dict[str, Fact]] = {inputs.feature.slug: {} for inputs in several}
    cached: dict[tuple[str, str, str], Fact] = {}
    with asked_together(asked.values()):
        for (feature, row), (name, question) in asked.items():
            key = (feature, name, repr(sorted(question.parameters.items())))
            if key not in cached:
                cached[key] = ask(name, question)
            found[feature][row] = cached[key]
    return found


def judged(inputs: Inputs, facts: Mapping[str, Fact], now: datetime) -> Readiness:
    """Judge every scorecard of a feature; the share that is met is itself a fact of the scores."""
    facts = dict(facts)
    cards: list[Card] = []
    for card in sorted(inputs.cards, key=lambda each: not each.opens):
        rows = card.rows(inputs.tier)
        for row in rows:
            if row.evidence == _SHARE:
                facts[row.slug] = share_met(tuple(cards))

        def situation(row: Row, below: tuple[Judged, ...]) -> Situation:
            due = (inputs.taken_in_at or now) + timedelta(days=row.due_days)
            word = inputs.words.get(row.slug)
            return Situation(
                row,
                facts.get(row.slug),
                word,
                inputs.feature.version,
                now,
                due,
                below,
                inputs.links.get(row.slug, ()),
            )

        cards.append(Card(card.slug, card.version, judge_all(rows, situation, inputs.exempt)))
    ordered = {card.slug: card for card in cards}
    return Readiness(
        inputs.feature.slug,
        inputs.feature.version,
        inputs.tier,
        now,
        tuple(ordered[card.slug] for card in inputs.cards),
        facts,
    )


def _questions(inputs: Inputs, now: datetime) -> Iterator[tuple[Row, Question]]:
    rows = [
        row for row in inputs.rows if row.evidence and row.evidence != _SHARE and is_offered(row.evidence)
    ]
    if not rows:
        return
    people = people_of(flags.cohort_of(inputs.feature.flag))
    plain = Question(inputs.feature.slug, inputs.taken_in_at or _NO_INTAKE, now, people, people)
    since = _production_since(plain)
    for row in rows:
        parameters = {
            "confidence": 0.95,
            "at_least": row.limit,
            "owner": inputs.feature.owner,
            "flag": inputs.feature.flag,
            "version": inputs.feature.version,
            "production_since": since,
            **dict(row.parameters),
        }
        yield row, replace(plain, parameters=parameters)


def _production_since(question: Question) -> str:
    """Return since when the feature is on in a production tenant, as its rollout says; now: it is not yet."""
    fact = ask("rollouts.production_since", question) if is_offered("rollouts.production_since") else None
    said = fact.details.get("since") if fact else None
    return str(said or question.now.isoformat())


def _words(slugs: set[str]) -> dict[str, dict[str, Attested]]:
    """The newest word for each row of these features."""
    names = {person.slug: person.name for person in identity.everybody()}
    found: dict[str, dict[str, Attested]] = {}
    for each in Attestation.objects.filter(feature__in=slugs).order_by("at", "id"):
        found.setdefault(each.feature_id, {})[each.row] = Attested(
            each.row,
            each.by,
            names.get(each.by, each.by),
            each.at,
            each.link,
            each.note,
            each.version,
            each.expires_at,
        )
    return found
