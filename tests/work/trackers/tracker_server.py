"""Stands in for GitHub, GitLab, Jira and Linear over HTTP: keeps issues and comments, and sends signed messages."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

REPOSITORY = {"github": "acme/approvals", "gitlab": "acme/approvals", "jira": "OPS", "linear": "team-1"}
SECRET, US = "a long secret", "our-bot"


@dataclass
class Kept:
    id: str
    title: str
    body: str
    status: str = "open"
    labels: set[str] = field(default_factory=set)
    comments: list[str] = field(default_factory=list)


class TrackerServer:
    """One tracker of a kind. `fails_after` answers 502 after having done what it was asked, that many times."""

    def __init__(self, kind: str) -> None:
        self.kind, self.issues, self.calls = kind, {}, []
        self.fails_before = self.fails_after = self.refuses = 0
        self.issues: dict[str, Kept]
        self.calls: list[str]
        self.url = ""
        self._sent = 0

    @property
    def only(self) -> Kept:
        (issue,) = self.issues.values()
        return issue

    def answer(self, method: str, path: str, body: Any) -> Any:
        return getattr(self, f"_{self.kind}")(method, unquote(path.partition("?")[0]), body or {})

    def _new(self, title: str, body: str, labels: list[str]) -> Kept:
        key = str(len(self.issues) + 1)
        key = {"jira": f"OPS-{key}", "linear": f"APP-{key}"}.get(self.kind, key)
        self.issues[key] = Kept(key, title, body, labels=set(filter(None, labels)))
        return self.issues[key]

    def _github(self, method: str, path: str, body: Any) -> Any:
        parts = path.removeprefix("/repos/acme/approvals/issues").strip("/").split("/")
        if parts == [""]:
            if method == "POST":
                return self._as_github(self._new(body["title"], body["body"], body["labels"]))
            return [self._as_github(each) for each in self.issues.values()]
        issue = self.issues[parts[0]]
        match method, parts[1:]:
            case "PATCH", []:
                done = {"completed": "done", "not_planned": "declined"}
                issue.status = "open" if body["state"] == "open" else done[body["state_reason"]]
            case "POST", ["comments"]:
                issue.comments.append(body["body"])
            case "GET", ["comments"]:
                return [{"body": each} for each in issue.comments]
            case "POST", ["labels"]:
                issue.labels |= set(body["labels"])
            case "DELETE", ["labels", label]:
                issue.labels.discard(label)
        return self._as_github(issue)

    def _as_github(self, issue: Kept) -> dict[str, Any]:
        reason = {"done": "completed", "declined": "not_planned"}.get(issue.status)
        return {
            "number": int(issue.id), "html_url": f"https://github.example/acme/approvals/issues/{issue.id}",
            "title": issue.title, "body": issue.body, "state": "open" if issue.status == "open" else "closed",
            "state_reason": reason, "labels": [{"name": each} for each in sorted(issue.labels)],
        }  # fmt: skip

    def _gitlab(self, method: str, path: str, body: Any) -> Any:
        parts = path.removeprefix("/projects/acme/approvals/issues").strip("/").split("/")
        if parts == [""]:
            if method == "POST":
                made = self._new(body["title"], body["description"], body["labels"].split(","))
                return self._as_gitlab(made)
            return [self._as_gitlab(each) for each in self.issues.values()]
        issue = self.issues[parts[0]]
        if parts[1:] == ["notes"]:
            if method == "GET":
                return [{"body": each} for each in issue.comments]
            issue.comments.append(body["body"])
            return {"id": len(issue.comments)}
        issue.labels |= {each for each in body.get("add_labels", "").split(",") if each}
        issue.labels -= set(body.get("remove_labels", "").split(","))
        if moved := body.get("state_event"):
            closed = "declined" if "declined" in issue.labels else "done"
            issue.status = "open" if moved == "reopen" else closed
        return self._as_gitlab(issue)

    def _as_gitlab(self, issue: Kept) -> dict[str, Any]:
        return {
            "iid": int(issue.id), "web_url": f"https://gitlab.example/{issue.id}", "title": issue.title,
            "url": f"https://gitlab.example/{issue.id}", "description": issue.body,
            "state": "opened" if issue.status == "open" else "closed",
            "labels": [{"title": each} for each in sorted(issue.labels)],
        }  # fmt: skip

    def _jira(self, method: str, path: str, body: Any) -> Any:
        if path == "/rest/api/2/issue":
            fields = body["fields"]
            return self._as_jira(self._new(fields["summary"], fields["description"], fields["labels"]))
        if path == "/rest/api/2/search/jql":
            return {"issues": [self._as_jira(each) for each in self.issues.values()]}
        key, *rest = path.removeprefix("/rest/api/2/issue/").split("/")
        issue = self.issues[key]
        match method, rest:
            case "GET", ["transitions"]:
                ways = {"1": ("To Do", "new"), "2": ("Won't do", "done"), "3": ("Done", "done")}
                return {
                    "transitions": [
                        {"id": number, "to": {"name": name, "statusCategory": {"key": category}}}
                        for number, (name, category) in ways.items()
                    ]
                }
            case "POST", ["transitions"]:
                issue.status = {"1": "open", "2": "declined", "3": "done"}[body["transition"]["id"]]
                return None
            case "GET", ["comment"]:
                return {"comments": [{"body": each} for each in issue.comments]}
            case "POST", ["comment"]:
                issue.comments.append(body["body"])
                return {"id": "1"}
        for change in body["update"]["labels"]:
            issue.labels |= {change["add"]} if "add" in change else set()
            issue.labels -= {change.get("remove", "")}
        return None

    def _as_jira(self, issue: Kept) -> dict[str, Any]:
        status = {"open": ("To Do", "new"), "done": ("Done", "done"), "declined": ("Won't do", "done")}[
            issue.status
        ]
        return {
            "key": issue.id, "self": "https://jira.example/rest/api/2/issue/10001",
            "fields": {
                "summary": issue.title, "description": issue.body, "labels": sorted(issue.labels),
                "status": {"name": status[0], "statusCategory": {"key": status[1]}},
            },
        }  # fmt: skip

    def _linear(self, method: str, path: str, body: Any) -> Any:
        asked, told = body["query"], body["variables"]
        told_input = told.get("input", {})
        if "issueCreate" in asked:
            made = self._new(
                told_input["title"], told_input["description"], [_sev(told_input.get("priority", 0))]
            )
            return {"data": {"issueCreate": {"issue": self._as_linear(made)}}}
        if "states" in asked:
            states = [{"id": f"is-{each}", "type": each} for each in ("unstarted", "completed", "canceled")]
            return {"data": {"team": {"states": {"nodes": states}}}}
        if "issues(first" in asked:
            nodes = [self._as_linear(each) for each in self.issues.values()]
            return {"data": {"team": {"issues": {"nodes": nodes}}}}
        if "commentCreate" in asked:
            self.issues[told_input["issueId"]].comments.append(told_input["body"])
        elif "issueUpdate" in asked:
            issue = self.issues[told["id"]]
            if state := told_input.get("stateId"):
                done = {"is-completed": "done", "is-canceled": "declined", "is-unstarted": "open"}
                issue.status = done[state]
            if "priority" in told_input:
                issue.labels = {_sev(told_input["priority"])}
        else:
            return {
                "data": {
                    "issue": {"comments": {"nodes": [{"body": e} for e in self.issues[told["id"]].comments]}}
                }
            }
        return {"data": {"ok": {"success": True}}}

    def _as_linear(self, issue: Kept) -> dict[str, Any]:
        state = {"open": "unstarted", "done": "completed", "declined": "canceled"}[issue.status]
        severity = next((each for each in sorted(issue.labels) if each.startswith("sev")), "")
        return {
            "identifier": issue.id, "url": f"https://linear.example/{issue.id}", "title": issue.title,
            "description": issue.body, "state": {"name": state, "type": state}, "team": {"id": "team-1"},
            "priority": int(severity[3:]) if severity else 0, "labels": [],
        }  # fmt: skip

    def message(
        self,
        what: str,
        by: str,
        at: datetime,
        *,
        text: str = "",
        issue: Kept | None = None,
        program: bool = False,
    ) -> tuple[dict[str, str], bytes]:
        """Return the message of what somebody did: `status`, `severity`, `comment` or `opened`."""
        about, self._sent = issue or self.only, self._sent + 1
        told = getattr(self, f"_tells_{self.kind}")(what, about, by, at, text, program)
        headers, body = told[0], json.dumps(told[1]).encode()
        return headers | self._signed(body), body

    def _signed(self, body: bytes) -> dict[str, str]:
        digest, number = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(), f"message-{self._sent}"
        return {
            "github": {"X-Hub-Signature-256": f"sha256={digest}", "X-GitHub-Delivery": number},
            "gitlab": {"X-Gitlab-Token": SECRET, "X-Gitlab-Event-UUID": number},
            "jira": {"X-Hub-Signature": f"sha256={digest}", "X-Atlassian-Webhook-Identifier": number},
            "linear": {"Linear-Signature": digest, "Linear-Delivery": number},
        }[self.kind]

    def _tells_github(self, what: str, issue: Kept, by: str, at: datetime, text: str, program: bool) -> Any:
        moved = "reopened" if issue.status == "open" else "closed"
        action = {"status": moved, "severity": "labeled", "comment": "created", "opened": "opened"}[what]
        said = {
            "action": action, "issue": {**self._as_github(issue), "updated_at": at.isoformat()},
            "sender": {"login": by, "type": "Bot" if program else "User"},
            "repository": {"full_name": "acme/approvals"},
            "comment": {"body": text, "created_at": at.isoformat()},
        }  # fmt: skip
        return {"X-GitHub-Event": "issue_comment" if what == "comment" else "issues"}, said

    def _tells_gitlab(self, what: str, issue: Kept, by: str, at: datetime, text: str, program: bool) -> Any:
        shown, when = self._as_gitlab(issue), f"{at:%Y-%m-%d %H:%M:%S} UTC"
        moved = "reopen" if issue.status == "open" else "close"
        said: dict[str, Any] = {
            "object_kind": "issue", "project": {"path_with_namespace": "acme/approvals"},
            "user": {"username": "project_7_bot_1" if program else by}, "labels": shown["labels"],
            "changes": {"labels": {}} if what == "severity" else {},
        }  # fmt: skip
        action = {"status": moved, "opened": "open"}.get(what, "update")
        said["object_attributes"] = {**shown, "action": action, "updated_at": when}
        if what == "comment":
            said |= {"object_kind": "note", "issue": shown}
            said["object_attributes"] = {"noteable_type": "Issue", "note": text, "created_at": when}
        return {}, said

    def _tells_jira(self, what: str, issue: Kept, by: str, at: datetime, text: str, program: bool) -> Any:
        event = {"comment": "comment_created", "opened": "jira:issue_created"}.get(what, "jira:issue_updated")
        who = {"displayName": by, "accountType": "app" if program else "atlassian"}
        fields = {"status": "status", "severity": "labels"}
        return {}, {
            "webhookEvent": event, "timestamp": int(at.timestamp() * 1000), "user": who,
            "issue": self._as_jira(issue), "comment": {"body": text, "author": who},
            "changelog": {"items": [{"field": fields[what]}] if what in fields else []},
        }  # fmt: skip

    def _tells_linear(self, what: str, issue: Kept, by: str, at: datetime, text: str, program: bool) -> Any:
        shown = self._as_linear(issue) | {"updatedAt": at.isoformat()}
        told = {"body": text, "createdAt": at.isoformat(), "issue": shown} if what == "comment" else shown
        before = {"status": {"stateId": "x"}, "severity": {"priority": 0}}.get(what, {})
        return {}, {
            "type": "Comment" if what == "comment" else "Issue", "data": told, "updatedFrom": before,
            "action": "create" if what in {"comment", "opened"} else "update",
            "actor": {"name": by, "type": "oauthClient" if program else "user"},
            "webhookTimestamp": int(at.timestamp() * 1000),
        }  # fmt: skip


def _sev(priority: int) -> str:
    return f"sev{priority}" if priority else ""


@contextmanager
def tracker(kind: str) -> Iterator[TrackerServer]:
    """Serve a tracker of a kind on this machine."""
    kept = TrackerServer(kind)

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kept.calls.append(f"{self.command} {self.path.partition('?')[0]}")
            if kept.fails_before:
                kept.fails_before -= 1
                return self._say(503, None)
            if kept.refuses:
                return self._say(kept.refuses, None)
            told = kept.answer(self.command, self.path, json.loads(body) if body else None)
            if kept.fails_after and self.command == "POST":
                kept.fails_after -= 1
                return self._say(502, None)
            return self._say(200, told)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do  # noqa: N815

        def _say(self, status: int, told: Any) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *said: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        kept.url = f"http://127.0.0.1:{server.server_port}"
        yield kept
        server.shutdown()
