"""Jira (https://developer.atlassian.com/cloud/jira/platform/rest/v2, .../webhooks)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from companyos.work.trackers.domain.reading import moment, text_at
from companyos.work.trackers.domain.signatures import digest, is_hmac
from companyos.work.trackers.domain.types import Call, Draft, Field, Headers, Heard, Ref, Status, Unreadable
from companyos.work.trackers.domain.wording import labels_of, severity_in

_ISSUE = frozenset({"jira:issue_created", "jira:issue_updated"})
_DECLINED = ("declined", "won't", "wont", "rejected", "cancel", "duplicate")


class Jira:
    kind, title = "jira", "Jira"
    repository_hint = "the project's key, as OPS"
    default_url = ""  # every company has its own

    def signs_in(self, token: str) -> dict[str, str]:
        """`token` is what stands after `Authorization:`, as `Basic …` of address and API token, or `Bearer …`."""
        return {"Authorization": token, "Accept": "application/json"}

    def create(self, repository: str, draft: Draft) -> Call:
        fields = {
            "project": {"key": repository},
            "issuetype": {"name": "Bug" if draft.type == "bug" else "Task"},
            "summary": draft.title,
            "description": draft.body,
            "labels": labels_of(draft),
        }
        return Call("POST", "/rest/api/2/issue", {"fields": fields})

    def created(self, answer: Any) -> Ref:
        root = str(answer.get("self", "")).partition("/rest/")[0]
        return Ref(str(answer["key"]), f"{root}/browse/{answer['key']}")

    def recent(self, repository: str) -> Call:
        jql = f'project="{repository}" ORDER BY created DESC'
        body = {"jql": jql, "maxResults": 50, "fields": ["description"]}
        return Call("POST", "/rest/api/2/search/jql", body)

    def read_recent(self, answer: Any) -> tuple[tuple[Ref, str], ...]:
        return tuple(
            (self.created(each), text_at(each, "fields", "description")) for each in answer["issues"]
        )

    def set(self, repository: str, issue: str, what: Field, value: str, before: str) -> tuple[Call, ...]:
        place = f"/rest/api/2/issue/{issue}"
        if what is Field.STATUS:

            def choose(answer: Any) -> Call | None:
                way = _way(answer["transitions"], value)
                if way is None:
                    return None  # its workflow has no such way from here; the page says that they differ
                return Call("POST", f"{place}/transitions", {"transition": {"id": way}})

            return (Call("GET", f"{place}/transitions", then=choose),)
        changes = [{"add": value}] * bool(value) + [{"remove": before}] * bool(before)
        return (Call("PUT", place, {"update": {"labels": changes}}),)

    def comment(self, repository: str, issue: str, text: str) -> Call:
        return Call("POST", f"/rest/api/2/issue/{issue}/comment", {"body": text})

    def comments(self, repository: str, issue: str) -> Call:
        return Call("GET", f"/rest/api/2/issue/{issue}/comment?orderBy=-created&maxResults=100")

    def read_comments(self, answer: Any) -> tuple[str, ...]:
        return tuple(str(each.get("body") or "") for each in answer["comments"])

    def is_signed(self, headers: Headers, body: bytes, secret: str, now: datetime) -> bool:
        return is_hmac(body, secret, headers.get("x-hub-signature", ""), prefix="sha256=")

    def delivery(self, headers: Headers, body: bytes) -> str:
        return headers.get("x-atlassian-webhook-identifier") or digest(body)

    def read(self, headers: Headers, said: Any, repository: str) -> Heard | None:
        event = said.get("webhookEvent", "")
        if event not in _ISSUE and event != "comment_created":
            return None
        issue, comment = said["issue"], said.get("comment") if event == "comment_created" else None
        if not str(issue["key"]).startswith(f"{repository}-"):
            raise Unreadable("it is about another project")
        fields, who = issue["fields"], (comment or {}).get("author") or said["user"]
        labels = tuple(str(each) for each in fields.get("labels") or ())
        return Heard(
            self.created(issue),
            text_at(fields, "summary"),
            text_at(fields, "description"),
            str(who.get("displayName") or who.get("accountId")),
            who.get("accountType", "atlassian") != "app",
            moment(said["timestamp"]),
            event == "jira:issue_created",
            {} if comment else _values(fields, labels, _changed(event, said)),
            text_at(comment, "body"),
            labels,
        )


def _changed(event: str, said: Any) -> frozenset[Field]:
    if event == "jira:issue_created":
        return frozenset(Field)
    named = {text_at(each, "field") for each in (said.get("changelog") or {}).get("items", ())}
    return frozenset(
        [Field.STATUS] * bool(named & {"status", "resolution"}) + [Field.SEVERITY] * ("labels" in named)
    )


def _values(fields: Any, labels: tuple[str, ...], changed: frozenset[Field]) -> dict[Field, str]:
    is_done = text_at(fields, "status", "statusCategory", "key") == "done"
    ended = f"{text_at(fields, 'status', 'name')} {text_at(fields, 'resolution', 'name')}".lower()
    closed = Status.DECLINED if any(word in ended for word in _DECLINED) else Status.DONE
    values = {Field.STATUS: str(closed if is_done else Status.OPEN), Field.SEVERITY: severity_in(labels)}
    return {each: value for each, value in values.items() if each in changed}


def _way(transitions: Any, value: str) -> str | None:
    """Return the transition that leads to the status: to a declined one where the workflow has it."""
    wanted_done = value != Status.OPEN
    ways = [
        each
        for each in transitions
        if (text_at(each, "to", "statusCategory", "key") == "done") is wanted_done
    ]
    declines = [each for each in ways if any(w in text_at(each, "to", "name").lower() for w in _DECLINED)]
    others = [each for each in ways if each not in declines]
    best = (declines or others) if value == Status.DECLINED else others
    return str(best[0]["id"]) if best else None
