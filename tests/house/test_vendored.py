"""What others wrote and we serve is what they published, and says under which licence."""

from __future__ import annotations

import hashlib
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "src/companyos/surfaces/ui/static/ui/vendor"


def test_every_vendored_file_has_its_checksum_and_its_licence() -> None:
    told = dict(reversed(line.split("  ")) for line in (VENDOR / "SHA256SUMS").read_text().splitlines())
    files = {path.name: path for path in VENDOR.iterdir() if path.name != "SHA256SUMS"}
    assert {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()} == told
    for name in files:
        assert f"{name.split('-')[0]}-LICENSE" in files
