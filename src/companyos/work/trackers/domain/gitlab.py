"""GitLab issues (https://docs.gitlab.com/api/issues, https://docs.gitlab.com/user/project/integrations/webhook_events)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import quote

from companyos.work.trackers.domain.reading import moment, text_at
from companyos.work.trackers.domain.signatures import digest, is_same
from companyos.work.trackers.domain.types import Call, Draft, Field, Headers, Heard, Ref, Status, Unreadable
from companyos.work.trackers.domain.wording import labels_of, severity_in

_PROGRAM = re.compile(r"^(?:project|group)_\d+_bot|^(?:ghost|alert-bot|support-bot)$")
DECLINED = "declined"  # a label: GitLab only knows open and closed


class GitLab:
    kind, title = "gitlab", "GitLab"
    repository_hint = "group/project"
    default_url = "https://gitlab.com/api/v4"

    def signs_in(self, token: str) -> dict[str, str]:
        return {"PRIVATE-TOKEN": token}

    def create(self, repository: str, draft: Draft) -> Call:
        body = {"title": draft.title, "description": draft.body, "labels": ",".join(labels_of(draft))}
        return Call("POST", f"{_project(repository)}/issues", body)

    def created(self, answer: Any) -> Ref:
        return Ref(str(answer["iid"]), str(answer["web_url"]))

    def recent(self, repository: str) -> Call:
        return Call("GET", f"{_project(repository)}/issues?order_by=created_at&sort=desc&per_page=50")

    def read_recent(self, answer: Any) -> tuple[tuple[Ref, str], ...]:
        return tuple((self.created(each), str(each.get("description") or "")) for each in answer)

    def set(self, repository: str, issue: str, what: Field, value: str, before: str) -> tuple[Call, ...]:
        place = f"{_project(repository)}/issues/{issue}"
        if what is Field.STATUS:
            moved = "reopen" if value == Status.OPEN else "close"
            label = "add_labels" if value == Status.DECLINED else "remove_labels"
            return (Call("PUT", place, {"state_event": moved, label: DECLINED}),)
        return (Call("PUT", place, {"add_labels": value, "remove_labels": before}),)

    def comment(self, repository: str, issue: str, text: str) -> Call:
        return Call("POST", f"{_project(repository)}/issues/{issue}/notes", {"body": text})

    def comments(self, repository: str, issue: str) -> Call:
        return Call("GET", f"{_project(repository)}/issues/{issue}/notes?sort=desc&per_page=100")

    def read_comments(self, answer: Any) -> tuple[str, ...]:
        return tuple(str(each.get("body") or "") for each in answer)

    def is_signed(self, headers: Headers, body: bytes, secret: str, now: datetime) -> bool:
        return is_same(secret, headers.get("x-gitlab-token", ""))

    def delivery(self, headers: Headers, body: bytes) -> str:
        """The message's own id stays the same when it is sent again; older GitLabs send none."""
        return headers.get("idempotency-key") or headers.get("x-gitlab-event-uuid") or digest(body)

    def read(self, headers: Headers, said: Any, repository: str) -> Heard | None:
        kind, told = said.get("object_kind"), said.get("object_attributes") or {}
        if kind not in {"issue", "note"} or (kind == "note" and told.get("noteable_type") != "Issue"):
            return None
        if text_at(said, "project", "path_with_namespace").lower() != repository.lower():
            raise Unreadable("it is about another project")
        issue = said["issue"] if kind == "note" else told
        labels = tuple(str(each["title"]) for each in said.get("labels") or issue.get("labels") or ())
        by = text_at(said, "user", "username")
        return Heard(
            Ref(str(issue["iid"]), str(issue.get("url") or told.get("url") or "")),
            str(issue["title"]),
            str(issue.get("description") or ""),
            by,
            not _PROGRAM.match(by),
            moment(told.get("updated_at") or told["created_at"]),
            kind == "issue" and told.get("action") == "open",
            {} if kind == "note" else _values(said, told, labels),
            str(told.get("note") or "") if kind == "note" and not told.get("system") else "",
            labels,
        )


def _project(repository: str) -> str:
    return f"/projects/{quote(repository, safe='')}"


def _values(said: Any, told: Any, labels: tuple[str, ...]) -> dict[Field, str]:
    closed = Status.DECLINED if DECLINED in labels else Status.DONE
    status = Status.OPEN if told["state"] == "opened" else closed
    values: dict[Field, str] = {Field.STATUS: status, Field.SEVERITY: severity_in(labels)}
    if told.get("action") == "open":
        return values
    changed = {Field.STATUS} if told.get("action") in {"close", "reopen"} else set()
    if "labels" in (said.get("changes") or {}):
        changed.add(Field.SEVERITY)
    return {each: values[each] for each in sorted(changed)}
