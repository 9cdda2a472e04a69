"""From scores to probabilities that keep their word, and the threshold above which they may be relied on.

Both are chosen on answers that were held back from the model, never on those it is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_BINS = 15
_STEEPNESS = np.geomspace(0.25, 40.0, 160)


@dataclass(frozen=True, slots=True)
class Quality:
    """How answers with probabilities did against the truth. Shares are of 1.

    `covered` is the share at or above the threshold and `covered_right` how many of those were right; `ece` is the
    expected calibration error: the mean distance between stated probability and share right, over 15 equal bins.
    """

    n: int
    accuracy: float
    macro_f1: float
    top3: float
    threshold: float
    covered: float
    covered_right: float
    ece: float


def probabilities(scores: Scores, steepness: float) -> Scores:
    """Return softmax(steepness · scores) along the last axis (temperature scaling, Guo et al. 2017)."""
    leaning = steepness * (scores - scores.max(axis=-1, keepdims=True))
    grown = np.exp(leaning)
    shares: Scores = grown / grown.sum(axis=-1, keepdims=True)
    return shares


def fitted_steepness(scores: Scores, truth: NDArray[np.intp]) -> float:
    """Return the steepness under which the truth was likeliest. `truth` is a column of `scores` for each row."""
    rows = np.arange(len(truth))
    losses = [-np.log(probabilities(scores, each)[rows, truth] + 1e-12).mean() for each in _STEEPNESS]
    return float(_STEEPNESS[int(np.argmin(losses))])


def threshold_for(tops: Scores, right: NDArray[np.bool_], wanted: float) -> float:
    """Return the lowest probability from which on at least `wanted` of the answers were right; 1.01 if there is none.

    `tops` are the probabilities of the answers given.
    """
    order = np.argsort(-tops, kind="stable")
    shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(shares >= wanted)
    return float(tops[order[enough[-1]]]) if len(enough) else 1.01


def expected_calibration_error(tops: Scores, right: NDArray[np.bool_]) -> float:
    bins = np.minimum((tops * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for each in range(_BINS):
        inside = bins == each
        if inside.any():
            total += inside.mean() * abs(float(tops[inside].mean()) - float(right[inside].mean()))
    return float(total)


def quality(shares: Scores, truth: NDArray[np.intp], threshold: float) -> Quality:
    """Judge probabilities (a row for each text, a column for each label) against the true columns (-1: a new label)."""
    answers, tops = shares.argmax(axis=1), shares.max(axis=1)
    right, covered = answers == truth, tops >= threshold
    best3 = np.argsort(-shares, axis=1)[:, :3]
    return Quality(
        n=len(truth),
        accuracy=float(right.mean()),
        macro_f1=macro_f1(answers, truth),
        top3=float((best3 == truth[:, None]).any(axis=1).mean()),
        threshold=threshold,
        covered=float(covered.mean()),
        covered_right=float(right[covered].mean()) if covered.any() else 0.0,
        ece=expected_calibration_error(tops, right),
    )


def macro_f1(answers: NDArray[np.intp], truth: NDArray[np.intp]) -> float:
    """Return the mean over labels of the harmonic mean of precision and recall."""
    found = []
    for label in np.union1d(answers, truth):
        both = int(((answers == label) & (truth == label)).sum())
        found.append(2 * both / (int((answers == label).sum()) + int((truth == label).sum())))
    return float(np.mean(found))
