"""A learned model as plain data: terms, weights, calibration. Answering needs numpy alone, and runs no stored code."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companyos.work.feedback.domain.calibration import Scores, probabilities
from companyos.work.feedback.domain.types import Guess, Reading
from companyos.work.feedback.domain.words import (
    LENGTHS,
    blocks_of,
    parts_of,
    words_counted,
    words_named,
    words_of,
)

FORMAT = 1
TOP = 3
_WORDS_SHOWN = 5
_PART = "part: "  # no phrase or word begins so: a colon stands in no word
_NO_ROWS = np.empty(0, np.intp)
_MOST_REMEMBERED = 100_000


class BadModel(Exception):
    """What is stored is not a model, or one of another format."""


@dataclass(frozen=True, slots=True)
class TextModel:
    """One question's learned answers: a linear model over terms, with its calibration.

    `weights` has a row for each term and a column for each label; `idf` weighs a term by its rarity; a text is sent on
    by itself when the probability of its best label is at least `threshold`.
    """

    labels: tuple[str, ...]
    terms: dict[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float16]
    bias: NDArray[np.float32]
    steepness: float
    threshold: float
    facts: dict[str, Any] = field(default_factory=dict)
    _parts_known: dict[str, NDArray[np.intp]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def read(self, texts: tuple[str, ...]) -> Reading:
        """Say which label fits, how probably, and by which words. `texts` are the title and what follows it."""
        seen = self._weighed(texts)
        weights = self.weights[seen.rows].astype(np.float32)
        shares = self._shares(seen, weights)
        best = np.argsort(-shares, kind="stable")[:TOP]
        guesses = tuple(Guess(self.labels[i], float(shares[i])) for i in best)
        rival = best[1] if len(best) > 1 else best[0]
        pull = seen.values * (weights[:, best[0]] - weights[:, rival])
        return Reading(guesses, seen.deciding(pull), self.threshold)

    def shares(self, texts: tuple[str, ...]) -> Scores:
        """Return the probability of each label, in the order of `labels`."""
        seen = self._weighed(texts)
        return self._shares(seen, self.weights[seen.rows].astype(np.float32))

    def _shares(self, seen: _Seen, weights: NDArray[np.float32]) -> Scores:
        if not len(seen.rows):  # nothing is known of it: no label is likelier than another
            return np.full(len(self.labels), 1 / len(self.labels))
        scores = seen.values @ weights + self.bias
        return probabilities(scores.astype(np.float64), self.steepness)

    def _weighed(self, texts: tuple[str, ...]) -> _Seen:
        read = [words_of(text) for text in texts]
        words = words_counted(read)
        counted = zip(blocks_of(texts, read), LENGTHS, strict=True)
        blocks = [self._known(block, length) for block, length in counted]
        by_word = [self._part_rows(word) for word in words]
        sizes = np.fromiter(map(len, by_word), np.intp, len(by_word))
        times = np.repeat(np.fromiter(words.values(), np.float32, len(words)), sizes)
        parts, place = np.unique(np.concatenate([_NO_ROWS, *by_word]), return_inverse=True)
        counts = np.bincount(place, times, len(parts)).astype(np.float32)
        return _Seen(
            np.concatenate([*(rows for rows, _, _ in blocks), parts]),
            np.concatenate([*(values for _, values, _ in blocks), self._block(parts, counts)]),
            tuple(term for _, _, terms in blocks for term in terms),
            tuple(words),
            np.repeat(np.arange(len(words)), sizes),
            place,
            times / counts[place],
        )

    def _known(
        self, block: Mapping[str, int], length: float
    ) -> tuple[NDArray[np.intp], NDArray[np.float32], tuple[str, ...]]:
        """Return rows, weighed values and names of a block's terms, those that the model knows."""
        known = {term: row for term in block if (row := self.terms.get(term)) is not None}
        rows = np.fromiter(known.values(), np.intp, len(known))
        counts = np.fromiter((block[term] for term in known), np.float32, len(known))
        return rows, self._block(rows, counts, length), tuple(known)

    def _part_rows(self, word: str) -> NDArray[np.intp]:
        known = self._parts_known.get(word)
        if known is None:
            found = (self.terms.get(_PART + part) for part in parts_of(word))
            known = np.array([row for row in found if row is not None], np.intp)
            if len(self._parts_known) < _MOST_REMEMBERED:
                self._parts_known[word] = known
        return known

    def _block(
        self, rows: NDArray[np.intp], counts: NDArray[np.float32], length: float = 1.0
    ) -> NDArray[np.float32]:
        """Weigh counts by (1 + log tf) · idf, and give the block its length, so that scores are cosines."""
        values = (1.0 + np.log(counts)) * self.idf[rows]
        own = float(np.sqrt((values**2).sum()))
        return (values * (length / own) if own else values).astype(np.float32)

    def to_bytes(self) -> bytes:
        header = {
            "format": FORMAT,
            "labels": self.labels,
            "steepness": self.steepness,
            "threshold": self.threshold,
            "facts": self.facts,
        }
        stored = io.BytesIO()
        np.savez_compressed(
            stored,
            header=_as_bytes(json.dumps(header)),
            terms=_as_bytes("\n".join(self.terms)),
            idf=self.idf,
            weights=self.weights,
            bias=self.bias,
        )
        return stored.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> TextModel:
        """Read a stored model: arrays and JSON, nothing that could run. Raises BadModel."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                header = json.loads(stored["header"].tobytes())
                terms = stored["terms"].tobytes().decode().split("\n")
                found = cls(
                    tuple(header["labels"]),
                    {term: row for row, term in enumerate(terms)},
                    stored["idf"].astype(np.float32),
                    stored["weights"].astype(np.float16),
                    stored["bias"].astype(np.float32),
                    float(header["steepness"]),
                    float(header["threshold"]),
                    dict(header["facts"]),
                )
        except Exception as error:
            raise BadModel(f"a stored model cannot be read: {error}") from error
        if header["format"] != FORMAT or found.weights.shape != (len(found.terms), len(found.labels)):
            raise BadModel("a stored model is of another format")
        return found


@dataclass(frozen=True, slots=True)
class _Seen:
    """A text's terms: first the `whole` ones of the blocks, then parts; and which share each word has in each part."""

    rows: NDArray[np.intp]
    values: NDArray[np.float32]
    whole: tuple[str, ...]
    words: tuple[str, ...]
    word_of: NDArray[np.intp]
    part_of: NDArray[np.intp]
    share_of: NDArray[np.float32]

    def deciding(self, pull: NDArray[np.float32]) -> tuple[str, ...]:
        """Return the words that spoke most for the best label against the next; what several form, they share."""
        parts = pull[len(self.whole) :][self.part_of] * self.share_of
        by_word = dict(
            zip(self.words, np.bincount(self.word_of, parts, len(self.words)).tolist(), strict=True)
        )
        for term, amount in zip(self.whole, pull.tolist(), strict=False):
            words = words_named(term, self.words)
            for word in words:
                by_word[word] += amount / len(words)
        ranked = sorted(by_word.items(), key=lambda each: (-each[1], each[0]))
        return tuple(word for word, amount in ranked if amount > 0 and len(word) > 1)[:_WORDS_SHOWN]


def _as_bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), np.uint8)
