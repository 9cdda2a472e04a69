"""`companyos keys`: shown once, listed without the key, revoked for good; a wish that makes no sense is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from instance import ROOT, keys, prepared


def refused(data: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "companyos", "keys", *arguments, "--data", str(data)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (told.returncode, "Traceback" in told.stderr) == (2, False), told.stderr
    return told.stderr


def test_a_key_is_issued_listed_and_revoked(tmp_path: Path) -> None:
    prepared(tmp_path)
    browser = ("--kind", "browser", "--tenant", "sales", "--origin", "https://app.example")
    key = keys(tmp_path, "issue", "web shop", *browser).split()[0]
    assert key.startswith("cos_")
    listed = keys(tmp_path, "list")
    assert key not in listed
    assert all(part in listed for part in ("web shop", "browser", "evaluate", "sales", "live"))
    key_id = listed.split()[0]
    assert "Say why" in refused(tmp_path, "revoke", key_id, "--because", " ")
    assert "within a second" in keys(tmp_path, "revoke", key_id, "--because", "leaked")
    assert "revoked before" in keys(tmp_path, "revoke", key_id, "--because", "leaked")
    assert "revoked" in keys(tmp_path, "list")
    assert key_id.replace("-", "") not in (tmp_path / "edge" / "revoked-keys.json").read_text()  # hashes only
    assert "tenants" in refused(tmp_path, "issue", "nobody's")
    assert "evaluates or ingests" in refused(tmp_path, "issue", "shop", *browser, "--scope", "sync")
    assert "no key's id" in refused(tmp_path, "revoke", "x", "--because", "y")
