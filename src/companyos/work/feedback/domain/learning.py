"""Learn a model from answered texts: a linear support vector machine over weighed terms, calibrated on the newest part.

The only file that needs scikit-learn (`companyos[triage]`), imported when something is learned: it takes seconds.
The newest 15 % of each label, in the order given, are held back: on them steepness and threshold are chosen, and the
model's quality is measured. Then it learns from everything.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companyos.work.feedback.domain.calibration import (
    Quality,
    fitted_steepness,
    probabilities,
    quality,
    threshold_for,
)
from companyos.work.feedback.domain.text_model import TextModel
from companyos.work.feedback.domain.words import (
    BLOCKS,
    LEAST_TEXTS,
    LENGTHS,
    blocks_of,
    parts_of,
    words_counted,
    words_of,
)

LEAST_ANSWERS = 60
LEAST_OF_A_LABEL = 5
WANTED_RIGHT = 0.95
_MARGIN = 0.01  # what is asked of the part held back lies this much above what is wanted of texts to come
_HELD_BACK = 0.15
_PART_IN = 5  # in how many texts a part of a word must stand
_SOFTNESS = 0.3  # C of the support vector machine

Progress = Callable[[str, int, int], None]


class CannotLearn(Exception):
    """There is too little to learn from, or the part that learns is not installed; says which."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A model, its quality on the answers held back, and those answers, to judge others by."""

    model: TextModel
    held_back: Quality
    texts: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]

    def judge(self, other: TextModel) -> Quality:
        """Judge another model by the answers held back from this one; it may have learned from some of them."""
        return quality_of(other, self.texts, self.labels)


def is_installed() -> bool:
    return find_spec("sklearn") is not None


