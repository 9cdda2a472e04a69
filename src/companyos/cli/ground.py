"""Before anything else: one process a data directory, Django set up on it, its tables current."""

from __future__ import annotations

import os
from pathlib import Path

from companyos.analytics.folder_lock import FolderInUse, FolderLock
from companyos.cli.commands import Mistake


def stand_on(data: Path) -> FolderLock:
    """Lock the data directory and set Django up on it. Raises Mistake when another process holds it."""
    data.mkdir(parents=True, exist_ok=True)
    try:
        lock = FolderLock(data, "CompanyOS")
    except FolderInUse as in_use:
        raise Mistake(f"{in_use} Stop the other one, or give this one its own --data.") from None
    use_django(data)
    migrate()
    return lock


def use_django(data: Path) -> None:
    """Point Django at the data directory. Once a process."""
    os.environ["COMPANYOS_DATA"] = str(data.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "companyos.settings")
    import django

    django.setup()


def migrate() -> None:
    """Bring the tables up to date. Raises Mistake when the database cannot be used."""
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import call_command
    from django.db.utils import OperationalError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except ImproperlyConfigured as problem:
        raise Mistake(
            f"the database's driver cannot be loaded: {problem} For PostgreSQL install companyos[postgres]."
        ) from None
    except OperationalError as problem:
        raise Mistake(
            f"the database cannot be used; nothing was changed. Check COMPANYOS_DATABASE_URL. {problem}"
        ) from None
