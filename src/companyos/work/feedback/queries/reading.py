"""The models that answer now, read from the database once and kept in memory; the hash is checked first."""

from __future__ import annotations

import logging
from hashlib import sha256

from companyos.work.feedback.domain.ownership import claims_on
from companyos.work.feedback.domain.text_model import BadModel, TextModel
from companyos.work.feedback.domain.triage import triage
from companyos.work.feedback.domain.types import Axis, Judged, Ownership, Report
from companyos.work.feedback.models import OwnershipRule, TriageModelPart, TriageModelUse

_log = logging.getLogger(__name__)
_Models = dict[Axis, TextModel]
_kept: dict[int, _Models] = {}


def version_in_use() -> int | None:
    """Return the version that answers now; None: the ownership rules."""
    return TriageModelUse.objects.order_by("-id").values_list("model_id", flat=True).first()


def judged_now(report: Report) -> tuple[tuple[Judged, ...], int | None]:
    """Say what triage says of a report, and by which version; None where rules alone answered."""
    version = version_in_use()
    models = _models_of(version) if version is not None else {}
    readings = {axis: model.read(report.texts) for axis, model in models.items()}
    judged = triage(report, readings, claims_on(report, ownerships()))
    return judged, version if models else None


def ownerships() -> tuple[Ownership, ...]:
    return tuple(
        Ownership(rule.area, rule.title, rule.squad, tuple(rule.words), tuple(rule.features))
        for rule in OwnershipRule.objects.order_by("area")
    )


def squad_content_in_use() -> bytes | None:
    """Return the stored squad model that answers now."""
    part = TriageModelPart.objects.filter(model_id=version_in_use(), axis=Axis.SQUAD).first()
    return bytes(part.content) if part is not None and part.content is not None else None


def _models_of(version: int) -> _Models:
    if version not in _kept:
        found: _Models = {}
        for part in TriageModelPart.objects.filter(model_id=version):
            try:
                found[Axis(part.axis)] = _verified(part)
            except BadModel as problem:  # the rules go on answering; the page says so
                _log.error("version %s cannot answer about the %s: %s", version, part.axis, problem)
        _kept.clear()
        _kept[version] = found
    return _kept[version]


def _verified(part: TriageModelPart) -> TextModel:
    if part.content is None:
        raise BadModel("its content was removed when newer versions came")
    content = bytes(part.content)
    if sha256(content).hexdigest() != part.sha256:
        raise BadModel("its content is not what was stored: the hashes differ")
    return TextModel.from_bytes(content)
