"""The instance's own signing key: made at first use, kept in its data directory, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from companyos.kernel.signing import SEED_BYTES

NAME = "signing.key"


class BrokenKey(Exception):
    """The key's file is not what was written once; the text says what to do."""


def signing_seed(folder: Path) -> bytes:
    """Return the seed of the instance's key. Raises BrokenKey when its file is damaged: no new one is made."""
    path = folder / NAME
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_bytes(SEED_BYTES).hex())
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        pass
    try:
        seed = bytes.fromhex(path.read_text().strip())
    except ValueError:
        seed = b""
    if len(seed) != SEED_BYTES:
        raise BrokenKey(
            f"{path} is damaged: nothing can be signed. Certificates made before verify. Restore it from a backup,"
            " or move it away to sign with a new key from now on."
        )
    return seed
