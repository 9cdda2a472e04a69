"""Files of a case: few, small, of known kinds by their own first bytes, and only ever downloaded."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import datetime

from companyos.kernel.ids import id_of
from companyos.platform import attachments
from companyos.work.cases.actions.refusals import NoSuchCase, Refused
from companyos.work.cases.actions.triaging import check_reader
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import Case, CaseFile
from companyos.work.cases.queries.one import find

MOST_FILES = 20
MOST_BYTES = 5 * 2**20
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def attach(*, actor: str, case: str, name: str, content: bytes, now: datetime) -> str:
    """Attach a file to a case one may read. What it is, its bytes say: the sender's word for it is not asked.

    Raises Refused for what is too large, too many or of another kind.
    """
    kind = check_file(name, content)
    file = id_of(now, "case file", case, secrets.token_hex(8))
    clean = attachments.plain_name(name)

    def decide(row: Case) -> Sequence[Event]:
        check_reader(row, actor)
        if CaseFile.objects.of(row.tenant_id).filter(case=row).count() >= MOST_FILES:
            raise Refused(f"A case takes {MOST_FILES} files. Nothing was attached.")
        CaseFile(
            id=file, tenant_id=row.tenant_id, case=row, name=clean, content_type=kind, size=len(content),
            sha256=attachments.keep(content), by=actor, at=now,
        ).save(force_insert=True)  # fmt: skip
        return (Event(EventKind.ATTACHED, actor, now, {"name": clean, "file": str(file)}),)

    change(case, decide, now=now)
    return str(file)


def check_file(name: str, content: bytes) -> str:
    """Return what kind of file it is. Raises Refused for what is too large or of another kind."""
    kind = sniffed(content)
    if len(content) > MOST_BYTES:
        raise Refused(f"{name[:120]} is larger than {MOST_BYTES // 2**20} MiB. Nothing was attached.")
    if not kind:
        raise Refused(f"{name[:120]} is none of PDF, PNG, JPEG, GIF and plain text. Nothing was attached.")
    return kind


def content_of(*, actor: str, case: str, file: str) -> tuple[str, str, bytes]:
    """Return name, type and bytes of a file for somebody who may read the case. Raises NoSuchCase."""
    row = find(case)
    if row is None:
        raise NoSuchCase("There is no such file that you may see.")
    check_reader(row, actor)
    found = next((f for f in CaseFile.objects.of(row.tenant_id).filter(case=row) if str(f.pk) == file), None)
    if found is None:
        raise NoSuchCase("There is no such file that you may see.")
    return found.name, found.content_type, attachments.read(found.sha256)


def sniffed(content: bytes) -> str:
    """Return the type that the bytes themselves show; empty for what is not taken."""
    for magic, kind in _MAGIC:
        if content.startswith(magic):
            return kind
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    return "" if "\x00" in text or _is_markup(text) else "text/plain"


def _is_markup(text: str) -> bool:
    return bool(
        re.search(r"<\s*(!doctype|html|svg|script|\?xml|iframe|body|head)", text[:4096], re.IGNORECASE)
    )
