"""The trackers there are."""

from __future__ import annotations

from companyos.work.trackers.domain.github import GitHub
from companyos.work.trackers.domain.gitlab import GitLab
from companyos.work.trackers.domain.jira import Jira
from companyos.work.trackers.domain.linear import Linear
from companyos.work.trackers.domain.types import Tracker

KINDS: dict[str, Tracker] = {each.kind: each for each in (GitHub(), GitLab(), Jira(), Linear())}
