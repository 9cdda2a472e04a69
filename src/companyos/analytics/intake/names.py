"""Other people's names, written as ours: event names, slugs, ids. What changes is kept beside it in the props."""

from __future__ import annotations

import re
from hashlib import blake2b

_NOT_IN_NAMES = re.compile(r"[^a-z0-9_.$-]+")
_NOT_IN_SLUGS = re.compile(r"[^a-z0-9-]+")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_ID = re.compile(r"[^\x00-\x1f\x7f]{8,64}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST, _LONGEST_REFERENCE = 64, 200


def name_of(text: str) -> str:
    """An event's name in small letters and underscores. Two long or foreign names never fall together."""
    name = _NOT_IN_NAMES.sub("_", text.strip().lower())
    if len(name) <= _LONGEST and name.strip("_"):
        return name
    return f"{name.strip('_')[:50] or 'unnamed'}_{_short_hash(text)}"


def slug_of(text: str) -> str:
    """A slug, or nothing where no letter is left."""
    return _NOT_IN_SLUGS.sub("-", text.strip().lower()).strip("-")[:_LONGEST].strip("-")


def is_slug(text: object) -> bool:
    return isinstance(text, str) and _SLUG.fullmatch(text) is not None


def is_name(text: object) -> bool:
    return isinstance(text, str) and 0 < len(text) <= _LONGEST and not _NOT_IN_NAMES.search(text)


def is_reference(text: object) -> bool:
    return isinstance(text, str) and len(text) <= _LONGEST_REFERENCE and not _UNPRINTABLE.search(text)


def id_from(text: object) -> str:
    """The sender's own id when it can be one of ours, else nothing."""
    return text if isinstance(text, str) and _ID.fullmatch(text) else ""


def id_of(*parts: object) -> str:
    """An id made of what identifies an event, so that sending it again gives the same id."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return blake2b(text, digest_size=16).hexdigest()


def _short_hash(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
