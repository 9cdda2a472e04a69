"""A flag's whole life through the real interfaces: the management API, the edge, the clock, the event engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
OWNER, LEAD, STRANGER = "maelle-girard", "ana-ruiz", "boyu-shen"
SALES_PERSON, SUPPORT_PERSON = "elena-montoro", "rania-khoury"
SALES = {"slices": [{"tenant": "go-to-market", "teams": ["sales"]}]}
BOTH = {"slices": [{"tenant": "go-to-market", "teams": ["sales", "support"]}]}


class Pushed:
    """What the edge's stream says. The first message tells what is served now."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = (line for line in response.iter_lines() if line.startswith("data:"))
        next(self._lines)

    def wait_for(self, told_after: float) -> float:
        """Wait for the next message; returns the seconds since."""
        assert "refetchEvaluation" in next(self._lines)
        return time.monotonic() - told_after


class Company:
    """A running instance: what its people and its programs may do."""

    def __init__(self, keys: dict[str, Any]) -> None:
        self._keys = keys
        self._http = httpx.Client(base_url=keys["url"], timeout=20)
        self.now = datetime.fromisoformat("2026-10-12T09:00:00+02:00")

    def another(self) -> Company:
        """A second connection to the same instance."""
        return Company(self._keys)

    def close(self) -> None:
        self._http.close()

    def ask(self, who: str, method: str, path: str, content: Any = None) -> tuple[int, Any]:
        headers = {"authorization": f"Bearer {self._keys['people'][who]}"}
        answer = self._http.request(method, f"/api/v1{path}", json=content, headers=headers)
        return answer.status_code, answer.json()

    def do(self, who: str, method: str, path: str, content: Any = None, status: int = 200) -> Any:
        found, told = self.ask(who, method, path, content)
        assert found == status, told
        return told

    def variant(self, flag: str, person: str, tenant: str = "go-to-market") -> str:
        """What the edge answers once it serves the newest ruleset."""
        body = {"context": {"targetingKey": person, "tenant": tenant}}
        answer = self._program("/ofrep/v1/evaluate/flags/" + flag, body)
        return str(answer["variant"])

    def turns(self, flag: str, person: str, variant: str) -> None:
        self.turns_in("go-to-market", flag, person, variant)

    def turns_in(self, tenant: str, flag: str, person: str, variant: str) -> None:
        """Wait until the edge answers `variant`, at most twenty seconds."""
        deadline = time.monotonic() + 20
        while (found := self.variant(flag, person, tenant)) != variant:
            assert time.monotonic() < deadline, f"{person} still gets {found}"

    def events(self, events: list[dict[str, Any]]) -> None:
        self._program("/v1/events", {"events": events})

    def move_clock(self, hours: float) -> None:
        self.now += timedelta(hours=hours)
        headers = {"authorization": f"Bearer {self._keys['clock_key']}"}
        told = self._http.post("/rehearsal/v1/clock", json={"now": self.now.isoformat()}, headers=headers)
        assert told.status_code == 200, told.text

    def outside(self, method: str, link: str, form: dict[str, str] | None = None) -> httpx.Response:
        """Use a link as a mail or another program's page does: without a session, without a key."""
        headers = {"accept": "application/json"} if method == "POST" else {}
        return self._http.request(method, link, data=form, headers=headers)

    @contextmanager
    def listening(self) -> Iterator[Pushed]:
        """Listen to the edge as a provider does."""
        headers = {"authorization": f"Bearer {self._keys['server_key']}"}
        with self._http.stream("GET", "/ofrep/v1/sse", headers=headers) as response:
            pushed = Pushed(response)
            yield pushed
            response.close()

    def _program(self, path: str, body: Any) -> Any:
        answer = self._http.post(
            path, json=body, headers={"authorization": f"Bearer {self._keys['server_key']}"}
        )
        assert answer.status_code in {200, 202}, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    data = tmp_path_factory.mktemp("flags")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(data)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    path, deadline = data / "keys.json", time.monotonic() + 90
    while not path.exists() or not path.read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    running = Company(json.loads(path.read_text()))
    yield running
    running.close()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) in {0, -signal.SIGINT}


