"""Each mistake in a program's files is told with its file, its line and what is allowed; all of them at once."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from companyos.surfaces.program.load import BadProgram, load_program

FOLDER = Path(__file__).parents[3] / "program"
COMPANY, TENANTS, PEOPLE, AREAS = "company.yaml", "tenants.yaml", "people.yaml", "areas.yaml"
TEAMS = "organisation.yaml"
PLAN = "plans/unified-approvals.yaml"
FEATURE = "features/unified-approvals.yaml"
SURVEY = "surveys/usability.yaml"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Replace the first `old` after `after` by `new`; expect `words` on the line of `at` (default: of `new`)."""

    file: str
    old: str
    new: str
    words: str
    after: str = ""
    at: str = ""


MISTAKES = {
    "no such zone": Mistake(COMPANY, "Europe/Madrid", "Europe/Madird", "IANA name such as Europe/Madrid"),
    "no such day": Mistake(COMPANY, "2027-01-01", '"2027-02-30"', "no day of the calendar"),
    "a sprint on a tuesday": Mistake(COMPANY, "2026-10-19", "2026-10-20", "is a tue; allowed: a Monday"),
    "a quoted tuesday": Mistake(COMPANY, "2026-10-19", '"2026-10-20"', "is a tue; allowed: a Monday"),
    "a channel without quotes": Mistake(
        COMPANY, 'channel: "#companyos-updates"', "channel: #companyos-updates", "", at="channel:"
    ),
    "a lead time of years": Mistake(COMPANY, "major: 5", "major: 500", "60"),
    "a daily post at tea time": Mistake(COMPANY, 'daily_at: "16:00"', "daily_at: tea", '"16:00"'),
    "not a number": Mistake(
        PLAN, "at_least: 14", "at_least: .nan", "`nan` does not belong here; write a number"
    ),
    "closes before it opens": Mistake(COMPANY, '"17:00"', '"08:00"', "must be later than `opens` (09:00)"),
    "a time without quotes": Mistake(
        COMPANY, '"09:00"', "9", 'allowed: a time in quotes, as "09:00"|write text'
    ),
    "unknown tenant class": Mistake(
        TENANTS, "class: production", "class: prod", "allowed: production, sandbox"
    ),
    "unknown owner": Mistake(
        TENANTS, "[ana-ruiz,", "[ana-ruis,", "no person `ana-ruis`; did you mean `ana-ruiz`"
    ),
    "holds what it may not": Mistake(
        TENANTS,
        "data_domains: [hr,",
        "data_domains: [weather, hr,",
        "`corporate` holds `weather` but may not",
    ),
    "unknown field": Mistake(
        TENANTS, "    risk: high", "    riks: high", "no field `riks` here; allowed: slug"
    ),
    "missing field": Mistake(
        TENANTS, "    risk: high\n", "", "the field `risk` is missing", at="  - slug: corporate"
    ),
    "duplicate tenant": Mistake(
        TENANTS, "slug: training", "slug: corporate", "already defined at tenants.yaml:"
    ),
    "unknown home tenant": Mistake(
        TEAMS, "tenant: training", "tenant: trainning", "no tenant `trainning`; did you mean `training`"
    ),
    "unknown department": Mistake(TEAMS, "department: finance", "department: money", "no department `money`"),
    "lead of another team": Mistake(
        TEAMS,
        "lead: kenji-fujimori",
        "lead: ana-ruiz",
        "leads `sre` but is in `people-ops`; allowed: a member",
    ),
    "unknown team of a person": Mistake(
        PEOPLE, "team: sre", "team: srr", "no team `srr`; did you mean `sre`"
    ),
    "unknown role": Mistake(
        PEOPLE, "role: director", "role: boss", "`boss` is not known; allowed: employee, sup"
    ),
    "two people of one name": Mistake(
        PEOPLE, "slug: soren-holmgren", "slug: jiwoo-kang", "already defined at"
    ),
    "two people of one address": Mistake(
        PEOPLE, "soren.holmgren@meridian.example", "jiwoo.kang@meridian.example", "the address `jiwoo.kang@"
    ),
    "unknown lead team": Mistake(
        AREAS,
        "lead: support, words: [ticket",
        "lead: suport, words: [ticket",
        "no lead team `suport`; did you mean",
    ),
    "an area of no squad": Mistake(
        AREAS, "squad: approvals-squad", "squad: aprovals-squad", "no team `aprovals-squad`; did you mean"
    ),
    "a group of no team": Mistake(AREAS, "teams: [sales-ops,", "teams: [sales-opps,", "no team `sales-opps`"),
    "unknown area": Mistake(FEATURE, "area: approvals", "area: approval", "no area `approval`; did you mean"),
    "not the lead of the area": Mistake(
        FEATURE,
        "lead_team: people-ops",
        "lead_team: support",
        "does not lead the area `approvals`; allowed: `people",
    ),
    "not its file's name": Mistake(
        FEATURE, "slug: unified-approvals", "slug: approvals", "stands in the file unified-approvals.yaml"
    ),
    "not a yes or no": Mistake(FEATURE, "critical: true", "critical: maybe", "write true or false"),
    "off the scale": Mistake(
        SURVEY, "satisfied_from: 4", "satisfied_from: 7", "off the scale; allowed: 1 to 5"
    ),
    "broken yaml": Mistake(SURVEY, "feature: unified", "feature: [unified", "not valid YAML", at="audience"),
    "one key twice": Mistake(
        SURVEY, "audience:", "feature: x\naudience:", "not valid YAML: found duplicate key"
    ),
    "empty file": Mistake(SURVEY, "", "", "write fields (key: value)"),
    "unknown lead of the plan": Mistake(PLAN, "lead: ana-ruiz", "lead: ana", "there is no person `ana`"),
    "unknown holder": Mistake(PLAN, "grc: zeynep", "grc: zainab", "no person `zainab-yilmaz`; did you mean"),
    "unknown tenant of a stage": Mistake(
        PLAN, "tenant: corporate", "tenant: corp", "there is no tenant `corp`"
    ),
    "unknown team of a stage": Mistake(
        PLAN, "people-ops]", "people-opps]", "no team `people-opps`; did you mean"
    ),
    "a team of another tenant": Mistake(
        PLAN,
        "[sales-ops, support]",
        "[sales-ops, sre]",
        "`sre` does not work in `go-to-market`; allowed: engineering",
    ),
    "a department of another tenant": Mistake(
        PLAN,
        "department: finance",
        "department: engineering",
        "no team of `engineering` works in `corporate`",
    ),
    "people named twice over": Mistake(
        PLAN,
        "department: finance",
        "department: finance, everyone: true",
        "by department and everyone; allowed: one",
    ),
    "a shadow that ends at nothing": Mistake(
        PLAN,
        "until: [paths-agree]",
        "until: [latency]",
        "`latency` is no gate of kind shadow_mismatch of this stage; did you mean|allowed: paths-agree",
    ),
    "a shadow of days drawn": Mistake(
        PLAN,
        "    shadow: {until: [paths-agree]}",
        "    comparison: {kind: switchback, share: 0.5}\n    shadow: {until: [paths-agree]}",
        "a switchback draws days and cannot begin in shadow",
        at="    shadow:",
    ),
    "pairs as the only signal": Mistake(
        PLAN,
        "    shadow: {until: [paths-agree]}",
        "    comparison: {kind: teams, signals: [shadow_mismatch]}\n    shadow: {until: [paths-agree]}",
        "pairs of a shadow alone say nothing of people; add a signal",
        at="    comparison:",
    ),
    "nobody exempts it": Mistake(
        PLAN,
        "rolls_back: stage\n",
        "rolls_back: stage\nwithout_shadow: {by: [ana-ruiz, nobody], why: none, until: 2027-01-31}\n",
        "there is no person `nobody`",
        at="without_shadow",
    ),
    "a draw without a share": Mistake(
        PLAN,
        "    data_domains: [synthetic]",
        "    comparison: {kind: randomised}\n    data_domains: [synthetic]",
        "`randomised` draws people and needs a `share` between 0 and 1",
    ),
    "a draw of too few": Mistake(
        PLAN,
        "    data_domains: [synthetic]",
        "    comparison: {kind: randomised, share: 0.1}\n    data_domains: [synthetic]",
        "a draw finds nothing below 25. Allowed:",
    ),
    "teams with a share": Mistake(
        PLAN,
        "    data_domains: [synthetic]",
        "    comparison: {kind: teams, share: 0.5}\n    data_domains: [synthetic]",
        "`teams` draws nobody, so it has no share; allowed: randomised, switchback",
    ),
    "no such comparison": Mistake(
        PLAN,
        "    data_domains: [synthetic]",
        "    comparison: {kind: coin}\n    data_domains: [synthetic]",
        "`coin` is not known; allowed: teams, randomised, switchback, none",
    ),
    "a limit of no signal": Mistake(
        PLAN,
        "    data_domains: [synthetic]",
        "    comparison: {kind: teams, slow_after_ms: 900}\n    data_domains: [synthetic]",
        "`slow_after_ms` limits a signal that this stage does not watch; add `latency`",
    ),
    "nothing to measure": Mistake(
        PLAN,
        "metric: baseline_days, ",
        "",
        "the gate `baseline` names nothing to measure",
        at="name: baseline,",
    ),
    "a stage twice": Mistake(
        PLAN, "slug: expand", "slug: pilot", "stage `pilot` is already defined at plans/"
    ),
    "a task twice": Mistake(
        PLAN, "slug: drill-plan", "slug: drill-rollback", "task `drill-rollback` is already"
    ),
    "a gate twice": Mistake(
        PLAN, "name: latency", "name: success-rate", "gate `success-rate` is already defined"
    ),
    "weeks that go back": Mistake(
        PLAN, "week: 3", "week: 1", "week 1 does not follow week 2; allowed: 3 or later"
    ),
    "data where it may not be": Mistake(
        PLAN,
        "data_domains: [finance, procurement",
        "data_domains: [hr, procurement",
        "`engineering-quality` may not hold `hr` data",
    ),
    "a request type that is not there": Mistake(
        PLAN, "[expense-declaration,", "[expense-declaratoin,", "did you mean `expense-declaration`"
    ),
    "a request type whose data the stage does not bring": Mistake(
        PLAN,
        "access-request]\n    data_domains: [finance",
        "leave]\n    data_domains: [finance",
        "`leave` holds `hr` data, which this stage does not say it brings",
    ),
    "a chain that asks nobody there is": Mistake(
        "requests/leave.yaml", "members:people-ops", "members:people-op", "there is no team `people-op`"
    ),
    "a condition that cannot be read": Mistake(
        "requests/leave.yaml",
        '{"!=": [{var: field.kind}, holiday]}',
        '{"unlike": [1]}',
        "the condition of people-ops cannot be read",
        at="chain:",
    ),
    "a hold-out without end": Mistake(
        PLAN,
        "until: external_ga_readiness",
        "until: someday",
        "no stage `someday`; allowed: external_ga_readiness",
    ),
    "a hold-out that ends before": Mistake(
        PLAN, "until: external_ga_readiness", "until: pilot", "cannot end at `pilot`; allowed: a later stage"
    ),
    "a team taken off again": Mistake(
        PLAN, "team: facilities", "team: support", "on since `expand` and cannot be held out again"
    ),
    "a cohort that adds nobody": Mistake(
        PLAN, "teams: [facilities]", "teams: [procurement]", "`external_ga_readiness` adds nobody here"
    ),
    "unknown owner of a task": Mistake(
        PLAN, "owner: data-insights", "owner: insights", "no team `insights`; did you mean `data-insights`"
    ),
    "unknown kind of gate": Mistake(
        PLAN, "kind: dwell", "kind: wait", "`wait` is not known; allowed: dwell, guard"
    ),
    "unknown metric": Mistake(
        PLAN, "metric: task_success", "metric: task_succes", "allowed: task_failed, task_suc"
    ),
    "a metric without a limit": Mistake(
        PLAN,
        "at_most: 1500, ",
        "",
        "`latency` has no limit; allowed: one of at_least, at_most",
        at="name: latency",
    ),
    "a survey gate without a survey": Mistake(
        PLAN, "survey: usability, ", "", "the field `survey` is missing", at="name: usability"
    ),
    "unknown survey": Mistake(
        PLAN, "survey: usability", "survey: ease", "there is no survey `ease`; allowed"
    ),
    "a gate on no task": Mistake(
        PLAN, "task: publish-runbook", "task: publish", "this stage has no task `publish`"
    ),
    "nobody in that role": Mistake(
        PLAN, "[program_lead, grc]", "[program_lead, ceo]", "nobody holds the role `ceo`"
    ),
    "not a count": Mistake(
        PLAN, "working_days: 5", "working_days: 0", "is out of range; allowed: at least 1"
    ),
    "not a slug": Mistake(PLAN, "slug: prep", "slug: Prep!", "allowed: lower-case letters and digits"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "program"))


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=list(MISTAKES))
def test_a_mistake_is_told_where_it_is(folder: Path, mistake: Mistake) -> None:
    line = _make(folder, mistake)
    told = [p for p in _told(folder).problems if (p.file, p.line) == (mistake.file, line)]
    assert any(words in p.message for p in told for words in mistake.words.split("|")), _told(folder)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    chosen = ("no such zone", "unknown owner", "unknown team of a person", "unknown area", "a stage twice")
    lines = {(MISTAKES[name].file, _make(folder, MISTAKES[name])) for name in chosen}
    error = _told(folder)
    assert lines <= {(problem.file, problem.line) for problem in error.problems}
    assert all(f"{file}:{line}: " in str(error) for file, line in lines)
    assert [p.file for p in error.problems] == sorted(p.file for p in error.problems)


