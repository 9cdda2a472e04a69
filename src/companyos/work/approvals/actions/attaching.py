"""Files of a request: few, small, of known kinds, kept under their checksum and only ever downloaded."""

from __future__ import annotations

import secrets
from datetime import datetime

from companyos.kernel.ids import id_of
from companyos.platform import attachments
from companyos.work.approvals.actions.refusals import NoSuchRequest, Refused
from companyos.work.approvals.models import Attachment
from companyos.work.approvals.queries.one import find, may_read

MOST_FILES = 10
MOST_BYTES = 5 * 2**20
KINDS = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "text/plain": b"",
    "text/csv": b"",
}


def attach(*, actor: str, request: str, name: str, content_type: str, content: bytes, now: datetime) -> str:
    """Attach a file to one's own request. Raises Refused for what is too large, too many or of another kind."""
    row = find(request)
    if row is None or actor != row.requester:
        raise NoSuchRequest("There is no such request of yours.")
    if len(content) > MOST_BYTES:
        raise Refused(f"{name} is larger than {MOST_BYTES // 2**20} MiB. Nothing was attached.")
    magic = KINDS.get(content_type)
    if magic is None or not content.startswith(magic):
        raise Refused(f"{name} is none of PDF, PNG, JPEG, text and CSV. Nothing was attached.")
    if Attachment.objects.of(row.tenant_id).filter(request=row).count() >= MOST_FILES:
        raise Refused(f"A request takes {MOST_FILES} files. Nothing was attached.")
    file = Attachment(
        id=id_of(now, "attachment", request, secrets.token_hex(8)),
        tenant_id=row.tenant_id,
        request=row,
        name=attachments.plain_name(name),
        content_type=content_type,
        size=len(content),
        sha256=attachments.keep(content),
        by=actor,
        at=now,
    )
    file.save(force_insert=True)
    return str(file.id)


def content_of(*, actor: str, request: str, file: str) -> tuple[str, str, bytes]:
    """Return name, type and bytes of an attachment for somebody who may read the request."""
    row = find(request)
    if row is None or not may_read(actor, request):
        raise NoSuchRequest("There is no such file that you may see.")
    found = next(
        (f for f in Attachment.objects.of(row.tenant_id).filter(request=row) if str(f.id) == file), None
    )
    if found is None:
        raise NoSuchRequest("There is no such file that you may see.")
    return found.name, found.content_type, attachments.read(found.sha256)
