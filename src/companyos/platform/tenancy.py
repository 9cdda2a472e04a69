"""Every table has a tenancy decision: owned by a tenant, or company-wide and listed here."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models

COMPANY_WIDE = {
    "platform.Tenant": "the list of tenants itself",
    "platform.OutboxMessage": "carries ids and names only",
    "platform.Outgoing": "goes to a person, whatever the tenant; its words are blanked once it is sent",
    "identity.Department": "the directory belongs to the company",
    "identity.Team": "the directory belongs to the company",
    "identity.Person": "a person may work in several tenants",
    "identity.ToldHow": "a person is written to in one way, whatever the tenants",
    "identity.ApiKey": "a key names the tenants it may speak for",
    "identity.SignInLink": "signs a person in, not a tenant",
    "approvals.RequestType": "a type is the same in every tenant; which may hold its data is checked",
    "approvals.StandIn": "whoever answers for somebody does so in every tenant",
    "feedback.OwnershipRule": "a map of the company",
    "feedback.TriageModel": "one model serves every tenant; it holds words that several reports share, no report",
    "feedback.TriageModelPart": "part of a model",
    "feedback.TriageModelUse": "which model answers, for every tenant",
    "feedback.TriageTraining": "how far a training is",
    "cases.TypeVersion": "a type is the same in every tenant",
    "cases.SquadCalendar": "a squad works for every tenant",
    "cases.SavedFilter": "a person's own question, without answers",
    "cases.ShippedChange": "a change reaches every tenant; it names cases by id",
    "mailroom.MailboxRead": "one mailbox serves the whole company",
    "mailroom.SetAside": "whose mail it would have been is not known",
    "roadmap.VotingRule": "how people vote, for the whole company",
    "roadmap.TeamWeight": "what a team's suggestions weigh in the company's council",
    "roadmap.Voter": "a person has so many votes, whatever the tenants",
    "roadmap.Council": "the company's council",
    "roadmap.Turn": "part of a council",
    "roadmap.Rfc": "RFCs are public in the company",
    "roadmap.RfcMove": "history of an RFC",
    "roadmap.RfcReviewer": "part of an RFC",
    "roadmap.RfcComment": "part of an RFC",
    "features.Area": "a map of the company",
    "features.Feature": "a feature is adopted across tenants",
    "features.FeatureTransition": "history of a feature",
    "features.RefusedMove": "history of a feature",
    "features.FeatureVersion": "history of a feature",
    "features.IntakeRecord": "what a feature entered with, for every tenant",
    "features.ScorecardTemplate": "the company's checklists",
    "features.SoftDefinition": "what words mean for the whole company",
    "features.Attestation": "a word for a feature, across tenants",
    "features.WorkEvidence": "aggregates of work on a feature; no record of a tenant",
    "features.FeatureDocument": "where a feature's documents lie, for every tenant",
    "features.CheckedLink": "whether a link leads somewhere; no record of a tenant",
    "features.ReadinessNow": "aggregates over the people who have a feature",
    "features.ReadinessChange": "history of a feature's scorecards",
    "features.FeatureExemption": "an exemption of a feature, across tenants",
    "features.GoNoGo": "a decision about a feature, across tenants",
    "features.SignOff": "part of a decision about a feature",
    "features.Certificate": "made to be shown to everybody",
    "features.PlanApproved": "a plan crosses tenants",
    "features.Surface": "a map of the product",
    "features.Elsewhere": "a map of the company: names and links, no record",
    "features.CoreProcess": "a map of the company: names of processes and tools, no record",
    "flags.FlagSetting": "how a flag set hashes, for every tenant",
    "flags.Flag": "one flag serves several tenants; its audience names them",
    "flags.FlagVersion": "history of a flag",
    "flags.Segment": "a group may span tenants",
    "flags.SegmentVersion": "history of a segment",
    "flags.Scheduled": "a change to come of a flag",
    "flags.PathBack": "a person is on a path of a flag, whatever the tenant; their words are in the case",
    "flags.Ruleset": "one ruleset serves every tenant",
    "flags.Serving": "which version a provider serves",
    "surveys.Survey": "a question, without answers",
    "surveys.FatigueRule": "one budget over all surveys",
    "surveys.LettersStopped": "a person is not written to, whatever the tenants",
    "surveys.AskingBudget": "a person is asked so often, whatever the tenants",
    "telemetry.Definition": "what is measured and why, for the whole company",
    "telemetry.Alert": "an objective is a feature's, across tenants",
    "telemetry.AlertEntry": "history of an alert",
    "telemetry.Silence": "holds back the pages of an objective",
    "telemetry.GuardrailState": "counters over the people of a stage, whatever their tenants",
    "telemetry.Erasure": "a person may work in several tenants; no name stays in it",
    "telemetry.Removal": "counts of rows, by data domain",
    "telemetry.StoredBaseline": "aggregates over the teams that will get a feature",
    "shadow.ClassMark": "a class of differences is a feature's, across tenants",
    "rollouts.Rollout": "a rollout crosses tenants stage by stage",
    "rollouts.PlanVersion": "the plan that decisions were made by",
    "rollouts.StageRun": "part of a rollout",
    "rollouts.DecisionRecord": "part of a rollout",
    "rollouts.EvidenceRecord": "aggregates over the people of a stage",
    "rollouts.GateReading": "aggregates over the people of a stage",
    "rollouts.TaskDone": "part of a rollout",
    "rollouts.Exemption": "part of a rollout",
    "rollouts.Freeze": "a freeze holds for the whole company",
    "rollouts.Fix": "part of a rollout",
    "rollouts.ForecastMade": "aggregates over the people of a stage",
    "rollouts.EntryAction": "part of a rollout",
    "rollouts.Checkpoint": "part of a rollout",
    "rollouts.Propagated": "how a ruleset version reached the providers",
    "comms.Notice": "a change is told to people of several tenants; it holds no record of one",
    "comms.ReleaseNote": "an edition is told in every tenant; each of its items names those that it concerns",
    "comms.ReleaseNoteVersion": "what an edition said; readers are shown the items of their tenants alone",
    "comms.TellingRule": "how people are told, for the whole company",
    "comms.HeadsUp": "a change is told to people of several tenants; it holds no record of one",
    "comms.ChangeMade": "a change of a flag or a group, which may span tenants",
    "playbooks.PlaybookVersion": "the company's own ways of doing things, for every tenant",
    "playbooks.SupportItem": "a feature is supported in the same way for every tenant",
    "playbooks.Drill": "a way back is practised for a feature or the whole system, across tenants",
    "playbooks.DrillRole": "part of a drill",
    "playbooks.DrillTick": "part of a drill",
    "playbooks.DrillFinding": "part of a drill; what it asks for is a case of a tenant",
    "comms.Reader": "a person is told of a change, whatever the tenant",
    "comms.Banner": "a banner is for people of several tenants; it holds no record of one",
    "comms.BannerSeen": "a person sees a banner, whatever the tenant",
    "live_sessions.Session": "people of several tenants come together; it holds no record of one",
    "live_sessions.Invited": "a person is asked to come, whatever the tenant",
    "live_sessions.Attendance": "a person was there, whatever the tenant",
    "live_sessions.SessionQuestion": "asked and answered before people of several tenants",
    "live_sessions.Material": "part of a session",
    "live_sessions.SessionChange": "history of a session",
    "live_sessions.FeedKey": "a person's calendar, whatever the tenants",
    "recognition.Standing": "a team stands towards a feature across tenants; counts, and nobody's name",
    "recognition.Badge": "a team's badge, made to be shown to everybody",
    "recognition.PilotCredit": "a team went first with a feature, whatever the tenants",
    "recognition.SpotlightVote": "a person has one vote a quarter, whatever the tenants",
    "recognition.Spotlight": "public suggestions alone are nominated",
    "recognition.SwagBudget": "one budget for the company",
    "recognition.Claim": "part of the company's budget",
    "recognition.LedgerEntry": "part of the company's budget",
    "sessions.Session": "Django's sign-in sessions",
    "contenttypes.ContentType": "Django's list of models",
}


class NoTenant(Exception):
    """Rows of a tenant were asked for without saying which tenant."""


class TenantQuerySet(models.QuerySet[Any]):
    """Rows of one tenant, or of all with a reason."""


class TenantManager(models.Manager[Any]):
    """Refuses to work until a tenant is named."""

    def get_queryset(self) -> TenantQuerySet:
        raise NoTenant(f"name the tenant: {self.model.__name__}.objects.of(tenant)")

    def of(self, tenant: str) -> TenantQuerySet:
        return TenantQuerySet(self.model, using=self._db).filter(tenant_id=tenant)

    def across_tenants(self, *, because: str) -> TenantQuerySet:
        """Return rows of every tenant. `because` is for the reader: who allowed it."""
        if not because:
            raise NoTenant("say why the rows of every tenant are needed")
        return TenantQuerySet(self.model, using=self._db)


class TenantOwned(models.Model):
    """A table whose rows belong to one tenant; unique keys start with it."""

    tenant = models.ForeignKey("platform.Tenant", on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[TenantManager] = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "all_rows"

    all_rows: ClassVar[models.Manager[Self]] = models.Manager()
