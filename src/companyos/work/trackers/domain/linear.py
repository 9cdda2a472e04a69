"""Linear (https://linear.app/developers/graphql, https://linear.app/developers/webhooks)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from companyos.work.trackers.domain.reading import moment, text_at
from companyos.work.trackers.domain.signatures import is_hmac
from companyos.work.trackers.domain.types import Call, Draft, Field, Headers, Heard, Ref, Status, Unreadable
from companyos.work.trackers.domain.wording import SEVERITIES

_FRESH = timedelta(minutes=1)  # Linear's own advice
_STATES = {Status.DONE: "completed", Status.DECLINED: "canceled", Status.OPEN: "unstarted"}
_PATH = "/graphql"


class Linear:
    kind, title = "linear", "Linear"
    repository_hint = "the team's id"
    default_url = "https://api.linear.app"

    def signs_in(self, token: str) -> dict[str, str]:
        return {"Authorization": token}

    def create(self, repository: str, draft: Draft) -> Call:
        asked = (
            "mutation($input: IssueCreateInput!) { issueCreate(input: $input) { issue { identifier url } } }"
        )
        told: dict[str, Any] = {"teamId": repository, "title": draft.title, "description": draft.body}
        if draft.severity:
            told["priority"] = _priority(draft.severity)
        return _ask(asked, input=told)

    def created(self, answer: Any) -> Ref:
        issue = answer["data"]["issueCreate"]["issue"] if "data" in answer else answer
        return Ref(str(issue["identifier"]), str(issue["url"]))

    def recent(self, repository: str) -> Call:
        asked = (
            "query($team: String!) { team(id: $team) { issues(first: 50, orderBy: createdAt)"
            " { nodes { identifier url description } } } }"
        )
        return _ask(asked, team=repository)

    def read_recent(self, answer: Any) -> tuple[tuple[Ref, str], ...]:
        nodes = answer["data"]["team"]["issues"]["nodes"]
        return tuple((self.created(each), str(each.get("description") or "")) for each in nodes)

    def set(self, repository: str, issue: str, what: Field, value: str, before: str) -> tuple[Call, ...]:
        if what is Field.SEVERITY:
            return (_update(issue, {"priority": _priority(value)}),)

        def choose(answer: Any) -> Call | None:
            states = answer["data"]["team"]["states"]["nodes"]
            found = next((each["id"] for each in states if each["type"] == _STATES[Status(value)]), None)
            return _update(issue, {"stateId": found}) if found else None

        asked = "query($team: String!) { team(id: $team) { states { nodes { id type } } } }"
        return (Call("POST", _PATH, {"query": asked, "variables": {"team": repository}}, choose),)

    def comment(self, repository: str, issue: str, text: str) -> Call:
        asked = "mutation($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"
        return _ask(asked, input={"issueId": issue, "body": text})

    def comments(self, repository: str, issue: str) -> Call:
        return _ask(
            "query($id: String!) { issue(id: $id) { comments(first: 100) { nodes { body } } } }", id=issue
        )

    def read_comments(self, answer: Any) -> tuple[str, ...]:
        return tuple(str(each["body"]) for each in answer["data"]["issue"]["comments"]["nodes"])

    def is_signed(self, headers: Headers, body: bytes, secret: str, now: datetime) -> bool:
        """The signature covers the moment it was sent; what is older than a minute is a replay."""
        if not is_hmac(body, secret, headers.get("linear-signature", "")):
            return False
        try:
            sent = moment(json.loads(body)["webhookTimestamp"])
        except (ValueError, KeyError, TypeError):
            return False
        return abs(now - sent) <= _FRESH

    def delivery(self, headers: Headers, body: bytes) -> str:
        return headers.get("linear-delivery", "")

    def read(self, headers: Headers, said: Any, repository: str) -> Heard | None:
        kind, action, told = said.get("type"), said.get("action"), said.get("data") or {}
        if kind not in {"Issue", "Comment"} or action not in {"create", "update"}:
            return None
        if kind == "Comment" and action != "create":
            return None
        issue = told["issue"] if kind == "Comment" else told
        team = text_at(issue, "team", "id") or text_at(issue, "teamId")
        if team and team != repository:
            raise Unreadable("it is about another team")
        who = said.get("actor") or {}
        return Heard(
            Ref(str(issue["identifier"]), str(issue.get("url") or said.get("url") or "")),
            text_at(issue, "title"),
            text_at(issue, "description"),
            str(who.get("name") or who.get("id") or "Linear"),
            who.get("type", "") == "user",
            moment(told.get("updatedAt") or told.get("createdAt") or said.get("createdAt")),
            kind == "Issue" and action == "create",
            _values(said, told) if kind == "Issue" else {},
            text_at(told, "body") if kind == "Comment" else "",
            tuple(text_at(each, "name") for each in issue.get("labels") or ()),
        )


def _ask(asked: str, **variables: Any) -> Call:
    return Call("POST", _PATH, {"query": asked, "variables": variables})


def _update(issue: str, told: dict[str, Any]) -> Call:
    asked = "mutation($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }"
    return _ask(asked, id=issue, input=told)


def _priority(severity: str) -> int:
    """Linear counts 1 (urgent) to 4 (low), and 0 for none."""
    return SEVERITIES.index(severity) + 1 if severity in SEVERITIES else 0


def _values(said: Any, told: Any) -> dict[Field, str]:
    status = {"completed": Status.DONE, "canceled": Status.DECLINED}.get(
        text_at(told, "state", "type"), Status.OPEN
    )
    priority = told.get("priority") or 0
    values = {
        Field.STATUS: str(status),
        Field.SEVERITY: SEVERITIES[priority - 1] if 1 <= priority <= 4 else "",
    }
    if said.get("action") == "create":
        return values
    before = said.get("updatedFrom") or {}
    changed = {Field.STATUS: "stateId" in before, Field.SEVERITY: "priority" in before}
    return {each: value for each, value in values.items() if changed[each]}
