"""What a row of a scorecard says. `judge` looks at one frozen situation; the first rule with an opinion wins.

A figure outranks a person's word, and a person's word outranks silence. Nothing here reads a database or a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from companyos.adoption.features.domain.links import Link
from companyos.adoption.features.domain.measured import judge_figure
from companyos.adoption.features.domain.template import Row
from companyos.adoption.features.domain.types import Attested, Judged, Verdict, Way
from companyos.kernel.evidence import Fact

_WORST_FIRST = (
    Verdict.FAILED,
    Verdict.STALE,
    Verdict.INCONCLUSIVE,
    Verdict.NO_DATA,
    Verdict.PENDING,
    Verdict.PASSED,
)


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a row is judged by. `fact` is None where nobody offers its evidence."""

    row: Row
    fact: Fact | None
    attested: Attested | None
    version: str
    now: datetime
    due_at: datetime
    below: tuple[Judged, ...] = ()
    links: tuple[Link, ...] = ()  # of the documents that the row rests on

    @property
    def is_overdue(self) -> bool:
        return self.row.due_days > 0 and self.now > self.due_at


Answer = tuple[Verdict, str, Way] | None


def rows_below_decide(s: Situation) -> Answer:
    """A row with rows under it is no better than the worst of them."""
    if not s.below:
        return None
    met = sum(each.is_met for each in s.below)
    open_ones = "; ".join(
        f"{each.row.replace('-', ' ')}: {each.because}" for each in s.below if not each.is_met
    )
    verdicts = [Verdict.PASSED if each.is_met else each.verdict for each in s.below]
    words = f"{met} of {len(s.below)} rows below pass" + (f" ({open_ones})" if open_ones else "")
    return min(verdicts, key=_WORST_FIRST.index), words, Way.ROWS_BELOW


def what_is_no_number_is_inconclusive(s: Situation) -> Answer:
    """Evidence that could not be measured now, or is no number, is never read as good or bad."""
    if s.fact is None or not s.fact.details.get("unmeasured"):
        return None
    return Verdict.INCONCLUSIVE, s.fact.problem, Way.MEASURED


def a_broken_link_fails(s: Situation) -> Answer:
    """A document that nobody can open is none, whoever vouched for it."""
    broken = [link for link in s.links if link.is_broken]
    if not broken:
        return None
    checked = max((link.checked_at for link in broken if link.checked_at), default=s.now)
    words = "; ".join(link.sentence for link in broken)
    return Verdict.FAILED, f"a link is broken: {words} (checked {checked:%d %b %H:%M} UTC)", Way.MEASURED


def a_link_long_unreached_is_stale(s: Situation) -> Answer:
    """What could not be looked at for a week is not known any more; until then what was found before stands."""
    old = [link.sentence for link in s.links if link.is_long_unreached(s.now)]
    return (Verdict.STALE, "; ".join(old), Way.MEASURED) if old else None


def evidence_of_another_version_is_stale(s: Situation) -> Answer:
    """A figure of an earlier version says nothing of this one."""
    made_for = str(s.fact.details.get("version", "")) if s.fact and s.fact.value is not None else ""
    if not made_for or made_for == s.version:
        return None
    return Verdict.STALE, f"measured for version {made_for}; the feature is at {s.version}", Way.MEASURED


def evidence_past_its_date_is_stale(s: Situation) -> Answer:
    """A rehearsal, a document or a review holds until its date."""
    ends = expiry_of(s)
    if s.fact is None or s.fact.value is None or ends is None or s.now < ends:
        return None
    return Verdict.STALE, f"held until {ends:%d %b %Y}", Way.MEASURED


def a_figure_decides(s: Situation) -> Answer:
    """A measured figure is judged by the row's rule; too little of it waits until the row is due."""
    if s.fact is None or s.fact.value is None:
        return None
    verdict, because = judge_figure(s.row, s.fact)
    if verdict is Verdict.PENDING and s.is_overdue and not s.fact.details.get("waits"):
        return Verdict.INCONCLUSIVE, f"due since {s.due_at:%d %b}: {because}", Way.MEASURED
    return verdict, because, Way.MEASURED


