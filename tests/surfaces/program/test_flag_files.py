"""Mistakes in flags.yaml are told with their line and what is allowed; a program without that file is sound."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from companyos.surfaces.program.apply import in_order
from companyos.surfaces.program.load import BadProgram, load_program

FOLDER = Path(__file__).parents[3] / "program"
FILE = "flags.yaml"
AGAIN = "key: approvals.delegation\n    title: Mail"
BOMB = "rule: " + '{"!": [' * 60 + '{"==": [1, 1]}' + "]}" * 60
# what is replaced, by what, what is said, and at which text the line is (default: at what was written)
MISTAKES = {
    "kind": ("kind: kill_switch", "kind: switch", "allowed: release, experiment, kill_switch, permission", ""),
    "key": ("key: approvals.mail-out", "key: Approvals Mail", "lower-case words joined by . - or _", ""),
    "field": ("    title: Mail about", "    titel: Mail about", "no field `titel` here; allowed: key", ""),
    "owner": ("owner: sre", "owner: sree", "no team `sree`; did you mean `sre`", ""),
    "feature": ("feature: unified-approvals", "feature: approvals", "no feature `approvals`", ""),
    "tenant": ("tenant: experimental-qa}", "tenant: lab}", "no tenant `lab`", ""),
    "team": ("teams: [security-grc]", "teams: [security]", "no team `security`; did you mean", ""),
    "segment": ("segments: [approvers]", "segments: [approver]", "no segment `approver`; did you mean", ""),
    "lead": ("leads: [ana-ruiz]", "leads: [ana]", "no person `ana`", ""),
    "twice": ("key: approvals.mail-out", "key: approvals.delegation", "already defined at flags.yaml:", AGAIN),
    "percent": ("- {tenant: experimental-qa}", "- {percent: 101}", "`101` is out of range; allowed: at most 100", ""),
    "requires": ("        - {}", "        - {}\n      requires: [no.such]", "no flag `no.such`", "requires:"),
    "itself": (
        "        - {}", "        - {}\n      requires: [approvals.mail-out]", "would require itself", "requires:",
    ),
    "arms": ("{name: plain, weight: 50}", "{name: off, weight: 50}", "people outside the experiment", ""),
    "both": ("    teams: [sales,", "    rule: {'==': [1, 1]}\n    teams: [sales,", "not both", "rule:"),
    "bomb": ("    teams: [sales, sales-ops, customer-success, support]", f"    {BOMB}", "nests at most 50", ""),
    "operator": (
        "    teams: [sales, sales-ops, customer-success, support]", "    rule: {iff: [1]}", "no operator 'iff'", "",
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(FOLDER, tmp_path / "program")


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_on_its_line(folder: Path, name: str) -> None:
    old, new, words, at = MISTAKES[name]
    text = (folder / FILE).read_text(encoding="utf-8")
    assert old in text
    broken = text.replace(old, new, 1)
    (folder / FILE).write_text(broken, encoding="utf-8")
    line = broken.count("\n", 0, broken.index(at or new)) + 1
    with pytest.raises(BadProgram) as caught:
        load_program(folder)
    told = [(p.file, p.line, p.message) for p in caught.value.problems]
    assert any(file == FILE and found == line and words in said for file, found, said in told), told


def test_a_program_needs_no_flags_of_its_own(folder: Path) -> None:
    (folder / FILE).unlink()
    assert (load_program(folder).flags, load_program(folder).flag_sets) == ((), ())


def test_a_flag_comes_after_those_it_requires(folder: Path) -> None:
    text = (folder / FILE).read_text(encoding="utf-8")
    first = "        - {tenant: experimental-qa}\n"
    text = text.replace(first, f"{first}      requires: [approvals.see-all-requests]\n", 1)
    (folder / FILE).write_text(text, encoding="utf-8")
    keys = [each.spec.key for each in in_order(load_program(folder).flags)]
    assert keys.index("approvals.see-all-requests") < keys.index("approvals.delegation")


@pytest.mark.parametrize("seed", range(20))
def test_no_damage_to_the_file_escapes_as_another_error(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    lines = (folder / FILE).read_text(encoding="utf-8").splitlines()
    for _ in range(3):
        place = chance.randrange(len(lines))
        lines[place] = chance.choice(("", lines[place].split(":")[0] + ": 7", "  - x", "x: [", "? !t {a: b}"))
    (folder / FILE).write_text("\n".join(lines), encoding="utf-8")
    try:
        load_program(folder)
    except BadProgram as bad:
        assert all(p.message and 1 <= p.line <= len(lines) + 1 for p in bad.problems)
