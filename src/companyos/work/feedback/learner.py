"""Learning in a process of its own: it takes seconds of processor time, which guardrails and pages must not wait for.

`python -m companyos.work.feedback.learner FOLDER` reads `texts.json` and, where there is one, the squad model in use;
writes `<axis>.npz` and `outcome.json`; and prints its progress, one JSON object a line. No database, no framework.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from companyos.work.feedback.domain.calibration import Quality
from companyos.work.feedback.domain.learning import CannotLearn, Learned, learn
from companyos.work.feedback.domain.text_model import BadModel, TextModel
from companyos.work.feedback.domain.types import Axis

_GIVES_WAY = 10
_LONGEST_SECONDS = 1_800


class LearningFailed(Exception):
    """The learning process ended without an outcome."""


@dataclass(frozen=True, slots=True)
class Part:
    quality: Quality
    content: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was learned by question; why a question was skipped; the model in use, judged on the same answers."""

    parts: dict[Axis, Part]
    skipped: dict[Axis, str]
    in_use: Quality | None


def learn_apart(
    texts: Sequence[tuple[str, ...]],
    labels: Mapping[Axis, Sequence[str]],
    *,
    in_use: bytes | None,
    progress: Callable[[str, int, int], None],
) -> Outcome:
    """Learn every question in another process. Raises LearningFailed.

    `labels` has one label for each text, oldest first; `in_use` is the squad model that answers now;
    `progress(what, done, total)` is told how far it is.
    """
    with tempfile.TemporaryDirectory(prefix="companyos-learning-") as name:
        folder = Path(name)
        (folder / "texts.json").write_text(json.dumps({"texts": texts, "labels": labels}))
        if in_use is not None:
            (folder / "in_use.npz").write_bytes(in_use)
        _run(folder, progress)
        told = json.loads((folder / "outcome.json").read_text())
        return Outcome(
            {
                Axis(axis): Part(Quality(**found), (folder / f"{axis}.npz").read_bytes())
                for axis, found in told["parts"].items()
            },
            {Axis(axis): why for axis, why in told["skipped"].items()},
            Quality(**told["in_use"]) if told["in_use"] else None,
        )


def _run(folder: Path, progress: Callable[[str, int, int], None]) -> None:
    command = [sys.executable, "-m", __name__, str(folder)]
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with (
        (folder / "errors").open("wb") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, env=env) as child,  # noqa: S603 (our own module)
    ):
        try:
            for line in child.stdout or ():
                told = json.loads(line)
                progress(told["what"], told["done"], told["total"])
            child.wait(_LONGEST_SECONDS)
        finally:
            if child.poll() is None:
                child.kill()
    if child.returncode:
        said = (folder / "errors").read_text(errors="replace").strip().splitlines()
        raise LearningFailed(
            f"the learning process ended with {child.returncode}: {said[-1] if said else ''}"
        )


def main(folder: Path) -> None:
    """Learn what the folder asks for."""
    os.nice(_GIVES_WAY)
    asked = json.loads((folder / "texts.json").read_text())
    texts = [tuple(each) for each in asked["texts"]]
    told: dict[str, Any] = {"parts": {}, "skipped": {}, "in_use": None}
    for axis, labels in asked["labels"].items():
        try:
            learned = learn(texts, labels, progress=_say(axis))
        except CannotLearn as why:
            told["skipped"][axis] = str(why)
            continue
        (folder / f"{axis}.npz").write_bytes(learned.model.to_bytes())
        told["parts"][axis] = asdict(learned.held_back)
        if axis == Axis.SQUAD:
            told["in_use"] = _how_the_one_in_use_does(folder / "in_use.npz", learned)
    (folder / "outcome.json").write_text(json.dumps(told))


def _how_the_one_in_use_does(path: Path, learned: Learned) -> dict[str, Any] | None:
    if not path.exists():
        return None
    try:
        return asdict(learned.judge(TextModel.from_bytes(path.read_bytes())))
    except BadModel:
        return None


def _say(axis: str) -> Callable[[str, int, int], None]:
    def say(what: str, done: int, total: int) -> None:
        sys.stdout.write(json.dumps({"what": f"{axis}: {what}", "done": done, "total": total}) + "\n")
        sys.stdout.flush()

    return say


if __name__ == "__main__":
    main(Path(sys.argv[1]))