def silent(what: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def learn(
    texts: Sequence[tuple[str, ...]],
    labels: Sequence[str],
    *,
    wanted_right: float = WANTED_RIGHT,
    progress: Progress = silent,
) -> Learned:
    """Learn which label a text has. Raises CannotLearn.

    `texts` are tuples of title and what follows it, oldest first; `wanted_right` is the share of 1 that must be right
    among the texts at or above the threshold; `progress(what, done, total)` is told how far it is.
    """
    texts, labels = _of_known_labels(texts, labels)
    names = tuple(sorted(set(labels)))
    truth = np.searchsorted(np.array(names), np.array(labels))
    terms, matrix, idf = _weighed(texts, progress)
    early, late = _parts(truth)
    progress("calibrating", 0, 1)
    scores = _fitted(matrix[early], truth[early], len(names))
    held = matrix[late] @ scores[0] + scores[1]
    steepness = fitted_steepness(held, truth[late])
    shares = probabilities(held, steepness)
    tops, right = shares.max(axis=1), shares.argmax(axis=1) == truth[late]
    threshold = threshold_for(tops, right, min(1.0, wanted_right + _MARGIN))
    progress("learning", 0, 1)
    weights, bias = _fitted(matrix, truth, len(names))
    found = quality(shares, truth[late], threshold)
    model = TextModel(
        names,
        terms,
        idf,
        weights.astype(np.float16),
        bias.astype(np.float32),
        steepness,
        threshold,
        {"n": len(texts), "held_back": asdict(found)},
    )
    progress("learning", 1, 1)
    return Learned(model, found, tuple(texts[i] for i in late), tuple(labels[i] for i in late))


def _of_known_labels(
    texts: Sequence[tuple[str, ...]], labels: Sequence[str]
) -> tuple[list[tuple[str, ...]], list[str]]:
    if not is_installed():
        raise CannotLearn(
            "scikit-learn is not installed here: `pip install companyos[triage]`. Ownership rules go on answering."
        )
    often = {label for label, n in Counter(labels).items() if n >= LEAST_OF_A_LABEL}
    kept = [(text, label) for text, label in zip(texts, labels, strict=True) if label in often]
    if len(kept) < LEAST_ANSWERS or len(often) < 2:
        raise CannotLearn(
            f"{len(kept)} answers with {len(often)} labels that were given {LEAST_OF_A_LABEL} times or more; "
            f"at least {LEAST_ANSWERS} answers and 2 such labels are needed."
        )
    return [text for text, _ in kept], [label for _, label in kept]


def _parts(truth: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the older rows and the newest 15 % of each label (at least one)."""
    late: list[int] = []
    for label in np.unique(truth):
        rows = np.flatnonzero(truth == label)
        late += rows[len(rows) - max(1, round(_HELD_BACK * len(rows))) :].tolist()
    mask = np.zeros(len(truth), bool)
    mask[late] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def _weighed(
    texts: Sequence[tuple[str, ...]], progress: Progress
) -> tuple[dict[str, int], Any, NDArray[np.float32]]:
    """Return the terms, the sparse matrix of their weights in each text, and their idf.

    Parts of words are counted once for each word there is, and carried to the texts by a product of matrices.
    """
    from scipy.sparse import csr_matrix, hstack

    words, blocks = _Counts(), [_Counts() for _ in range(BLOCKS)]
    for n, text in enumerate(texts):
        read = [words_of(each) for each in text]
        words.add(words_counted(read))
        for block, counted in zip(blocks, blocks_of(text, read), strict=True):
            block.add(counted)
        if n % 500 == 0:
            progress("reading", n, len(texts))
    parts = _Counts()
    for word in words.terms:
        parts.add(Counter(parts_of(word)))
    told = [
        (block.matrix(), list(block.terms), least, length)
        for block, least, length in zip(blocks, LEAST_TEXTS, LENGTHS, strict=True)
    ]
    named_parts = [f"part: {part}" for part in parts.terms]
    told.append((csr_matrix(words.matrix() @ parts.matrix()), named_parts, _PART_IN, 1.0))
    weighed, idfs, terms = [], [], list[str]()
    for counted, names, least, length in told:
        kept = np.flatnonzero(np.bincount(counted.indices, minlength=counted.shape[1]) >= least)
        block, idf = _weighed_block(counted[:, kept], length)
        weighed.append(block)
        idfs.append(idf)
        terms += [names[column] for column in kept]
    return {term: row for row, term in enumerate(terms)}, hstack(weighed).tocsr(), np.concatenate(idfs)


def _weighed_block(counted: Any, length: float) -> tuple[Any, NDArray[np.float32]]:
    """Weigh counts by (1 + log tf) · idf, each row of `length`."""
    n, columns = counted.shape
    idf = (np.log((1 + n) / (1 + np.bincount(counted.indices, minlength=columns))) + 1).astype(np.float32)
    counted.data = (1 + np.log(counted.data)) * idf[counted.indices]
    lengths = np.sqrt(np.add.reduceat(np.append(counted.data**2, 0), counted.indptr[:-1]))
    sizes = np.diff(counted.indptr)
    lengths[(sizes == 0) | (lengths == 0)] = 1
    counted.data = (counted.data * (length / np.repeat(lengths, sizes))).astype(np.float32)
    return counted, idf


class _Counts:
    """A sparse matrix of counts in the making; terms get their columns as they come."""

    def __init__(self) -> None:
        self.terms: dict[str, int] = {}
        self._columns: list[int] = []
        self._counts: list[int] = []
        self._ends = [0]

    def add(self, counted: Counter[str]) -> None:
        terms = self.terms
        self._columns += [terms.setdefault(term, len(terms)) for term in counted]
        self._counts += counted.values()
        self._ends.append(len(self._columns))

    def matrix(self) -> Any:
        from scipy.sparse import csr_matrix

        shape = (len(self._ends) - 1, len(self.terms))
        return csr_matrix((np.array(self._counts, np.float32), self._columns, self._ends), shape)


def _fitted(
    matrix: Any, truth: NDArray[np.intp], labels: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (a column a label) and biases of a linear support vector machine, one label against the rest."""
    from sklearn.svm import LinearSVC

    fitted = LinearSVC(C=_SOFTNESS, random_state=0).fit(matrix, truth)
    weights, bias = np.asarray(fitted.coef_).T, np.asarray(fitted.intercept_)
    if labels == 2:  # one column for two labels
        weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    return weights, bias


def quality_of(model: TextModel, texts: Iterable[tuple[str, ...]], labels: Sequence[str]) -> Quality:
    """Judge a model by texts that it has not seen."""
    columns = {label: column for column, label in enumerate(model.labels)}
    shares = np.array([model.shares(text) for text in texts])
    return quality(shares, np.array([columns.get(label, -1) for label in labels]), model.threshold)
