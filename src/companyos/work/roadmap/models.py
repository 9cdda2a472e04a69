"""Tables of suggestions, councils and RFCs. Private to this room."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from companyos.platform.tenancy import TenantOwned


class VotingRule(models.Model):
    """How people vote. One row."""

    votes = models.PositiveSmallIntegerField()
    weights: models.JSONField[Any, Any] = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.votes} votes"


class TeamWeight(models.Model):
    """What a team's suggestions weigh more in the council's agenda until a moment. `key` names what it is for."""

    key = models.CharField(max_length=120, primary_key=True)
    team = models.SlugField()
    percent = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    because = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.team}: {self.percent} % more until {self.until:%d %b %Y}"


class Suggestion(TenantOwned):
    """What somebody suggests. Public in the company; a private one is seen by the members of its tenant alone."""

    id = models.UUIDField(primary_key=True)
    private = models.BooleanField(default=False)
    title = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    feature = models.SlugField(blank=True)
    author = models.SlugField()
    at = models.DateTimeField()
    place = models.CharField(max_length=16, default="new")
    version = models.PositiveIntegerField(default=0)
    fix = models.CharField(max_length=200, blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "id"], name="suggestion_of_tenant")
        ]

    def __str__(self) -> str:
        return self.title


class SuggestionMerge(TenantOwned):
    """One suggestion is carried by another, until somebody takes that back."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="+")
    into = models.UUIDField()
    because = models.TextField()
    by = models.SlugField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.SlugField(default="")

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "suggestion"], condition=models.Q(ended_at=None), name="carried_by_one"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["into"], condition=models.Q(ended_at=None), name="what_a_suggestion_carries")
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} into {self.into}"


class Vote(TenantOwned):
    """One person's vote; its tenant is that of the suggestion, `voter_tenant` that of the person."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="+")
    person = models.SlugField()
    voter_tenant = models.SlugField()
    at = models.DateTimeField()

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "suggestion", "person"], name="one_vote_each")
        ]

    def __str__(self) -> str:
        return f"{self.person} for {self.suggestion_id}"


class Voter(models.Model):
    """Voting swaps the version that the budget was judged by: of votes that race, none is beyond it."""

    person = models.SlugField(primary_key=True)
    version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.person


class Placed(TenantOwned):
    """One change of place with its reason. Never changed."""

    suggestion = models.ForeignKey(Suggestion, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    because = models.TextField()
    by = models.SlugField()
    at = models.DateTimeField()
    council = models.CharField(max_length=7, blank=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "suggestion", "version"], name="one_move_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} to {self.after}"


class VoterAnswer(TenantOwned):
    """What one voter was told of one change."""

    placed = models.ForeignKey(Placed, on_delete=models.CASCADE, related_name="+")
    person = models.SlugField(db_index=True)
    read_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "placed", "person"], name="each_voter_told_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} about {self.placed_id}"


class Council(models.Model):
    """The product council of a month, with its agenda as it was built."""

    month = models.CharField(max_length=7, primary_key=True)
    at = models.DateTimeField()
    by = models.SlugField()
    agenda: models.JSONField[Any, Any] = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.month


class Turn(models.Model):
    """A team's turn in a council, in the order of the rotation; a skipped one says why."""

    council = models.ForeignKey(Council, on_delete=models.CASCADE, related_name="turns")
    seat = models.PositiveSmallIntegerField()
    team = models.SlugField()
    skipped_because = models.TextField(blank=True)
    skipped_by = models.SlugField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["council", "seat"], name="one_team_a_seat"),
            models.UniqueConstraint(fields=["council", "team"], name="one_seat_a_team"),
        ]

    def __str__(self) -> str:
        return f"{self.team} in {self.council_id}"


class Rfc(models.Model):
    """A request for comments. Its number is its name for people."""

    number = models.PositiveIntegerField(primary_key=True)
    title = models.CharField(max_length=160)
    body = models.TextField(blank=True)
    author = models.SlugField()
    feature = models.SlugField(blank=True)
    state = models.CharField(max_length=16)
    version = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    closes_at = models.DateTimeField(null=True)
    is_window = models.BooleanField(default=False)
    window_of = models.SlugField(null=True, unique=True)  # noqa: DJ001 -- one window a feature, any number of others
    summary = models.TextField(blank=True)
    rationale = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"RFC {self.number}: {self.title}"


class RfcMove(models.Model):
    """One move of an RFC, or an extension of its window, with its reason."""

    rfc = models.ForeignKey(Rfc, on_delete=models.CASCADE, related_name="moves")
    version = models.PositiveIntegerField()
    before = models.CharField(max_length=16)
    after = models.CharField(max_length=16)
    because = models.TextField()
    by = models.SlugField()
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["rfc", "version"], name="one_rfc_move_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.rfc_id} to {self.after}"


class RfcReviewer(models.Model):
    """Somebody whose approval is required."""

    rfc = models.ForeignKey(Rfc, on_delete=models.CASCADE, related_name="reviewers")
    person = models.SlugField()
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["rfc", "person"], name="each_reviewer_once")]

    def __str__(self) -> str:
        return f"{self.person} of {self.rfc_id}"


class RfcComment(models.Model):
    """A comment on a line (0: on the whole); an answer names the comment it answers."""

    rfc = models.ForeignKey(Rfc, on_delete=models.CASCADE, related_name="comments")
    line = models.PositiveIntegerField(default=0)
    answers = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+")
    by = models.SlugField()
    at = models.DateTimeField()
    text = models.TextField()
    blocking = models.BooleanField(default=False)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.SlugField(blank=True)
    resolution = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.by} on {self.rfc_id}"
