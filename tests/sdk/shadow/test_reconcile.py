"""R118: `companyos shadow reconcile` compares two exports by their key, of any size and in any order."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from companyos.cli.commands import run
from companyos_sdk.shadow.reconcile import Map, Unreadable, reconcile

CONTROL = (
    "id,team,amount,at,old_only\n1,a,10.00,2026-03-02T10:00:00Z,x\n2,b,20,2026-03-02T11:00:00Z,x\n3,c,30,,x\n"
)
CANDIDATE = "nr,TEAM,amount,at,new_only\n3,C,31,,y\n2, B ,20.004,2026-03-02T11:00:01Z,y\n4,d,1,,y\n"
MAP = {
    "columns": {"id": "nr", "team": "TEAM"},
    "numbers": {"amount": 0.005},
    "seconds": {"at": 1},
    "strip": ["team"],
    "fold_case": ["team"],
}


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    paths = tmp_path / "control.csv", tmp_path / "candidate.csv", tmp_path / "map.json"
    for path, text in zip(paths, (CONTROL, CANDIDATE, json.dumps(MAP)), strict=True):
        path.write_text(text)
    return paths


def test_R118_the_map_says_what_is_the_same(
    files: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    control, candidate, said = files
    report = tmp_path / "report.json"
    command = ["shadow", "reconcile", "--control", str(control), "--candidate", str(candidate), "--key", "id"]
    assert run([*command, "--map", str(said), "--report", str(report)]) == 1
    printed = capsys.readouterr().out
    assert "2 rows compared: 1 are the same, 1 differ." in printed
    assert "1 only in control, 1 only in the candidate." in printed
    assert "Not compared: old_only (control only), new_only (candidate only)." in printed
    written = json.loads(report.read_text())
    assert [(each["columns"], each["count"]) for each in written["classes"]] == [(["amount"], 1)]
    assert (written["missing_keys"], written["added_keys"]) == (["1"], ["4"])


def test_R118_nothing_differs_from_itself_in_any_order(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201
    draw = random.Random(seed)
    lines = [f'{n % 900},"multi\nline ""{n}""",{draw.random()}' for n in range(1_000)]
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("\n".join(["id,text,x", *lines]) + "\n")
    groups: dict[str, list[str]] = {}
    for line in lines:
        groups.setdefault(line.split(",")[0], []).append(line)
    keys = list(groups)
    draw.shuffle(keys)  # repeated keys are compared in their order
    other.write_text("\n".join(["id,text,x", *(line for key in keys for line in groups[key])]) + "\n")
    found = reconcile(one, other, key="id", piece_bytes=4_000)  # several pieces
    assert (found.compared, found.different, found.repeated, found.is_equal) == (1_000, 0, 100, True)


@pytest.mark.parametrize(
    ("control", "said", "why"),
    [
        ("id,a\n1\n", {}, "line 2: 1 cells, not 2"),
        ("nr,a\n1,2\n", {}, "has no column 'id'"),
        ("id,id\n1,2\n", {}, "two columns of one name"),
        ("id,a\n1,2\n", {"columns": {"a": "gone"}}, "has no column 'gone'"),
        ('id,a\n1,"2\n', {}, "line"),
        ("id,a\n1,2\n", {"tolerance": {}}, "tolerance, which is nothing a map says"),
        ("id,a\n1,2\n", {"numbers": {"a": -1}}, "is no map"),
    ],
)
def test_R118_what_cannot_be_read_is_said(
    control: str, said: Any, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, rules = tmp_path / "one.csv", tmp_path / "other.csv", tmp_path / "map.json"
    one.write_text(control)
    other.write_text("id,a\n1,2\n")
    rules.write_text(json.dumps(said))
    command = ["shadow", "reconcile", "--control", str(one), "--candidate", str(other), "--key", "id"]
    assert run([*command, "--map", str(rules)]) == 2
    assert why in capsys.readouterr().err
    with pytest.raises(Unreadable):
        reconcile(one, other, key="id", columns=Map.read(rules))


def test_R118_people_in_a_report_are_hidden(tmp_path: Path) -> None:
    one, other = tmp_path / "one.csv", tmp_path / "other.csv"
    one.write_text("id,email,n\nada@example.org,ada@example.org,1\n")
    other.write_text("id,email,n\nada@example.org,eve@example.org,2\n")
    found = reconcile(one, other, key="id")
    assert "@example" not in repr(found.classes)
    assert found.columns == {"email": 1, "n": 1}
