"""GitHub Issues (https://docs.github.com/en/rest/issues, https://docs.github.com/en/webhooks)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from companyos.work.trackers.domain.reading import moment, text_at
from companyos.work.trackers.domain.signatures import is_hmac
from companyos.work.trackers.domain.types import Call, Draft, Field, Headers, Heard, Ref, Status, Unreadable
from companyos.work.trackers.domain.wording import labels_of, severity_in

_CHANGES = {
    "opened": (Field.STATUS, Field.SEVERITY),
    "closed": (Field.STATUS,),
    "reopened": (Field.STATUS,),
    "labeled": (Field.SEVERITY,),
    "unlabeled": (Field.SEVERITY,),
}


class GitHub:
    kind, title = "github", "GitHub"
    repository_hint = "owner/repository"
    default_url = "https://api.github.com"

    def signs_in(self, token: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }

    def create(self, repository: str, draft: Draft) -> Call:
        body = {"title": draft.title, "body": draft.body, "labels": labels_of(draft)}
        return Call("POST", f"/repos/{repository}/issues", body)

    def created(self, answer: Any) -> Ref:
        return Ref(str(answer["number"]), str(answer["html_url"]))

    def recent(self, repository: str) -> Call:
        return Call("GET", f"/repos/{repository}/issues?state=all&sort=created&direction=desc&per_page=50")

    def read_recent(self, answer: Any) -> tuple[tuple[Ref, str], ...]:
        return tuple((self.created(each), str(each.get("body") or "")) for each in answer)

    def set(self, repository: str, issue: str, what: Field, value: str, before: str) -> tuple[Call, ...]:
        place = f"/repos/{repository}/issues/{issue}"
        if what is Field.STATUS:
            if value == Status.OPEN:
                return (Call("PATCH", place, {"state": "open"}),)
            reason = "completed" if value == Status.DONE else "not_planned"
            return (Call("PATCH", place, {"state": "closed", "state_reason": reason}),)
        taken = (Call("DELETE", f"{place}/labels/{quote(before, safe='')}"),) if before else ()
        given = (Call("POST", f"{place}/labels", {"labels": [value]}),) if value else ()
        return (*given, *taken)

    def comment(self, repository: str, issue: str, text: str) -> Call:
        return Call("POST", f"/repos/{repository}/issues/{issue}/comments", {"body": text})

    def comments(self, repository: str, issue: str) -> Call:
        return Call("GET", f"/repos/{repository}/issues/{issue}/comments?per_page=100")

    def read_comments(self, answer: Any) -> tuple[str, ...]:
        return tuple(str(each.get("body") or "") for each in answer)

    def is_signed(self, headers: Headers, body: bytes, secret: str, now: datetime) -> bool:
        return is_hmac(body, secret, headers.get("x-hub-signature-256", ""), prefix="sha256=")

    def delivery(self, headers: Headers, body: bytes) -> str:
        return headers.get("x-github-delivery", "")

    def read(self, headers: Headers, said: Any, repository: str) -> Heard | None:
        event, action = headers.get("x-github-event", ""), said.get("action", "")
        if event not in {"issues", "issue_comment"}:
            return None
        if text_at(said, "repository", "full_name").lower() != repository.lower():
            raise Unreadable("it is about another repository")
        issue, sender = said["issue"], said["sender"]
        if "pull_request" in issue:
            return None
        is_comment = event == "issue_comment"
        if (is_comment and action != "created") or (not is_comment and action not in _CHANGES):
            return None
        comment = said["comment"] if is_comment else {}
        labels = tuple(str(each["name"]) for each in issue.get("labels", ()))
        return Heard(
            self.created(issue),
            str(issue["title"]),
            str(issue.get("body") or ""),
            str(sender["login"]),
            sender.get("type", "User") == "User",
            moment(comment.get("created_at") or issue["updated_at"]),
            action == "opened" and not is_comment,
            {} if is_comment else _values(issue, labels, _CHANGES[action]),
            str(comment.get("body") or ""),
            labels,
        )


def _values(issue: Any, labels: tuple[str, ...], changed: tuple[Field, ...]) -> dict[Field, str]:
    closed = Status.DECLINED if issue.get("state_reason") == "not_planned" else Status.DONE
    status = Status.OPEN if issue["state"] == "open" else closed
    values: dict[Field, str] = {Field.STATUS: status, Field.SEVERITY: severity_in(labels)}
    return {each: values[each] for each in changed}
