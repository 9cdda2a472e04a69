"""Bad input at the command line: a plain sentence, the right exit code, nothing lost."""

from __future__ import annotations

import gzip
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def companyos(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "companyos", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_applying_twice_changes_nothing_and_a_bad_file_changes_nothing_at_all(tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copytree(ROOT / "program", program)
    data = ("--data", tmp_path / "data", "--program", program)
    assert "tenant corporate" in companyos("apply", *data).stdout
    assert companyos("apply", *data).stdout == "Nothing to change.\n"
    assert "mail is NOT sent, set COMPANYOS_SMTP_URL: 0 wait" in companyos("doctor", *data).stdout
    tenants = program / "tenants.yaml"
    good = tenants.read_text()
    tenants.write_text(good.replace("title: Corporate Ops", "title: Corporate Operations"))
    assert "would change tenant corporate" in companyos("plan", *data).stdout
    tenants.write_text(good.replace("title: Corporate Ops", "titel: Corporate Operations"))
    refused = companyos("apply", *data)
    assert refused.returncode == 2
    assert "tenants.yaml:" in refused.stderr
    assert "Traceback" not in refused.stderr
    tenants.write_text(good)
    assert companyos("plan", *data).stdout == "Nothing would change.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("rehearse", "no-such-plan"), "there is no plan 'no-such-plan'"),
        (("rehearse", "unified-approvals", "--fault", "regression"), "KIND@STAGE"),
        (("rehearse", "unified-approvals", "--fault", "regression@moon"), "there is no stage 'moon'"),
        (
            ("rehearse", "unified-approvals", "--fault", "mismatch@expand"),
            "needs a stage that begins in shadow; the plan has pilot",
        ),
        (("rehearse", "unified-approvals", "--until", "moon"), "there is no stage 'moon'"),
        (("rehearse", "unified-approvals", "--log", "nothing.xes"), "there is no log"),
        (("rehearse", "unified-approvals", "--program", "docs"), "nothing was changed"),
        (("up", "--rehearse", "unified-approvals", "--processes", "2"), "runs in one process"),
        (("keys", "list", "--data", "no-such-folder"), "there is no data directory"),
    ],
)
def test_a_mistake_is_told_in_words_with_exit_2(arguments: tuple[str, ...], says: str) -> None:
    told = companyos(*arguments)
    assert (told.returncode, says in told.stderr, "Traceback" in told.stderr) == (2, True, False), told.stderr


def test_a_truncated_log_is_told_in_words_with_exit_2(tmp_path: Path, shared: Path) -> None:
    whole = gzip.decompress((shared / "data/approvals/RequestForPayment.xes.gz").read_bytes())
    log = tmp_path / "cut.xes"
    log.write_bytes(whole[: len(whole) // 3])
    told = companyos("rehearse", "unified-approvals", "--log", log)
    assert (told.returncode, "cut.xes" in told.stderr, "Traceback" in told.stderr) == (2, True, False), (
        told.stderr
    )


def test_a_busy_port_is_told_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        told = companyos("up", "--data", tmp_path, "--port", port)
    assert (told.returncode, f"port {port}" in told.stderr, "Traceback" in told.stderr) == (2, True, False)


def test_a_database_that_is_away_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANYOS_DATABASE_URL", f"postgresql://nobody@/nothing?host={tmp_path}")
    told = companyos("apply", "--data", tmp_path / "data")
    assert (told.returncode, "Nothing was changed" in told.stderr, "Traceback" in told.stderr) == (
        2,
        True,
        False,
    ), told.stderr


def test_doctor_finds_the_shipped_program_sound(tmp_path: Path) -> None:
    told = companyos("doctor", "--data", tmp_path)
    assert told.returncode == 0, told.stdout
    assert "sound" in told.stdout


def test_a_second_instance_on_one_folder_is_refused_in_words_and_the_first_stops_at_once(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "companyos", "up", "--data", str(tmp_path), "--port", "0"]
    first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline().startswith("CompanyOS runs on http://127.0.0.1:")
    second = companyos("up", "--data", tmp_path, "--port", "0")
    assert (second.returncode, "--data" in second.stderr, "Traceback" in second.stderr) == (2, True, False)
    began = time.monotonic()
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=5)
    assert first.returncode in {0, -signal.SIGINT}
    assert time.monotonic() - began < 3