def flag_of(key: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "title": "Reminders", "kind": "release", "owner": "approvals-squad", **fields}


def test_a_flags_whole_life_R116_R117_R159(company: Company) -> None:
    key, document = "test.life", flag_of("test.life")
    seen = company.do(OWNER, "POST", "/flags/preview", {"flag": {**document, "audience": SALES}})
    assert (seen["says"], seen["refused"]) == ("20 people in 1 tenant; 20 new", None)
    assert company.ask(OWNER, "GET", f"/flags/{key}")[0] == 404
    made = company.do(OWNER, "POST", "/flags", {"flag": document, "reason": "a new idea"}, 201)
    company.turns(key, SALES_PERSON, "off")

    on = {"version": made["version"], "reason": "sales first", "changes": {"audience": SALES}}
    assert company.do(OWNER, "PATCH", f"/flags/{key}", on)["says"] == "20 people in 1 tenant; 20 new"
    company.turns(key, SALES_PERSON, "on")
    assert company.variant(key, SUPPORT_PERSON) == "off"
    assert company.variant(key, SALES_PERSON, tenant="corporate") == "off"

    at = (company.now + timedelta(hours=2)).isoformat()
    later = {"at": at, "changes": {"audience": BOTH}, "reason": "after lunch"}
    company.do(OWNER, "POST", f"/flags/{key}/schedules", later, 201)
    assert company.do(OWNER, "GET", f"/flags/{key}")["to_come"]["verdict"] == "proved"
    company.move_clock(1)
    assert company.variant(key, SUPPORT_PERSON) == "off"
    company.move_clock(1)
    company.turns(key, SUPPORT_PERSON, "on")

    company.do(LEAD, "POST", f"/flags/{key}/kill", {"reason": "it floods people"})
    company.turns(key, SALES_PERSON, "off")
    killed = company.do(STRANGER, "GET", f"/flags/{key}")
    assert (killed["state"], killed["on"], killed["killed"]["by"]) == ("killed", 0, LEAD)
    back = {"to": 2, "version": killed["version"], "reason": "back"}
    status, told = company.ask(OWNER, "POST", f"/flags/{key}/revert", back)
    assert (status, "Un-kill it first" in told["error"]) == (409, True)
    company.do(OWNER, "POST", f"/flags/{key}/unkill", {"version": killed["version"], "reason": "mended"})
    company.turns(key, SUPPORT_PERSON, "on")
    back["version"] += 1
    company.do(OWNER, "POST", f"/flags/{key}/revert", back)
    company.turns(key, SUPPORT_PERSON, "off")
    assert company.variant(key, SALES_PERSON) == "on"

    rows = company.do(STRANGER, "GET", f"/flags/{key}/versions?limit=3")["versions"]
    assert [(row["version"], row["change"]) for row in rows] == [
        (6, "reverted"),
        (5, "unkilled"),
        (4, "killed"),
    ]
    assert rows[0]["what"] == ["slice go-to-market, teams: − support"]


def test_of_two_editors_at_once_one_wins_and_the_other_learns_who(company: Company) -> None:
    key = "test.two-editors"
    company.do(OWNER, "POST", "/flags", {"flag": flag_of(key), "reason": "a new idea"}, 201)
    answers: dict[str, tuple[int, Any]] = {}

    def edit(who: str) -> None:
        body = {"version": 1, "reason": f"{who} was here", "changes": {"title": f"Of {who}"}}
        own = company.another()
        answers[who] = own.ask(who, "PATCH", f"/flags/{key}", body)
        own.close()

    threads = [threading.Thread(target=edit, args=(who,)) for who in (OWNER, LEAD)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _ in answers.values()) == [200, 409]
    loser = next(who for who, (status, _) in answers.items() if status == 409)
    winner = next(who for who in answers if who != loser)
    assert f"{winner} was here" in answers[loser][1]["error"]
    assert company.do(LEAD, "GET", f"/flags/{key}")["title"] == f"Of {winner}"


