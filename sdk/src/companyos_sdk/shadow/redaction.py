"""What leaves the process of an answer: secrets and people as fingerprints, long things cut, all within a bound."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from companyos_sdk.shadow.plain import Opaque
from companyos_sdk.shadow.rules import Path, fits

_SECRET_NAMES = re.compile(
    r"pass(word|wd|phrase)?$|secret|token|api_?key|authori[sz]ation|cookie|credential|private"
    r"|e?_?mail|phone|iban|card_?number|ssn|birth|address|full_?name|first_?name|last_?name",
    re.IGNORECASE,
)
_PERSONAL_TEXT = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+|(?<!\d)(?:\d[ -]?){13,19}(?!\d)|\+\d[\d ()-]{7,}\d")


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is hidden of an answer before it is stored.

    `paths` are patterns as in `Rules`; `names` fits names of fields. Mail addresses, card and phone numbers inside a
    text are hidden always. A fingerprint is a keyed hash, the same for the same value, so that it shows whether two
    hidden values differ; without a `salt` of your own, short values can be guessed by trying.
    """

    paths: tuple[str, ...] = ()
    names: re.Pattern[str] = _SECRET_NAMES
    salt: bytes = b"companyos-shadow"
    longest_text: int = 200
    most_items: int = 20
    most_bytes: int = 4_000
    own: Callable[[str, Any], Any] | None = field(
        default=None
    )  # (pointer's last step, value) -> what is stored

    def __call__(self, value: Any, path: Path = ()) -> Any:
        """Return what may be stored of a plain value at a path."""
        return self._within(self._shown(value, path))

    def fingerprint(self, value: Any) -> str:
        """Return 16 hexadecimal digits that stand for a plain value."""
        if isinstance(value, str) and len(value) > _LONGEST_HASHED:
            value = [value[:_LONGEST_HASHED], len(value)]
        text = json.dumps(value, sort_keys=True, default=_words, ensure_ascii=False)
        return hmac.new(self.salt, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]

    def _shown(self, value: Any, path: Path) -> Any:
        if self._is_hidden(path):
            return f"hidden {self.fingerprint(value)}"
        if isinstance(value, dict):
            shown = {k: self._shown(v, (*path, k)) for k, v in list(value.items())[: self.most_items]}
            return shown if len(value) <= self.most_items else {**shown, "…": f"{len(value)} fields"}
        if isinstance(value, list):
            rows = [self._shown(v, (*path, str(n))) for n, v in enumerate(value[: self.most_items])]
            return rows if len(value) <= self.most_items else [*rows, f"… {len(value)} in all"]
        if self.own is not None:
            value = self.own(path[-1] if path else "", value)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, bool | int | float | None):
            return value if value == value and value not in (_INF, -_INF) else str(value)
        return self._text(_words(value))

    def _text(self, text: str) -> str:
        head = text[: self.longest_text + 64]  # a hidden number may straddle the cut
        head = _PERSONAL_TEXT.sub(lambda found: f"hidden {self.fingerprint(found[0])}", head)
        if len(text) <= self.longest_text:
            return head
        return f"{head[: self.longest_text]}… {len(text)} signs, {self.fingerprint(text)}"

    def _is_hidden(self, path: Path) -> bool:
        """What lies below something hidden is hidden, too."""
        if any(self.names.search(step) for step in path):
            return True
        return any(fits(pattern, path[:n]) for pattern in self.paths for n in range(len(path) + 1))

    def _within(self, shown: Any) -> Any:
        size = len(json.dumps(shown, ensure_ascii=False, default=str))
        return shown if size <= self.most_bytes else f"… {size} bytes, {self.fingerprint(shown)}"


_INF = float("inf")
_LONGEST_HASHED = 100_000


def _words(value: Any) -> str:
    if isinstance(value, bytes):
        return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()[:16]}"
    if isinstance(value, Opaque):
        return f"{value.kind} {value.words}".strip()
    return str(value)
