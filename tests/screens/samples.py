"""Every screen with made-up but plausible content, for looking at it without the product behind."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.replay import Replay
from companyos.adoption.rollouts.domain.types import Move, Verdict
from companyos.change.comms.domain.types import Kind as Told
from companyos.change.comms.domain.types import NewsRow, NoticeRow, Size
from companyos.change.sessions.domain.types import MINUTES, Kind, SessionRow
from companyos.surfaces.console import pages
from screens.sample_boards import BOARDS, BREACH
from screens.sample_gates import COMPLETION, LATENCY, NOW, SHA, ago
from screens.sample_lists import LINES, NAV, TENANTS
from screens.sample_parts import ADVANCED, EVIDENCE, EXPANDED, HELD, TAKEN_BACK

__all__ = ["NAV", "NOW", "SCREENS"]


def _row(slug: str, title: str, state: str, lead: str, *cells: tuple[str, str, int]) -> pages.MatrixRow:
    return pages.MatrixRow(slug, title, state, lead, tuple(pages.Cell(*each) for each in cells))


def _session(title: str, kind: Kind, at: datetime) -> SessionRow:
    return SessionRow(
        "0190a1b2-0000-7000-8000-000000000001", title, kind, title, "unified-approvals", "", "", 0, False, at,
        MINUTES[kind], "ana-ruiz", (), True, (), 0, NOW,
    )  # fmt: skip


def _news(title: str, changes_at: datetime | None, *, needs_ack: bool = False) -> NewsRow:
    notice = NoticeRow(
        "0190a1b2-0000-7000-8000-000000000002", title, Told.STAGE, Size.MAJOR, "unified-approvals", title, "", "",
        ago(hours=5), "controller", changes_at, needs_ack, "",
    )  # fmt: skip
    return NewsRow(notice, None, None)


HOME = pages.Home(
    NOW,
    (
        pages.NeedsYou(
            "Unified Approvals is paused in Expand", HELD.because, "/rollouts/unified-approvals", "Decide"
        ),
        pages.NeedsYou(
            "Harden of Unified Approvals needs a rollback drill",
            "The last one is 34 days old; 30 are allowed",
            "/rollouts/unified-approvals",
            "Plan the drill",
        ),
    ),
    tuple(pages.TenantHead(each.slug, each.title) for each in TENANTS),
    (
        _row(
            "unified-approvals",
            "Unified Approvals",
            "rolling_out",
            "People Ops",
            ("waiting", "Harden", 0),
            ("passed", "Pilot", 31),
            ("paused", "Expand", 64),
            ("waiting", "Internal GA", 0),
            ("passed", "Prep", 6),
        ),
        _row(
            "alert-routing",
            "Alert Routing",
            "rolling_out",
            "Support",
            ("waiting", "Harden", 0),
            ("rolled_back", "Pilot", 0),
            ("waiting", "Expand", 0),
            ("off", "Off", 0),
            ("passed", "Prep", 6),
        ),
        _row(
            "kb-editor",
            "Knowledge Base Editor",
            "rolling_out",
            "Support",
            ("off", "Off", 0),
            ("active", "Pilot", 17),
            ("waiting", "Expand", 0),
            ("waiting", "Internal GA", 0),
            ("passed", "Prep", 6),
        ),
        _row(
            "audit-search",
            "Audit Search",
            "internal_ga",
            "Security & GRC",
            *(("internal_ga", "Internal GA", n) for n in (88, 52, 64, 4, 6)),
        ),
    ),
    LINES,
    (HELD, EXPANDED, ADVANCED),
    (
        _session("Huddle before Harden of Unified Approvals", Kind.HUDDLE, ago(hours=-3)),
        _session("Dogfood hour: what is in rollout this week", Kind.DOGFOOD_HOUR, ago(days=-2)),
    ),
    (
        _news("Unified Approvals comes to the finance department", ago(days=-3), needs_ack=True),
        _news("Release notes 12: what is new since 2 March", None),
    ),
)
NO_HOME = pages.Home(NOW, (), (), (), (), ())
TENANT = pages.TenantPage(
    NOW,
    TENANTS[1],
    "Build pipelines, incident and runbook automation, experiment flags, service catalogue.",
    ("Stress-test the flows of developers and SRE", "Make audit, rollback and recovery first-class"),
    (pages.TeamLine("Platform Engineering", "Jon Berg", 19), pages.TeamLine("Release", "Ana Ruiz", 12)),
    (
        pages.TenantFeature(
            "unified-approvals", "Unified Approvals", "passed", "Pilot passed", 31, ago(days=6)
        ),
        pages.TenantFeature("alert-routing", "Alert Routing", "rolled_back", "Taken back", 0, ago(hours=5)),
    ),
    (EXPANDED, ADVANCED),
)


DECISION = pages.DecisionPage(
    NOW,
    "0193a4be-5a11-7c3e-9d20-6f5c1b2a7e10",
    TAKEN_BACK.at,
    "unified-approvals",
    "Unified Approvals",
    "expand",
    Move.ROLL_BACK,
    TAKEN_BACK.title,
    TAKEN_BACK.because,
    TAKEN_BACK.rule,
    "A failed gate marked as rolling back undoes the stage, even while the rollout is paused.",
    "guardrail",
    9,
    SHA,
    (BREACH.gate, LATENCY.gate, COMPLETION.gate),
    EVIDENCE,
    Replay(()),
)
PROOF = pages.EvidencePage(
    NOW,
    "ev-1",
    "telemetry.error_sessions",
    "Error rate in Support",
    Verdict.FAILED,
    0.122,
    0.046,
    0.241,
    0.02,
    41,
    "share",
    "since the stage began",
    "guardrail over the inbox log",
    ago(minutes=2),
    SHA,
    "SELECT countIf(failed) AS failed, count() AS sessions\nFROM sessions\n"
    "WHERE flag = {flag:String} AND at >= {since:DateTime64}",
    '{"failed":5,"flag":"approvals.unified","sessions":41,"stage":"expand"}',
    BREACH.history[-3:],
    (TAKEN_BACK,),
)

SCREENS: dict[str, tuple[str, dict[str, object]]] = {
    **{f"board-{name}": ("rollouts/board.html", {"board": board}) for name, board in BOARDS.items()},
    "home": ("console/home.html", {"page": HOME}),
    "home-empty": ("console/home.html", {"page": NO_HOME}),
    "rollouts": ("console/rollouts.html", {"page": pages.RolloutsPage(NOW, LINES)}),
    "tenants": ("console/tenants.html", {"page": pages.TenantMap(NOW, TENANTS)}),
    "tenant": ("console/tenant.html", {"page": TENANT}),
    "decision": ("console/decision.html", {"page": DECISION}),
    "evidence": ("console/evidence.html", {"page": PROOF}),
    "sign-in": ("console/sign_in.html", {"refusal": ""}),
    "sign-in-refused": ("console/sign_in.html", {"refusal": "This link has been used. Ask for a new one."}),
    **{f"error-{code}": (f"{code}.html", {"request_id": "0193a4be"}) for code in (403, 404, 409, 500)},
}
