"""Before anything else: one process a data directory, Django set up on it, its tables current."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def standing_beside(data: Path) -> Iterator[None]:
    """Set Django up on the data directory inside the block, whether or not an instance runs on it.

    Tables are brought up to date only where none runs. Raises Mistake where there is nothing yet.
    """
    if not data.is_dir():
        raise Mistake(f"there is no data directory {data}; name the instance's own with --data.")
    use_django(data)
    try:
        lock = FolderLock(data, "CompanyOS")
    except FolderInUse:
        yield
        return
    try:
        migrate()
        yield
    finally:
        lock.release()


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
    from django.db import DatabaseError

    from companyos.platform.new_database import is_new, make_every_table

    try:
        if is_new():
            make_every_table()
        call_command("migrate", verbosity=0, interactive=False)
    except ImproperlyConfigured as problem:
        raise Mistake(
            f"the database's driver cannot be loaded: {problem} For PostgreSQL install companyos[postgres]."
        ) from None
    except DatabaseError as problem:
        raise Mistake(
            f"the database cannot be used ({problem}). Nothing was changed, and what the edge has published stays."
            " Check COMPANYOS_DATABASE_URL, or restore the database from a backup; then start again."
        ) from None
