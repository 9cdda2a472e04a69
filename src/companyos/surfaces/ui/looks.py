"""How each state looks: one icon, one word, one tone. Colour only ever means state."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    icon: str
    word: str
    tone: str


LOOKS = {
    # verdicts
    "passed": Look("check", "Passed", "good"),
    "failed": Look("cross", "Failed", "bad"),
    "pending": Look("dashes", "Not enough yet", "info"),
    "inconclusive": Look("alert", "Inconclusive", "warn"),
    # rollouts and stages
    "planned": Look("circle", "Planned", "quiet"),
    "waiting": Look("circle", "Waiting", "quiet"),
    "active": Look("ring", "Active", "info"),
    "paused": Look("pause", "Paused", "warn"),
    "rolled_back": Look("back", "Taken back", "bad"),
    "completed": Look("check", "Completed", "good"),
    "killed": Look("cross", "Stopped", "bad"),
    "skipped": Look("slash", "Skipped", "quiet"),
    # moves
    "start": Look("ring", "Started", "info"),
    "stay": Look("circle", "Stayed", "quiet"),
    "switch_over": Look("forward", "Switched over", "good"),
    "advance": Look("forward", "Advanced", "good"),
    "complete": Look("check", "Completed", "good"),
    "pause": Look("pause", "Paused", "warn"),
    "resume": Look("ring", "Resumed", "info"),
    "roll_back": Look("back", "Taken back", "bad"),
    "kill": Look("cross", "Stopped", "bad"),
    # features
    "intake": Look("circle", "Intake", "quiet"),
    "entry_passed": Look("circle", "Entry passed", "quiet"),
    "rolling_out": Look("ring", "Rolling out", "info"),
    "internal_ga": Look("check", "Internal GA", "good"),
    "ready_for_external_ga": Look("check", "Ready for external GA", "good"),
    "external_ga": Look("check", "External GA", "good"),
    "held": Look("pause", "Held", "warn"),
    "retired": Look("slash", "Retired", "quiet"),
    "off": Look("circle", "Off", "quiet"),
    # flags
    "staged": Look("ring", "On for some", "info"),
    "org_wide": Look("check", "On for everybody", "good"),
    "prerelease": Look("dashes", "Prerelease", "info"),
    "archived": Look("slash", "Archived", "quiet"),
    "proved": Look("check", "Only adds people", "good"),
    "holds_today": Look("check", "Adds people today", "good"),
    "broken": Look("alert", "Takes it from people", "warn"),
    "as_planned": Look("check", "Divided as planned", "good"),
    "mismatch": Look("alert", "Not divided as planned", "warn"),
    "too_few_people": Look("dashes", "Not enough yet", "info"),
    "applied": Look("check", "Done", "good"),
    "cancelled": Look("slash", "Cancelled", "quiet"),
    "refused": Look("alert", "Not made", "warn"),
    # requests
    "open": Look("ring", "Waits for answers", "info"),
    "returned": Look("back", "Returned for changes", "warn"),
    "approved": Look("check", "Approved", "good"),
    "declined": Look("cross", "Declined", "bad"),
    "withdrawn": Look("slash", "Withdrawn", "quiet"),
    "timed_out": Look("alert", "Ran out of time", "warn"),
    "carried_out": Look("check", "Carried out", "good"),
    # cases and their clocks
    "new": Look("circle", "New", "quiet"),
    "case_accepted": Look("ring", "Open", "info"),
    "working": Look("ring", "In progress", "info"),
    "done": Look("check", "Done", "good"),
    "released": Look("check", "Released", "good"),
    "closed": Look("slash", "Closed", "quiet"),
    "running": Look("ring", "Running", "info"),
    "soon": Look("alert", "Nearly over", "warn"),
    "breached": Look("cross", "Over", "bad"),
    "late": Look("cross", "Late", "bad"),
    "kept": Look("check", "Kept", "good"),
    "lifted": Look("slash", "Not asked any more", "quiet"),
    # badges and claims
    "earned": Look("check", "Champion", "good"),
    "not_yet": Look("dashes", "Not yet", "info"),
    "not_eligible": Look("slash", "Not eligible", "quiet"),
    "revoked": Look("back", "Taken back", "bad"),
    "asked": Look("ring", "Waits for a decision", "info"),
    "spent": Look("check", "Spent", "good"),
    # suggestions and RFCs
    "now": Look("ring", "Now", "info"),
    "next": Look("forward", "Next", "info"),
    "later": Look("dashes", "Later", "quiet"),
    "shipped": Look("check", "Shipped", "good"),
    "draft": Look("dashes", "Draft", "quiet"),
    "discussion": Look("ring", "Discussion", "info"),
    "final_comment": Look("alert", "Final comment", "warn"),
    "accepted": Look("check", "Accepted", "good"),
    # sessions
    "session_held": Look("check", "Held", "good"),
    "waived": Look("alert", "Waived", "warn"),
    "on_now": Look("ring", "On now", "info"),
    "outcome_due": Look("dashes", "Outcome due", "info"),
    # release notes
    "published": Look("check", "Published", "good"),
    "major": Look("alert", "Major change", "warn"),
    # drills
    "abandoned": Look("slash", "Broken off", "quiet"),
    # figures against targets
    "met": Look("check", "Met", "good"),
    "missed": Look("cross", "Missed", "bad"),
    "undecided": Look("dashes", "Not enough evidence", "info"),
    "no_target": Look("circle", "No target", "quiet"),
    "no_data": Look("circle", "No data", "quiet"),
    "not_connected": Look("slash", "Not connected", "quiet"),
    "too_few_answers": Look("slash", "Too few answers to show", "quiet"),
    # burns and alerts
    "burning": Look("alert", "Burning", "bad"),
    "quiet": Look("check", "Quiet", "good"),
    "too_few": Look("dashes", "Too few requests", "info"),
    "paged": Look("alert", "Waits for an answer", "bad"),
    "acknowledged": Look("ring", "Somebody has it", "info"),
    "resolved": Look("check", "Over", "quiet"),
    "silenced": Look("pause", "Silenced", "warn"),
    # banners
    "info": Look("ring", "Information", "info"),
    "warning": Look("alert", "Warning", "warn"),
    "critical": Look("cross", "Critical", "bad"),
    # events
    "live": Look("check", "Live", "good"),
    "stale": Look("alert", "Stale", "bad"),
    "never": Look("cross", "Never seen", "bad"),
    "unconnected": Look("slash", "Not connected", "bad"),
    "known": Look("check", "Known", "good"),
    "unknown": Look("alert", "Unknown", "warn"),
}


def look(state: str) -> Look:
    """The look of a state; a state nobody has drawn yet still gets its own word."""
    return LOOKS.get(state) or Look("circle", words(state).capitalize(), "quiet")


def words(name: str) -> str:
    """A name from code as words: `doubt_pauses` as `doubt pauses`."""
    return name.replace("_", " ").replace("-", " ")