def test_a_rule_bomb_is_refused_when_it_is_saved_with_its_path(company: Company) -> None:
    rule: dict[str, Any] = {"==": [1, 1]}
    for _ in range(70):
        rule = {"!": [rule]}
    segment = {"slug": "bomb", "title": "Bomb", "owner": "approvals-squad", "rule": rule}
    status, told = company.ask(OWNER, "POST", "/segments", {"segment": segment, "reason": "a try"})
    assert (status, "nests at most 50" in told["error"]) == (400, True)
    assert told["path"].startswith('$.$evaluators["segment bomb"]["!"][0]["!"]')
    assert company.ask(OWNER, "GET", "/segments/bomb")[0] == 404
    assert company.variant("approvals.mail-out", SALES_PERSON) == "on"


MAIL = "/flags/approvals.mail-out"
EVERYBODY = {"flag": flag_of("test.all", audience={"slices": [{}]}), "reason": "because"}
WITHOUT_ZONE = {"at": "2027-01-01T09:00:00", "changes": {"kill": True}, "reason": "because"}
MALFORMED = {"flag": {"key": "X y"}, "reason": "because"}
REFUSALS: dict[str, tuple[str, str, Any, int, str]] = {
    "not theirs": (STRANGER, f"{MAIL}/kill", {"reason": "because"}, 403, "belongs to the team sre"),
    "no reason": (LEAD, f"{MAIL}/kill", {"reason": ""}, 400, "Say why"),
    "no such flag": (LEAD, "/flags/no-such/kill", {"reason": "because"}, 404, "no flag 'no-such'"),
    "malformed": (LEAD, "/flags", MALFORMED, 400, "key: lower-case words"),
    "everybody at once": (OWNER, "/flags", EVERYBODY, 409, "some people before it goes to everybody"),
    "a moment without zone": (LEAD, f"{MAIL}/schedules", WITHOUT_ZONE, 400, "has a zone"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_refusal_says_why(company: Company, case: str) -> None:
    who, path, content, status, words = REFUSALS[case]
    found, told = company.ask(who, "POST", path, content)
    assert (found, words in told["error"]) == (status, True), told


def test_lists_are_cut_and_filtered(company: Company) -> None:
    page = company.do(STRANGER, "GET", "/flags?kind=permission&limit=1")
    assert ([each["key"] for each in page["flags"]], page["total"]) == (["approvals.see-all-requests"], 1)
    assert len(company.do(STRANGER, "GET", "/flags?limit=2&offset=1")["flags"]) == 2
    assert company.ask(STRANGER, "GET", "/flags?limit=1000")[0] == 422
    assert company.do(STRANGER, "GET", "/flags/stale")["total"] == 0


def test_exposures_come_from_the_event_engine_by_variant_and_tenant_R95(company: Company) -> None:
    key = "test.exposed"
    company.do(OWNER, "POST", "/flags", {"flag": flag_of(key), "reason": "a new idea"}, 201)
    before = company.do(OWNER, "GET", f"/flags/{key}")["exposures"]
    assert before["rows"] == []
    assert before["problem"].startswith("no program has reported")
    at = company.now.isoformat()
    sales = "go-to-market"
    told = [("ana", "on", sales), ("ana", "on", sales), ("ben", "on", sales), ("ana", "off", "corporate")]
    name = {"event": "feature_flag.evaluation", "time": at, "kind": key}
    events: list[dict[str, Any]] = [
        {**name, "id": f"exposure-{n}", "tenant": tenant, "actor": who, "path": variant}
        for n, (who, variant, tenant) in enumerate(told)
    ]
    otel = {"feature_flag.key": key, "feature_flag.result.variant": "on"}
    events.append({**events[3], "id": "exposure-by-otel", "kind": "", "path": "", "props": otel})
    company.events([*events, events[0]])
    company.move_clock(1)
    met = company.do(OWNER, "GET", f"/flags/{key}")["exposures"]
    rows = {(row["variant"], row["tenant"]): (row["people"], row["evaluations"]) for row in met["rows"]}
    assert rows == {("on", "go-to-market"): (2, 3), ("off", "corporate"): (1, 1), ("on", "corporate"): (1, 1)}
    assert sorted(met["by_variant"]) == [["off", 1], ["on", 2]]
    assert (met["people"], met["evaluations"], met["window"]) == (2, 5, "the last 28 days")


def test_a_rollout_drives_its_flag_and_killing_the_flag_or_feature_stops_it_R116_R159(
    company: Company,
) -> None:
    key, plan, person = "approvals.unified", "/rollouts/unified-approvals", "rodrigo-oropeza"
    started = company.do(LEAD, "POST", f"{plan}/start", {"reason": "Prep begins", "version": 0})
    seen = company.do(LEAD, "GET", f"/flags/{key}")
    assert (seen["driven_by"], seen["on"], company.variant(key, person, "experimental-qa")) == (
        "unified-approvals",
        8,
        "on",
    )
    around = {
        "version": seen["version"],
        "reason": "me too",
        "changes": {"audience": {"slices": [{"people": [LEAD]}]}},
    }
    status, told = company.ask(LEAD, "PATCH", f"/flags/{key}", around)
    assert (status, told["rule"]) == (409, "a_running_rollout_drives_its_flag")
    assert "/rollouts/unified-approvals" in told["error"]

    company.do(OWNER, "POST", f"/flags/{key}/kill", {"reason": "it loses requests"})
    company.move_clock(1)
    paused = company.do(LEAD, "GET", plan)
    assert (paused["status"], paused["version"]) == ("paused", started["version"] + 1)
    decision = company.do(LEAD, "GET", f"{plan}/report")["decisions"][-1]
    assert (decision["move"], decision["rule"]) == ("pause", "a_killed_flag_pauses")
    resume = {"reason": "go on", "version": paused["version"]}
    status, told = company.ask(LEAD, "POST", f"{plan}/resume", resume)
    assert (status, "un-kill it on its page first" in told["error"]) == (409, True)
    version = company.do(LEAD, "GET", f"/flags/{key}")["version"]
    company.do(OWNER, "POST", f"/flags/{key}/unkill", {"version": version, "reason": "mended"})
    company.do(LEAD, "POST", f"{plan}/resume", resume)
    assert company.variant(key, person, "experimental-qa") == "on"
    _a_held_feature_pauses_and_a_killed_one_is_off_for_good(company)


def _a_held_feature_pauses_and_a_killed_one_is_off_for_good(company: Company) -> None:
    key, plan, feature = "approvals.unified", "/rollouts/unified-approvals", "/features/unified-approvals"
    person, reason = "rodrigo-oropeza", "people complain"
    company.do(OWNER, "POST", f"{feature}/state", {"state": "held", "reason": reason})
    company.move_clock(0.1)
    paused = company.do(LEAD, "GET", plan)
    decision = company.do(LEAD, "GET", f"{plan}/report")["decisions"][-1]
    assert (paused["status"], decision["rule"]) == ("paused", "a_held_feature_pauses")
    assert decision["because"] == "the feature is held by Maëlle Girard: people complain"
    again = {"reason": "go on", "version": paused["version"]}
    status, told = company.ask(LEAD, "POST", f"{plan}/resume", again)
    assert (status, "end the hold on the feature's page first" in told["error"]) == (409, True)
    company.do(OWNER, "POST", f"{feature}/state", {"state": "intake", "reason": "they are answered"})
    company.move_clock(1)
    assert company.do(LEAD, "GET", plan)["status"] == "paused"  # a person resumes it
    company.do(LEAD, "POST", f"{plan}/resume", again)
    assert company.variant(key, person, "experimental-qa") == "on"

    began = time.monotonic()
    company.do(OWNER, "POST", f"{feature}/state", {"state": "killed", "reason": "nobody wants it"})
    company.turns_in("experimental-qa", key, person, "off")
    assert time.monotonic() - began < 3, "a kill reaches the edge in about a second"
    company.move_clock(0.1)
    ended = company.do(LEAD, "GET", plan)
    decision = company.do(LEAD, "GET", f"{plan}/report")["decisions"][-1]
    assert (ended["status"], decision["rule"]) == ("killed", "a_feature_that_is_over_ends_its_rollouts")
    assert decision["because"] == "the feature was killed by Maëlle Girard: nobody wants it"
    status, _ = company.ask(LEAD, "POST", f"{plan}/resume", {"reason": "go on", "version": ended["version"]})
    assert status == 409
    company.move_clock(24)
    flag = company.do(LEAD, "GET", f"/flags/{key}")
    assert (flag["state"], flag["on"], company.do(LEAD, "GET", plan)["status"]) == ("killed", 0, "killed")
    assert company.do(LEAD, "GET", f"{plan}/report")["replayed"]["the_same"] == len(
        company.do(LEAD, "GET", f"{plan}/report")["decisions"]
    )
    unkill = {"version": flag["version"], "reason": "somebody wants it after all"}
    status, told = company.ask(LEAD, "POST", f"/flags/{key}/unkill", unkill)
    assert (status, told["rule"]) == (409, "kept_killed")
    company.do(OWNER, "POST", f"{feature}/state", {"state": "intake", "reason": "taken in anew"})
    for each in (key, "approvals.mail-out"):  # other tests want them
        version = company.do(LEAD, "GET", f"/flags/{each}")["version"]
        company.do(LEAD, "POST", f"/flags/{each}/unkill", {"version": version, "reason": "for the next"})


def test_from_the_tap_to_the_old_path_takes_two_seconds_at_most_R180(company: Company) -> None:
    key = "test.way-back"
    document = flag_of(key, audience=BOTH)
    company.do(OWNER, "POST", "/flags", {"flag": document, "reason": "a new way"}, 201)
    company.turns(key, SALES_PERSON, "on")
    with company.listening() as pushed:
        began = time.monotonic()
        told = company.do(SALES_PERSON, "POST", f"/me/paths/{key}/back", {"reason": "slower"})
        pushed.wait_for(told_after=began)
        assert company.variant(key, SALES_PERSON) == "off"
        assert time.monotonic() - began <= 2
    assert (told["path"], company.variant(key, SUPPORT_PERSON)) == ("back", "on")
    case = company.do(SALES_PERSON, "GET", f"/cases/{told['case']}")
    assert (case["squad"], case["context"]["flag"]) == ("approvals-squad", key)
    company.move_clock(24)
    company.turns(key, SALES_PERSON, "on")

    links = company.do(OWNER, "POST", f"/flags/{key}/way-back-links", {"people": [SUPPORT_PERSON]})
    link = links[SUPPORT_PERSON]
    assert "one tap" in company.outside("GET", link).text.lower()
    assert company.variant(key, SUPPORT_PERSON) == "on", "opening a link changes nothing"
    tap = company.outside("POST", link, {"reason": "broken"})
    assert (tap.json()["path"], tap.headers["access-control-allow-origin"]) == ("back", "*")
    company.turns(key, SUPPORT_PERSON, "off")
    again = company.outside("POST", link, {"again": "yes"})
    assert again.json()["path"] == "new"
    company.turns(key, SUPPORT_PERSON, "on")
    assert company.outside("POST", link[:-4] + "aaaa", {"reason": "broken"}).status_code == 403
