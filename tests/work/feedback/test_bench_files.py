"""The benches take anybody's files: CSV and CSV.gz, with words about what is wrong with them (R81, R82)."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from bench import duplicates, triage

from work.feedback.made_reports import reports


def written(path: Path, columns: list[str], rows: list[tuple[str, ...]]) -> str:
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return str(path)


def labelled(path: Path, n: int, seed: int) -> str:
    texts, labels = reports(n, seed)
    rows = [(*text, label) for text, label in zip(texts, labels, strict=True)]
    return written(path, ["title", "body", "squad"], rows)


@pytest.mark.slow
def test_R81_any_csv_is_learned_and_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn")
    train = labelled(tmp_path / "train.csv", 120, 1)
    test = labelled(tmp_path / "test.csv.gz", 30, 2)
    asked = ["--train", train, "--test", test, "--text", "title,body", "--label", "squad"]
    assert triage.measure_files(asked) == 0
    said = capsys.readouterr().out
    for each in ("accuracy", "macro-F1", "covered", "calibration error", "n = 30, 3 labels"):
        assert each in said


@pytest.mark.parametrize(
    ("text", "label", "says"),
    [
        ("title,words", "squad", "no column words; it has title, body, squad"),
        ("title", "team", "no column team"),
    ],
)
def test_R81_a_wrong_column_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, label: str, says: str
) -> None:
    train = labelled(tmp_path / "train.csv", 12, 1)
    assert triage.measure_files(["--train", train, "--test", train, "--text", text, "--label", label]) == 2
    assert says in capsys.readouterr().err


def test_R81_a_missing_or_tiny_file_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = labelled(tmp_path / "train.csv", 12, 1)
    for files in (
        ["--train", str(tmp_path / "no.csv"), "--test", train],
        ["--train", train, "--test", train],
    ):
        assert triage.measure_files([*files, "--text", "title", "--label", "squad"]) == 2
        assert "bench.triage: " in capsys.readouterr().err


def test_R82_any_reports_and_pairs_are_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = ["Issue id", "Summary", "Description", "Created"]
    rows = [
        ("1", "Login is slow", "since monday", "2026-01-01 10:00:00"),
        ("2", "Export fails", "csv error", "2026-01-02 10:00:00"),
        ("3", "Slow login page", "monday", "2026-01-03 10:00:00"),
    ]
    found = written(tmp_path / "reports.csv", columns, rows)
    pairs = written(
        tmp_path / "pairs.csv", ["Issue id", "Duplicate id"], [("1", "3"), ("1", "9"), ("2", "2")]
    )
    assert duplicates.measure_files(["--reports", found, "--pairs", pairs]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1].split()[2:] == ["2", "1.000", "1.000", "1.000"]
    assert said[2].split()[2:] == ["1", "1.000", "1.000", "1.000"]


def test_R82_a_moment_that_is_none_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    columns = ["Issue id", "Summary", "Description", "Created"]
    found = written(tmp_path / "reports.csv", columns, [("1", "a", "b", "yesterday")])
    pairs = written(tmp_path / "pairs.csv", ["Issue id", "Duplicate id"], [("1", "1")])
    assert duplicates.measure_files(["--reports", found, "--pairs", pairs]) == 2
    assert "`yesterday`" in capsys.readouterr().err
