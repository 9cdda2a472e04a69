"""R81: a learned model: calibration, answers, storage as data, and what it refuses."""

from __future__ import annotations

import io
import json
import pickle
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.work.feedback.domain import learning
from companyos.work.feedback.domain.calibration import (
    expected_calibration_error,
    fitted_steepness,
    macro_f1,
    probabilities,
    threshold_for,
)
from companyos.work.feedback.domain.learning import CannotLearn, Learned, learn
from companyos.work.feedback.domain.text_model import BadModel, TextModel
from companyos.work.feedback.domain.words import (
    blocks_of,
    parts_of,
    phrases_counted,
    words_counted,
    words_named,
    words_of,
)
from work.feedback.made_reports import reports


@pytest.fixture(scope="module")
def learned() -> Learned:
    pytest.importorskip("sklearn")
    return learn(*reports(180))


def test_R81_a_model_learns_what_squads_write_about(learned: Learned) -> None:
    said = learned.model.read(("Pager and disk", "the page does not work"))
    assert said.guesses[0].label == "sre"
    assert len(said.guesses) == 3
    assert sum(guess.probability or 0 for guess in said.guesses) == pytest.approx(1)
    assert set(said.words[:2]) == {"pager", "disk"}
    assert learned.held_back.accuracy > 0.9
    assert learned.held_back.n == 27


def test_R81_unknown_words_alone_decide_nothing(learned: Learned) -> None:
    for text in (("", ""), ("xqz jkw", "")):
        said = learned.model.read(text)
        assert said.words == ()
        assert said.guesses[0].probability is not None
        assert said.guesses[0].probability < 0.6


def test_R81_progress_is_told(learned: Learned) -> None:
    told: list[str] = []
    learn(*reports(90), progress=lambda what, done, total: told.append(what))
    assert list(dict.fromkeys(told)) == ["reading", "calibrating", "learning"]


def test_R81_learning_and_answering_weigh_a_text_alike(learned: Learned) -> None:
    texts, _ = reports(60, seed=3)
    terms, matrix, _ = learning._weighed(texts, learning.silent)
    model = TextModel(
        ("a",), terms, _idf(texts), np.zeros((len(terms), 1), np.float16), np.zeros(1, np.float32), 1, 1
    )
    for row, text in enumerate(texts):
        seen = model._weighed(text)
        dense = np.zeros(len(terms), np.float32)
        dense[seen.rows] = seen.values
        assert np.abs(dense - matrix[row].toarray().ravel()).max() < 1e-6


def _idf(texts: list[tuple[str, ...]]) -> np.ndarray:
    return learning._weighed(texts, learning.silent)[2]


def test_R81_a_model_is_stored_as_data_and_read_back_the_same(learned: Learned) -> None:
    content = learned.model.to_bytes()
    again = TextModel.from_bytes(content)
    text = ("approval stuck", "since monday")
    assert again.read(text) == learned.model.read(text)
    assert again.labels == learned.model.labels


class Trap:
    """Ran, if it was ever unpickled."""

    sprung = count()

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (next, (Trap.sprung,))


def _trapped() -> bytes:
    stored = io.BytesIO()
    header = np.frombuffer(json.dumps({"format": 1}).encode(), np.uint8)
    np.savez(stored, header=header, terms=np.array([Trap()], dtype=object), allow_pickle=True)
    return stored.getvalue()


def test_R81_a_stored_model_never_runs_anything(learned: Learned) -> None:
    for content in (pickle.dumps(Trap()), _trapped(), b"", b"PK\x03\x04 no archive"):
        with pytest.raises(BadModel):
            TextModel.from_bytes(content)
    assert next(Trap.sprung) == 0


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_R81_any_bytes_are_a_model_or_refused(content: bytes) -> None:
    with pytest.raises(BadModel):
        TextModel.from_bytes(content)


