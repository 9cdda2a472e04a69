"""`companyos import-log` as a person runs it: files in, a sentence out."""

from __future__ import annotations

import gzip
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = ROOT / "examples" / "approvals-logs"
XES = """<log><trace><string key="concept:name" value="d1"/>
<event><string key="concept:name" value="Declaration SUBMITTED by EMPLOYEE"/><string key="org:role" value="EMPLOYEE"/>
<date key="time:timestamp" value="2018-01-02T09:00:00+01:00"/><string key="(case)_Amount" value="12.5"/></event>
<event><string key="concept:name" value="Declaration DANCED"/>
<date key="time:timestamp" value="2018-01-02T10:00:00Z"/></event>
</trace></log>"""


def command(data: Path, *arguments: object, expected: int = 0) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    done = subprocess.run(
        [sys.executable, "-m", "companyos", *map(str, arguments), "--data", str(data)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == expected, done.stderr[-2000:] + done.stdout[-2000:]
    return done.stdout + done.stderr


def test_a_log_is_imported_with_every_event_accounted_for(tmp_path: Path) -> None:
    data, log, listed = tmp_path / "data", tmp_path / "log.xes.gz", tmp_path / "left.csv"
    log.write_bytes(gzip.compress(XES.encode()))
    command(data, "apply")
    asked = ("import-log", log, "--mapping", WORDS / "domestic-declarations.yaml", "--rejects", listed)
    assert "1 cases imported; 2 events read, 1 imported." in command(data, *asked)
    assert "no rule of the mapping fits 'Declaration DANCED'" in listed.read_text()
    assert "0 cases imported; 2 events read, 0 imported." in command(data, *asked)
    log.write_bytes(log.read_bytes()[:-30])
    assert "damaged or cut off" in command(data, *asked, expected=2)
    assert "cannot be read" in command(
        data, "import-log", log, "--mapping", tmp_path / "none.yaml", expected=2
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("log", "words", "events"),
    [
        ("DomesticDeclarations", "domestic-declarations", "55,628"),
        ("RequestForPayment", "request-for-payment", "36,072"),
    ],
)
def test_a_real_log_takes_a_minute_and_500_mib_at_most(
    shared: Path, tmp_path: Path, log: str, words: str, events: str
) -> None:
    data = tmp_path / "data"
    command(data, "apply")
    began = time.monotonic()
    path, mapping = shared / "data" / "approvals" / f"{log}.xes.gz", WORDS / f"{words}.yaml"
    said = command(data, "import-log", path, "--mapping", mapping, "--rejects", tmp_path / "left.csv")
    assert time.monotonic() - began <= 60
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= 500 * 1024
    assert f"{events} events read" in said