def test_one_mistake_makes_one_problem(folder: Path) -> None:
    """A wrong shape in one place does not bring follow-on complaints about names."""
    _make(folder, MISTAKES["unknown kind of gate"])
    assert len(_told(folder).problems) == 1


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / SURVEY).unlink()
    (folder / COMPANY).unlink()
    told = {str(problem).split(";")[0] for problem in _told(folder).problems}
    assert "company.yaml:1: the file is missing" in told
    assert any("there is no survey `usability`" in problem for problem in told)


@pytest.mark.parametrize(
    "file",
    [TENANTS, TEAMS, PEOPLE, AREAS, FEATURE, SURVEY, PLAN, "definitions.yaml", "registers.yaml", "metrics.yaml",
     "readiness/internal-ga-entry.yaml", "requests/expense-declaration.yaml"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_told_alone(folder: Path, file: str) -> None:
    """The names it would have defined are not reported missing all over the other files."""
    (folder / file).write_text("a: 1\nb: [\n", encoding="utf-8")
    (problem,) = _told(folder).problems
    assert (problem.file, problem.message[:22]) == (file, "this is not valid YAML")


def test_a_file_of_another_shape_and_one_without_its_name_are_told_once(folder: Path) -> None:
    for file in ("definitions.yaml", "readiness/external-ga.yaml"):
        (folder / file).write_text("- 1\n")
    request = folder / "requests/access-request.yaml"
    request.write_text(request.read_text().replace("slug: access-request\n", "", 1))
    assert [problem.file for problem in _told(folder).problems] == [
        "definitions.yaml",
        "readiness/external-ga.yaml",
        "requests/access-request.yaml",
    ]


def test_a_file_of_bytes_is_told(folder: Path) -> None:
    (folder / AREAS).write_bytes(b"lead_teams: \xff\xfe")
    assert any("not UTF-8" in p.message for p in _told(folder).problems if p.file == AREAS)


def test_a_lead_team_left_out_of_the_first_human_cohort_is_a_warning(folder: Path) -> None:
    """R46."""
    mistake = Mistake(PLAN, "[platform-engineering, people-ops]", "[platform-engineering]", "")
    line = _make(folder, mistake)
    (warning,) = load_program(folder).warnings
    assert (warning.file, line - warning.line) == (PLAN, 1), "told at the cohort that lacks it"
    assert "the lead team `people-ops` is not in `pilot`" in warning.message


def test_a_sandbox_takes_real_domains_only_as_synthetic_data(folder: Path) -> None:
    """R9, R34: Training joins a stage that carries finance data."""
    text = (folder / TENANTS).read_text(encoding="utf-8")
    (folder / TENANTS).write_text(text.replace("[synthetic]", "[lessons]"), encoding="utf-8")
    told = [p.message for p in _told(folder).problems]
    assert any("the sandbox `training` may not hold `synthetic` data" in message for message in told)


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_to_a_file_escapes_as_another_error(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = folder / chance.choice((COMPANY, TENANTS, TEAMS, AREAS, PLAN, FEATURE, SURVEY))
    lines = path.read_text(encoding="utf-8").splitlines()
    for _ in range(3):
        place = chance.randrange(len(lines))
        lines[place] = chance.choice(("", lines[place].split(":")[0] + ": 7", "  - x", "x: [", "? !t {a: b}"))
    path.write_text("\n".join(lines), encoding="utf-8")
    error = _told(folder)
    lengths = {
        p.file: len((folder / p.file).read_text(encoding="utf-8").splitlines()) for p in error.problems
    }
    assert all(1 <= p.line <= lengths[p.file] + 1 and p.message for p in error.problems), error


def _make(folder: Path, mistake: Mistake) -> int:
    """Write the mistake into its file and return the line it should be told on."""
    path = folder / mistake.file
    text = path.read_text(encoding="utf-8")
    assert mistake.old in text, "the shipped file no longer has what this mistake replaces"
    if not mistake.old:
        path.write_text("", encoding="utf-8")
        return 1
    broken = text.replace(mistake.old, mistake.new, 1)
    path.write_text(broken, encoding="utf-8")
    where = broken.index(mistake.at) if mistake.at else text.index(mistake.old)
    return broken.count("\n", 0, where) + 1


def _told(folder: Path) -> BadProgram:
    with pytest.raises(BadProgram) as caught:
        load_program(folder)
    return caught.value
