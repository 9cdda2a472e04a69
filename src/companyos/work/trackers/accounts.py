"""Who we are at each tracker: a file beside the data, readable by its owner alone. No token comes into the database."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

from django.conf import settings

from companyos.work.trackers.domain.known import KINDS
from companyos.work.trackers.domain.types import Account


class NoAccount(Exception):
    """There is no usable account; the text says what to put where."""


def accounts() -> dict[str, Account]:
    """Return the accounts by name; none where there is no file. Raises NoAccount for a file that cannot be used."""
    return {name: _account(name, told) for name, told in _file().get("accounts", {}).items()}


def account(name: str) -> Account:
    found = accounts().get(name)
    if found is None:
        raise NoAccount(f"The account {name!r} is not in {_path()}. Put it there again.")
    return found


def person_of(name: str, login: str) -> str:
    """Return who of the company a login is, as the file says; empty for somebody we do not know."""
    return str(_file().get("people", {}).get(name, {}).get(login, ""))


def _path() -> Path:
    return Path(settings.TRACKERS_FILE)


def _file() -> dict[str, Any]:
    path = _path()
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise NoAccount(f"{path} holds tokens and may be read by others: chmod 600 {path}")
        told = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise NoAccount(f"{path} cannot be read: {error}") from None
    return told if isinstance(told, dict) else {}


def _account(name: str, told: Any) -> Account:
    kind = str(told.get("kind", name)) if isinstance(told, dict) else ""
    if kind not in KINDS or not told.get("token") or not told.get("secret"):
        raise NoAccount(
            f"{_path()}: the account {name!r} needs a kind ({', '.join(KINDS)}), a token and a secret."
        )
    url = str(told.get("url") or KINDS[kind].default_url).rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise NoAccount(
            f"{_path()}: the account {name!r} needs the address of its {KINDS[kind].title} as url."
        )
    return Account(name, kind, url, str(told["token"]), str(told["secret"]), str(told.get("login", "")))
