"""R81, R82 on real data, at night: the bars of the benches for squads and for duplicates."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


def test_R81_real_issues_find_their_squads(shared: Path) -> None:
    pytest.importorskip("sklearn")
    from bench._reports import newest_held_back, rows_of, texts_of

    from companyos.work.feedback.domain.learning import learn, quality_of

    rows = rows_of(shared / "data" / "triage" / "squads_train.csv.gz")
    train, test = newest_held_back(rows, "squad", 0.15)
    columns = ["title", "description"]
    model = learn(texts_of(train, columns), [row["squad"] for row in train]).model
    found = quality_of(model, texts_of(test, columns), [row["squad"] for row in test])
    assert found.accuracy >= 0.89
    assert found.covered >= 0.82
    assert found.covered_right >= 0.95
    assert found.ece <= 0.03


def test_R82_real_duplicates_are_found(shared: Path) -> None:
    from bench._reports import rows_of
    from bench.duplicates import among_older, both_directions, set_of

    folder = shared / "data" / "duplicates"
    found = set_of(rows_of(folder / "hadoop_bugs.csv.gz"), rows_of(folder / "hadoop_bugs-combined.csv.gz"))
    assert both_directions(found).at_10 >= 0.77
    assert among_older(found).at_10 >= 0.87