def test_R81_a_damaged_model_is_refused_or_says_the_same(learned: Learned) -> None:
    """Some bytes of an archive (its dates) mean nothing; no damage may change an answer."""
    content, text, refused = learned.model.to_bytes(), ("approval stuck", "since monday"), 0
    for place in range(0, len(content), max(1, len(content) // 50)):
        damaged = bytearray(content)
        damaged[place] ^= 0xFF
        try:
            assert TextModel.from_bytes(bytes(damaged)).read(text) == learned.model.read(text)
        except BadModel:
            refused += 1
    assert refused >= 40


@pytest.mark.parametrize(
    ("texts", "labels"),
    [
        ([], []),
        ([("a", "b")] * 59, ["x"] * 59),
        ([("a", "b")] * 80, ["x"] * 80),
        (*[[("a", "b")] * 70], ["x"] * 66 + ["y"] * 4),
    ],
)
def test_R81_too_little_is_not_learned_from(texts: list[tuple[str, ...]], labels: list[str]) -> None:
    with pytest.raises(CannotLearn, match="needed"):
        learn(texts, labels)


def test_R81_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "is_installed", lambda: False)
    with pytest.raises(CannotLearn, match=r"companyos\[triage\]"):
        learn(*reports(90))


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60),
    st.floats(0.5, 1),
)
def test_R81_at_the_threshold_enough_was_right_and_it_is_the_lowest_such(
    seen: list[tuple[float, bool]], wanted: float
) -> None:
    tops = np.array([top for top, _ in seen])
    right = np.array([is_right for _, is_right in seen])
    threshold = threshold_for(tops, right, wanted)
    distinct = [t for t in np.unique(tops) if right[tops >= t].mean() >= wanted]
    if threshold > 1:
        assert distinct == []
    elif len(np.unique(tops)) == len(tops):
        assert threshold == min(distinct)


@given(st.integers(0, 2**32 - 1), st.floats(0.5, 8))
@settings(max_examples=20, deadline=None)
def test_R81_the_fitted_steepness_is_calibrated_where_the_scores_are_true(
    seed: int, steepness: float
) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(3_000, 4))
    shares = probabilities(scores, steepness)
    truth = (shares.cumsum(axis=1) > rng.random(3_000)[:, None]).argmax(axis=1)
    fitted = probabilities(scores, fitted_steepness(scores, truth))
    error = expected_calibration_error(fitted.max(axis=1), fitted.argmax(axis=1) == truth)
    assert error < 0.05, f"seed {seed}"


def test_macro_f1_of_a_table_by_hand() -> None:
    answers, truth = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0])
    assert macro_f1(answers, truth) == pytest.approx((2 / 4 + 4 / 5 + 0) / 3)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_words_read_again_are_the_same_words(text: str) -> None:
    words = words_of(text)
    assert words_of(" ".join(words)) == words


def test_words_phrases_and_parts() -> None:
    read = [words_of("Crème brûlée?"), words_of("why not")]
    assert read[0] == ["creme", "brulee", "?"]
    assert words_counted(read) == {"creme": 2, "brulee": 2, "?": 2, "why": 1, "not": 1}
    assert phrases_counted(read)["why not"] == 1
    assert phrases_counted(read)["begins: creme"] == 1
    assert parts_of("ab") == (" ab", "ab ", " ab ")


def test_R81_each_view_of_a_text_is_a_block_of_its_own() -> None:
    texts = ("Card lost", "### Steps\n```\nstack trace\n```\nI lost it <!-- hint --> today", "wallet")
    _, placed, lines, opening, together = blocks_of(texts, [words_of(each) for each in texts])
    assert placed["in wallet: lost"] == 2
    assert lines["line: steps"] == 1
    assert not any("trace" in term or "hint" in term for term in opening)  # code and comments are set aside
    assert opening["opening: i lost"] == 1
    assert together["together: card wall"] == 1
    assert words_named("together: card wall", ["card", "wallet", "lost"]) == ["card", "wallet"]
    assert words_named("line: steps taken", ["steps", "lost"]) == ["steps"]


def test_R81_a_long_text_is_not_paired_word_by_word_and_an_empty_one_has_no_terms() -> None:
    long = " ".join(f"word{n}" for n in range(61))
    assert blocks_of((long,), [words_of(long)])[4] == {}
    assert not any(blocks_of(("", ""), [[], []]))
