"""`companyos up --processes 2`: the edge alone with files, the pages behind it, and either one's death."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from instance import ROOT, Instance, eventually, key_of_everything, keys, prepared

EVENT = {"event": "task_completed", "time": "2026-03-02T09:00:00Z", "tenant": "sales"}


def send(instance: Instance, key: str, *ids: str) -> httpx.Response:
    content = {"events": [{"id": each, **EVENT} for each in ids]}
    return instance.http.post("/v1/events", json=content, headers={"x-api-key": key})


def serving(instance: Instance, key: str, provider: str, version: int) -> None:
    content = {"provider": provider, "version": version}
    assert instance.http.post("/v1/serving", json=content, headers={"x-api-key": key}).status_code == 202


def providers(instance: Instance, person: str) -> int:
    answer = instance.http.get("/api/v1/propagation", headers={"authorization": f"Bearer {person}"})
    return int(answer.json()["providers"]) if answer.status_code == 200 else -1


def counted(instance: Instance, person: str) -> int:
    path, headers = "/api/v1/rollouts/unified-approvals/report", {"authorization": f"Bearer {person}"}
    answer = instance.http.get(path, headers=headers)
    return int(answer.json()["events_counted"]) if answer.status_code == 200 else -1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def person(folder: Path) -> str:
    return prepared(folder)


@pytest.fixture(scope="module")
def key(folder: Path, person: str) -> str:
    return key_of_everything(folder)


@pytest.fixture(scope="module")
def two(folder: Path, key: str) -> Iterator[Instance]:
    instance = Instance(folder, processes=2)
    yield instance
    instance.close()


def test_pages_flags_events_and_the_live_stream_share_one_port(two: Instance, key: str, person: str) -> None:
    two.sign_in()
    known = providers(two, person)
    page = two.http.get("/tenants")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert two.evaluate(key).json()["value"] is False
    assert two.http.get("/healthz").json()["pages"] == "up"
    assert two.http.head("/sign-in").status_code == 405  # Django says so: pages take GET
    assert (
        two.http.post("/sign-out", content=b"x=" + b"y" * 200_000).status_code == 403
    )  # no CSRF token, as ever
    (live,) = re.findall(r"/live\?ticket=[0-9a-f.]+", page.text)
    with httpx.stream("GET", two.url + live, timeout=20) as stream:
        lines = stream.iter_lines()
        while not next(lines).startswith(": hello"):
            pass
        serving(two, key, "checkout-1", two.http.get("/healthz").json()["ruleset_version"])
        assert json.loads(next(line for line in lines if line.startswith("data: "))[6:]) == ["propagation"]
    assert providers(two, person) == known + 1


def test_a_key_is_issued_and_revoked_over_the_api_and_dead_within_a_second(
    two: Instance, person: str
) -> None:
    headers = {"authorization": f"Bearer {person}"}
    wish = {"label": "checkout", "scopes": ["evaluate"], "tenants": ["sales"]}
    issued = two.http.post("/api/v1/keys", json=wish, headers=headers)
    assert issued.status_code == 201
    fresh = issued.json()["key"]
    assert eventually(lambda: two.evaluate(fresh).status_code == 200) < 1
    listed = two.http.get("/api/v1/keys", headers=headers)
    assert fresh not in listed.text
    key_id = next(row["id"] for row in listed.json() if row["label"] == "checkout")
    path, why = f"/api/v1/keys/{key_id}/revoke", {"because": "the laptop was stolen"}
    assert two.http.post(path, json={"because": " "}, headers=headers).status_code == 422
    assert two.http.post(path, json=why, headers=headers).json() == {"revoked": True, "was_live": True}
    seconds = eventually(lambda: two.evaluate(fresh).status_code == 401)
    assert seconds < 1
    print(f"revoked after {seconds:.3f} s")  # noqa: T201
    assert two.http.post(path, json=why, headers=headers).json() == {"revoked": True, "was_live": False}
    assert (
        two.http.post("/api/v1/keys", json=wish | {"scopes": ["personal"]}, headers=headers).status_code
        == 422
    )
    assert two.http.post("/api/v1/keys", json=wish, headers={"authorization": "Bearer no"}).status_code == 401


def test_when_the_pages_die_flags_and_events_go_on_and_nothing_is_missed(
    two: Instance, key: str, person: str
) -> None:
    before, known = counted(two, person), providers(two, person)
    two.pages().send_signal(signal.SIGKILL)
    eventually(lambda: two.http.get("/healthz").json()["pages"] == "away")
    away = two.http.get("/tenants")
    assert (away.status_code, away.headers["content-type"]) == (503, "text/plain; charset=utf-8")
    assert int(away.headers["retry-after"]) >= 1
    assert two.evaluate(key).status_code == 200
    ids = [f"while-away-{n}" for n in range(50)]
    assert send(two, key, *ids).json()["accepted"] == 50
    assert send(two, key, *ids).json()["duplicates"] == 50
    serving(two, key, "checkout-2", two.http.get("/healthz").json()["ruleset_version"])
    eventually(lambda: two.http.get("/sign-in").status_code == 200)
    eventually(lambda: providers(two, person) == known + 1)
    eventually(lambda: counted(two, person) == before + 50)
    assert "it starts again in 0.5 s" in two.said


def test_a_bug_opened_on_the_pages_reaches_the_log_of_the_edge_once(
    two: Instance, folder: Path, person: str
) -> None:
    report, headers = "/api/v1/rollouts/unified-approvals/report", {"authorization": f"Bearer {person}"}

    def bugs() -> int:
        answer = two.http.get(report, headers=headers)
        return int(answer.json()["bugs_counted"]) if answer.status_code == 200 else -1

    bug = {
        "feature": "unified-approvals",
        "tenant": "engineering-quality",
        "severity": "sev3",
        "title": "It hangs",
    }
    opened = two.http.post("/api/v1/cases", json={**bug, "key": "one"}, headers=headers)
    assert opened.status_code == 201
    eventually(lambda: bugs() == 1)
    severity = {"severity": "sev4", "because": "it does not"}
    two.http.post(f"/api/v1/cases/{opened.json()['id']}/severity", json=severity, headers=headers)
    two.http.post("/api/v1/cases", json={**bug, "key": "two"}, headers=headers)
    eventually(lambda: bugs() == 2)
    assert not list((folder / "handed-in").glob("*.json"))


def test_ctrl_c_stops_both_and_without_a_database_the_edge_serves_from_its_files(tmp_path: Path) -> None:
    prepared(tmp_path)
    key, dead = key_of_everything(tmp_path), key_of_everything(tmp_path)
    instance = Instance(tmp_path, processes=2)
    try:
        pages = instance.pages()
        assert instance.stop() < 3
        assert not pages.is_running() or pages.status() == psutil.STATUS_ZOMBIE
        assert "Traceback" not in instance.said
    finally:
        instance.close()
    key_id = keys(tmp_path, "list").splitlines()[-1].split()[0]
    assert "within a second" in keys(tmp_path, "revoke", key_id, "--because", "test")
    for path in tmp_path.glob("companyos.sqlite3*"):
        path.write_bytes(b"this is no database" * 1000)
    alone = Instance(tmp_path, processes=2, ready="runs on")
    try:
        assert alone.evaluate(key).json()["value"] is False
        assert alone.evaluate(dead).status_code == 401
        assert send(alone, key, "without-database-1").json()["accepted"] == 1
        eventually(lambda: "starts again" in alone.said)
        assert alone.http.get("/tenants").status_code == 503
        assert alone.evaluate(key).status_code == 200
        assert alone.stop() < 3
        assert "the database cannot be used" in alone.said
        assert "Traceback" not in alone.said
    finally:
        alone.close()


def test_when_the_edge_is_killed_its_pages_leave(tmp_path: Path) -> None:
    instance = Instance(tmp_path, processes=2)
    try:
        pages = instance.pages()
        second = [sys.executable, "-m", "companyos", "up", "--data", str(tmp_path), "--port", "0"]
        for processes in ("1", "2"):
            told = subprocess.run(
                [*second, "--processes", processes],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert (told.returncode, "--data" in told.stderr, "Traceback" in told.stderr) == (2, True, False)
        instance.process.send_signal(signal.SIGKILL)
        instance.process.wait()
        assert eventually(lambda: not pages.is_running() or pages.status() == psutil.STATUS_ZOMBIE) < 5
    finally:
        instance.close()


def test_a_first_start_that_a_person_must_mend_ends_with_2(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "companyos", "up", "--processes", "2", "--port", "0"]
    command += ["--data", str(tmp_path), "--program", "docs"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (told.returncode, "nothing was changed" in told.stderr, "Traceback" in told.stderr) == (
        2,
        True,
        False,
    )


def test_the_edge_s_process_loads_neither_django_nor_the_engine() -> None:
    code = (
        "import sys, companyos.cli.edge_process as edge; print(*[m.partition('.')[0] for m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"django", "chdb", "clickhouse_connect", "ninja", "pandas"} & set(told.stdout.split())
