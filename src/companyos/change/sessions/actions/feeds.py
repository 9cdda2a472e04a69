"""The link to a person's own calendar: a signed token, which a new one makes useless."""

from __future__ import annotations

from django.core.signing import BadSignature, Signer
from django.db.models import F

from companyos.change.sessions.actions.refusals import NotYours
from companyos.change.sessions.models import FeedKey
from companyos.people.identity import queries as identity

_SALT = "calendar of sessions"


def feed_key(person: str) -> str:
    """Return the token of a person's link; the same until they take a new one."""
    return Signer(salt=_SALT).sign(f"{person}.{_number(person)}")


def renew_feed(*, actor: str) -> str:
    """Give a person a new link; what held the old one reads nothing any more."""
    FeedKey.objects.get_or_create(pk=actor)
    FeedKey.objects.filter(pk=actor).update(number=F("number") + 1)
    return feed_key(actor)


def person_of_feed(token: str) -> str:
    """Return whose calendar a token opens. Raises NotYours for one that was replaced, or whose person has left."""
    try:
        person, _, number = Signer(salt=_SALT).unsign(token).rpartition(".")
    except BadSignature:
        raise NotYours("This link opens no calendar. Take yours from the page of sessions.") from None
    if number != str(_number(person)) or not any(each.slug == person for each in identity.everybody()):
        raise NotYours("This link is not valid any longer. Take a new one from the page of sessions.")
    return person


def _number(person: str) -> int:
    return FeedKey.objects.filter(pk=person).values_list("number", flat=True).first() or 0