def a_named_person_vouches(s: Situation) -> Answer:
    """Where nothing is measured, the word of a named person passes: of this version, and before it runs out."""
    word = s.attested
    if not s.row.attest or word is None or word.version != s.version or s.now >= word.expires_at:
        return None
    return (
        Verdict.PASSED,
        f"{word.name} vouches for version {word.version} ({word.at:%d %b %Y}, until {word.expires_at:%d %b %Y})",
        Way.ATTESTED,
    )


def an_old_word_is_stale(s: Situation) -> Answer:
    """A word for another version, or past its date, no longer passes; it is shown with what made it old."""
    word = s.attested
    if not s.row.attest or word is None:
        return None
    why = (
        f"is for version {word.version}, the feature is at {s.version}"
        if word.version != s.version
        else f"ran out on {word.expires_at:%d %b %Y}"
    )
    return Verdict.STALE, f"the word of {word.name} ({word.at:%d %b %Y}) {why}", Way.ATTESTED


def too_little_is_pending(s: Situation) -> Answer:
    """Some was measured, not enough for a figure: pending, and inconclusive once the row is due."""
    if s.fact is None or not s.fact.n:
        return None
    if s.is_overdue and not s.fact.details.get("waits"):
        return Verdict.INCONCLUSIVE, f"due since {s.due_at:%d %b}: {s.fact.problem}", Way.MEASURED
    return Verdict.PENDING, s.fact.problem, Way.MEASURED


def silence_is_no_data(s: Situation) -> Answer:
    """Nothing measured and nobody's word: no data, which never passes."""
    said = s.fact.problem if s.fact and not s.fact.details.get("absent") else ""
    asked = "nobody has vouched for it yet" if s.row.attest else ""
    measured = said or ("nothing has been measured yet" if s.row.evidence else "")
    return Verdict.NO_DATA, "; ".join(filter(None, (measured, asked))), Way.NOTHING


RULES: tuple[Callable[[Situation], Answer], ...] = (
    rows_below_decide,
    what_is_no_number_is_inconclusive,
    a_broken_link_fails,
    a_link_long_unreached_is_stale,
    evidence_of_another_version_is_stale,
    evidence_past_its_date_is_stale,
    a_figure_decides,
    a_named_person_vouches,
    an_old_word_is_stale,
    too_little_is_pending,
    silence_is_no_data,
)


def judge(situation: Situation) -> Judged:
    """Judge one row; the reason is one sentence with the numbers."""
    for rule in RULES:
        if answer := rule(situation):
            verdict, because, way = answer
            row = situation.row
            return Judged(
                row.slug, verdict, because + _not_reached(situation, verdict), rule.__name__, way,
                "" if verdict is Verdict.PASSED else row.flips,
                situation.due_at if row.due_days else None,
                _ends(situation, way),
                measured_later=row.evidence if way is Way.ATTESTED else "",
            )  # fmt: skip
    raise AssertionError("silence_is_no_data always answers")


def judge_all(
    rows: tuple[Row, ...],
    situation_of: Callable[[Row, tuple[Judged, ...]], Situation],
    exempt: Mapping[str, str],
) -> tuple[Judged, ...]:
    """Judge rows, those under others first; `exempt` says which are passed over, by whom and until when."""
    done: dict[str, Judged] = {}
    for row in sorted(rows, key=lambda each: -_depth(each, rows)):
        below = tuple(done[each.slug] for each in rows if each.under == row.slug)
        judged = judge(situation_of(row, below))
        done[row.slug] = replace(judged, exempt=exempt.get(row.slug, ""))
    return tuple(done[row.slug] for row in rows)


def expiry_of(s: Situation) -> datetime | None:
    """Return when the measured evidence runs out, where it says so."""
    said = s.fact.details.get("expires_at") if s.fact else None
    return datetime.fromisoformat(said) if said else None


def _ends(s: Situation, way: Way) -> datetime | None:
    if way is Way.ATTESTED and s.attested:
        return s.attested.expires_at
    return expiry_of(s) if way is Way.MEASURED else None


def _not_reached(s: Situation, verdict: Verdict) -> str:
    """A verdict that stands although the last look reached nothing says so."""
    troubled = [link.sentence for link in s.links if link.trouble and link.reached_at]
    return f" ({'; '.join(troubled)})" if troubled and verdict is Verdict.PASSED else ""


def _depth(row: Row, rows: tuple[Row, ...]) -> int:
    by_slug = {each.slug: each for each in rows}
    depth = 0
    while row.under in by_slug:
        row, depth = by_slug[row.under], depth + 1
    return depth
