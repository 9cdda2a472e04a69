"""Publishing: whole files, revoked keys first, and whatever is damaged or missing heals at the next run."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import jobs
from companyos.adoption.flags.jobs import REVOKED, publish_latest
from companyos.people.identity import actions as identity
from companyos.people.identity import queries
from companyos.people.identity.domain.types import KeyKind, Scope
from companyos.surfaces.edge import published
from companyos.surfaces.edge.published import Published

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def issue(kind: KeyKind = KeyKind.SERVER) -> str:
    origins = ["https://app.example"] if kind is KeyKind.BROWSER else []
    key = identity.issue_key(
        actor="ann-lee",
        label="test",
        kind=kind,
        scopes=[Scope.EVALUATE],
        tenants=["sales"],
        origins=origins,
        now=NOW,
    )
    flags.new_ruleset(actor="ann-lee", because="key", now=NOW)
    sha256 = hashlib.sha256(key.encode()).hexdigest()
    return next(each.id for each in queries.keys_to_publish() if each.sha256 == sha256)


def revoke(key_id: str) -> None:
    identity.revoke_key(actor="ann-lee", key_id=key_id, because="test", now=NOW)
    flags.new_ruleset(actor="ann-lee", because="key", now=NOW)


def test_what_is_published_is_what_the_edge_reads(tmp_path: Path) -> None:
    kept, gone = issue(KeyKind.BROWSER), issue()
    revoke(gone)
    assert publish_latest(tmp_path) == 3
    found = Published(tmp_path).newest()
    assert found.version == 3
    assert set(found.sets) == {"companyos"}
    (key,) = found.keys.values()
    assert (key.id, key.is_browser, key.origins) == (kept, True, {b"https://app.example"})
    assert (key.scopes, key.tenants) == ({"evaluate"}, {"sales"})
    assert published.REVOKED == REVOKED
    assert len(json.loads((tmp_path / REVOKED).read_text())["revoked"]) == 1


def test_publishing_again_writes_nothing_and_mends_what_is_damaged(tmp_path: Path) -> None:
    revoke(issue())
    publish_latest(tmp_path)
    files = {path: path.stat().st_ino for path in tmp_path.iterdir()}
    publish_latest(tmp_path)
    assert {path: path.stat().st_ino for path in tmp_path.iterdir()} == files
    whole = {path: path.read_bytes() for path in files}
    for path, content in whole.items():
        path.write_bytes(content[: len(content) // 2])
    publish_latest(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == whole


def test_the_revoked_keys_are_written_before_the_ruleset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real = jobs._write_where_it_differs
    monkeypatch.setattr(
        jobs, "_write_where_it_differs", lambda path, content: (order.append(path.name), real(path, content))
    )
    revoke(issue())
    publish_latest(tmp_path)
    assert order == [REVOKED, "ruleset-2.json"]


def test_the_list_of_revoked_keys_only_grows(tmp_path: Path) -> None:
    revoke(issue())
    publish_latest(tmp_path)
    (before,) = json.loads((tmp_path / REVOKED).read_text())["revoked"]
    other = {"revoked": [before, "f" * 64, "no hash"], "sha256": ""}  # of a database that is lost
    (tmp_path / REVOKED).write_text(json.dumps(other))
    publish_latest(tmp_path)
    assert json.loads((tmp_path / REVOKED).read_text())["revoked"] == sorted([before, "f" * 64])


def test_a_key_is_revoked_once_with_its_reason() -> None:
    key_id = issue()
    with pytest.raises(identity.KeyRefused, match="Say why"):
        identity.revoke_key(actor="ann-lee", key_id=key_id, because=" ", now=NOW)
    with pytest.raises(identity.NoSuchKey):
        identity.revoke_key(actor="ann-lee", key_id="no-id", because="x", now=NOW)
    assert identity.revoke_key(actor="ann-lee", key_id=key_id, because="stolen", now=NOW)
    assert not identity.revoke_key(actor="bob", key_id=key_id, because="again", now=NOW)
    (row,) = queries.program_keys()
    assert (row.revoked_by, row.revoked_because, row.issued_by) == ("ann-lee", "stolen", "ann-lee")
