"""The scorecards hold every line of the seed's checklists (R64-R78, R151-R177); bad ones are told by line."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from companyos.adoption.features.domain.template import Scorecard, Tier, tier_of
from companyos.surfaces.program.load import BadProgram, load_program

PROGRAM = Path(__file__).parents[2] / "program"
GROUPS = (
    "Stability", "Adoption", "Observability", "Security/Compliance", "Support/Docs", "Operations", "Feedback loop",
)  # fmt: skip


def scorecards(folder: Path = PROGRAM) -> dict[str, Scorecard]:
    return {each["scorecard"]: Scorecard.from_document(each) for each in load_program(folder).scorecards}


def missing(line: str, serves: set[str]) -> str:
    """Return what of a line of the seed no row quotes."""
    for quoted in sorted(serves, key=len, reverse=True):
        line = line.replace(quoted, "")
    return re.sub(r"[;/.\s]|\band\b", "", line)


def lines_of(seed: str) -> dict[str, tuple[str, str]]:
    """Return (scorecard, text) by the title of each line of the seed's checklists."""
    entry = re.search(r"\*\*Internal GA entry\*\*: (.+)", seed)
    leaves = re.search(r"\*\*Internal GA exit[^*]*\*\*: (.+)", seed)
    assert entry
    assert leaves
    checklist = seed.split("Ready for External GA If")[1]
    found = {"entry": ("internal-ga-entry", entry[1]), "exit": ("internal-ga-exit", leaves[1])}
    return found | {
        title: ("external-ga", text)
        for title, text in re.findall(r"^- ([\w/ ]+): (.+)$", checklist, re.MULTILINE)
    }


def test_every_line_of_the_seed_is_a_row_of_a_scorecard(shared: Path) -> None:
    cards = scorecards()
    lines = lines_of((shared / "seed.md").read_text())
    assert set(lines) == {"entry", "exit", *GROUPS}
    for title, (card, text) in lines.items():
        groups = [g for g in cards[card].groups if g.title == title] or list(cards[card].groups)
        serves = {row.serves for group in groups for row in group.rows if row.serves}
        assert missing(text, serves) == "", title
        for gone in serves:  # the check itself fails when a row is taken away
            assert missing(text, serves - {gone}), (title, gone)


def test_the_numbers_of_the_requirements_are_all_there() -> None:
    cards = scorecards()
    numbered = {
        card: {number for group in cards[card].groups for row in group.rows for number in row.requirements}
        for card in cards
    }
    assert numbered["internal-ga-entry"] == {f"R{n}" for n in range(64, 72)}
    assert numbered["internal-ga-exit"] == {f"R{n}" for n in range(72, 79)}
    assert numbered["external-ga"] == {f"R{n}" for n in range(151, 178)}
    assert tuple(group.title for group in cards["external-ga"].groups) == GROUPS
    assert [group.slug for group in cards["scores"].groups] == ["quality", "ux", "maturity"]
    names = [each["name"] for each in load_program(PROGRAM).definitions]
    assert names == [f"P{n}" for n in range(1, 17)]


def test_R185_size_and_risk_pick_how_much_is_asked() -> None:
    asked = [tier_of(size, risk) for size in ("minor", "major") for risk in ("low", "medium", "high")]
    assert asked == [Tier.LIGHT, Tier.STANDARD, Tier.STANDARD, Tier.STANDARD, Tier.STANDARD, Tier.FULL]
    cards = [card for slug, card in scorecards().items() if slug != "scores"]
    assert sum(len(card.rows(Tier.LIGHT)) for card in cards) == 8
    assert sum(len(card.rows(Tier.FULL)) for card in cards) == sum(
        len(g.rows) for c in cards for g in c.groups
    )


BAD = (
    ("evidence: telemetry.mapped", "evidence: telemetry.maped", "nothing measures `telemetry.maped`"),
    ("unit: breaks", "unit: share", "comes in breaks, not in `share`"),
    ("limit: 0.995", "limit: 99.5", "`99.5` is no share; allowed: 0 to 1"),
    ("requirements: [R162, R163], tier: full", "requirements: [R162, R163], under: retention, tier: full",
     "would be under itself"),
    ("under: guides, title: FAQs", "under: guide, title: FAQs", "there is no row `guide` here"),
    ("owner: enablement", "owner: enablment", "there is no team `enablment`"),
    ("definition: P14", "definition: P44", "there is no definition `P44`"),
    ("slug: faqs", "slug: runbooks", "row `runbooks` is already defined"),
    ("tier: light, owner: sre", "tier: tiny, owner: sre", "`tiny` is not known; allowed: light, standard, full"),
)  # fmt: skip


@pytest.mark.parametrize(("before", "after", "says"), BAD)
def test_a_mistake_is_told_with_its_file_and_line(before: str, after: str, says: str, tmp_path: Path) -> None:
    shutil.copytree(PROGRAM, tmp_path / "program")
    path = tmp_path / "program" / "readiness" / "external-ga.yaml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(BadProgram) as told:
        load_program(tmp_path / "program")
    line = text[: text.index(before)].count("\n") + 1
    assert any(problem.line == line and says in problem.message for problem in told.value.problems), (
        told.value.problems
    )
