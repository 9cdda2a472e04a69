"""How well triage learns: real issues of 16 projects that stand for squads, types of issues, intents of messages.

`python -m bench.triage --train FILE --test FILE --text COLS --label COL` does it for any CSV (also .gz); threshold and
calibration come from the training part alone. Without options the bars are measured on the data in `BENCH_DATA`:
squads (the last 15 % of each in file order held back), and two sets in five folds.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from bench._reports import DATA, RESULTS, BadFile, newest_held_back, rows_of, texts_of
from companyos.work.feedback.domain.calibration import Quality, quality
from companyos.work.feedback.domain.learning import CannotLearn, learn, quality_of
from companyos.work.feedback.domain.text_model import TextModel

Texts = list[tuple[str, ...]]
RESULT = RESULTS / "triage.json"
FOLDS, SEED = 5, 0
SQUADS = {"accuracy": 0.89, "covered": 0.82, "covered_right": 0.95}
MOST_ECE = 0.03
MOST_TRAIN_SECONDS, MOST_ANSWER_MS = 60.0, 5.0
LEAST_TYPES_F1, LEAST_INTENTS = 0.78, 0.915


def main() -> int:
    """Measure, print, store; 1 when a bar is missed."""
    folder = DATA / "triage"
    if not folder.is_dir():
        print(f"triage: there is no data in {folder}; name its folder with BENCH_DATA.")
        return 2
    print(
        f"{'':34}{'n':>7}{'accuracy':>10}{'macro-F1':>10}{'threshold':>11}{'covered':>9}{'right':>8}{'ECE':>7}"
    )
    result = {
        "squads": _squads(folder / "squads_train.csv.gz"),
        "issue types, 5 folds": _folds(
            "issue types, 5 folds", folder / "nlbse2024_train.csv.gz", ["title", "body", "repo"], "label"
        ),
        "intents, 5 folds": _folds(
            "intents, 5 folds", folder / "banking77_train.csv.gz", ["text"], "category"
        ),
    }
    result["speed"] = _speed(folder / "squads_train.csv.gz")
    missed = _missed(result)
    RESULT.write_text(json.dumps({**result, "missed": missed}, indent=1) + "\n")
    for bar in missed:
        print(f"  missed: {bar}")
    squads, speed = result["squads"], result["speed"]
    print(
        f"triage: {'BAR MISSED' if missed else 'bars met'}: squads {squads['accuracy']:.3f} right, "
        f"{squads['covered_right']:.1%} right on {squads['covered']:.1%}, ECE {squads['ece']:.3f}; types F1 "
        f"{result['issue types, 5 folds']['macro_f1']:.3f}; intents {result['intents, 5 folds']['accuracy']:.3f}; "
        f"learned {speed['texts']:,} in {speed['train_seconds']} s, answers in {speed['answer_ms']} ms"
    )
    return 1 if missed else 0


def _squads(path: Path) -> dict[str, Any]:
    train, test = newest_held_back(rows_of(path), "squad", 0.15)
    columns = ["title", "description"]
    learned = learn(texts_of(train, columns), [row["squad"] for row in train])
    found = quality_of(learned.model, texts_of(test, columns), [row["squad"] for row in test])
    print(_line("squads, last 15 % held back", found))
    return asdict(found)


def _folds(name: str, path: Path, columns: list[str], label: str) -> dict[str, Any]:
    rows = rows_of(path)
    found = in_folds(texts_of(rows, columns), [row[label] for row in rows])
    print(_line(name, found))
    return asdict(found)


def in_folds(texts: Texts, labels: list[str]) -> Quality:
    """Answer each text by a model of the other four fifths; folds are drawn at random within each label."""
    names = sorted(set(labels))
    truth = np.searchsorted(names, labels)
    fold, rng = np.zeros(len(texts), int), np.random.default_rng(SEED)
    for label in range(len(names)):
        rows = rng.permutation(np.flatnonzero(truth == label))
        fold[rows] = np.arange(len(rows)) % FOLDS
    shares, thresholds = np.zeros((len(texts), len(names))), []
    for each in range(FOLDS):
        rest = rng.permutation(np.flatnonzero(fold != each))
        model = learn([texts[i] for i in rest], [labels[i] for i in rest]).model
        thresholds.append(model.threshold)
        columns = np.searchsorted(names, model.labels)
        for i in np.flatnonzero(fold == each):
            shares[i, columns] = model.shares(texts[i])
    return quality(shares, truth, float(np.mean(thresholds)))


def _speed(path: Path) -> dict[str, Any]:
    rows = rows_of(path)
    texts = texts_of(rows, ["title", "description"])
    began = time.perf_counter()
    learned = learn(texts, [row["squad"] for row in rows])
    seconds = time.perf_counter() - began
    content = learned.model.to_bytes()
    model = TextModel.from_bytes(content)
    times = []
    for text in texts[:: max(1, len(texts) // 500)]:
        began = time.perf_counter()
        model.read(text)
        times.append(1_000 * (time.perf_counter() - began))
    return {
        "texts": len(rows),
        "train_seconds": round(seconds, 1),
        "answer_ms": round(float(np.median(times)), 2),
        "answer_ms_p95": round(float(np.quantile(times, 0.95)), 2),
        "model_kilobytes": len(content) // 1024,
        "terms": len(model.terms),
    }


def _missed(result: dict[str, Any]) -> list[str]:
    squads, speed = result["squads"], result["speed"]
    types, intents = result["issue types, 5 folds"]["macro_f1"], result["intents, 5 folds"]["accuracy"]
    bars = [
        *(
            (squads[name] >= least, f"squads: {name} {squads[name]:.4f}, not {least}")
            for name, least in SQUADS.items()
        ),
        (squads["ece"] <= MOST_ECE, f"squads: calibration error {squads['ece']:.4f}, not {MOST_ECE}"),
        (types >= LEAST_TYPES_F1, f"issue types: macro-F1 {types:.4f}, not {LEAST_TYPES_F1}"),
        (intents >= LEAST_INTENTS, f"intents: accuracy {intents:.4f}, not {LEAST_INTENTS}"),
        (speed["train_seconds"] <= MOST_TRAIN_SECONDS, f"learning took {speed['train_seconds']} s"),
        (speed["answer_ms"] <= MOST_ANSWER_MS, f"an answer took {speed['answer_ms']} ms"),
    ]
    return [said for met, said in bars if not met]


def _line(name: str, found: Quality) -> str:
    threshold = f"{found.threshold:.3f}" if found.threshold <= 1 else "none"
    return (
        f"{name:<34}{found.n:>7,}{found.accuracy:>10.4f}{found.macro_f1:>10.4f}{threshold:>11}"
        f"{found.covered:>9.1%}{found.covered_right:>8.1%}{found.ece:>7.3f}"
    )


def measure_files(arguments: list[str]) -> int:
    """Learn from one file and judge by another; prints one line."""
    reader = argparse.ArgumentParser(prog="python -m bench.triage", description=__doc__)
    reader.add_argument("--train", type=Path, required=True, help="CSV or CSV.gz to learn from, oldest first")
    reader.add_argument("--test", type=Path, required=True, help="CSV or CSV.gz to judge by")
    reader.add_argument("--text", required=True, help="columns with text, the title first: title,body")
    reader.add_argument("--label", required=True, help="the column with the label")
    said = reader.parse_args(arguments)
    columns = said.text.split(",")
    try:
        train, test = (rows_of(path, [*columns, said.label]) for path in (said.train, said.test))
        began = time.perf_counter()
        model = learn(texts_of(train, columns), [row[said.label] for row in train]).model
        seconds = time.perf_counter() - began
        began = time.perf_counter()
        found = quality_of(model, texts_of(test, columns), [row[said.label] for row in test])
    except (BadFile, CannotLearn) as problem:
        print(f"bench.triage: {problem}", file=sys.stderr)
        return 2
    each = 1_000 * (time.perf_counter() - began) / len(test)
    threshold = f"{found.threshold:.3f}" if found.threshold <= 1 else "none held in the training part"
    print(f"accuracy            {found.accuracy:.4f}  (n = {found.n:,}, {len(model.labels)} labels)")
    print(f"macro-F1            {found.macro_f1:.4f}")
    print(f"right in top 3      {found.top3:.4f}")
    print(f"threshold           {threshold}")
    print(f"covered             {found.covered:.4f}, of which right {found.covered_right:.4f}")
    print(f"calibration error   {found.ece:.4f}")
    print(f"learned in {seconds:.1f} s from {len(train):,} rows, {each:.2f} ms an answer")
    return 0


if __name__ == "__main__":
    sys.exit(measure_files(sys.argv[1:]) if len(sys.argv) > 1 else main())
