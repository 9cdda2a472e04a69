"""Tests run on a data directory of their own."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

os.environ["COMPANYOS_DATA"] = tempfile.mkdtemp(prefix="companyos-tests-")
atexit.register(shutil.rmtree, os.environ["COMPANYOS_DATA"], ignore_errors=True)

settings.register_profile("companyos", deadline=None, print_blob=True)  # a busy machine is no fault
settings.load_profile("companyos")

SHARED = Path(__file__).parents[1].parent / "shared"


@pytest.fixture
def shared() -> Path:
    """Return the folder of real data beside the checkout, or skip."""
    if not SHARED.is_dir():
        pytest.skip("the folder `shared` with real data is not beside this checkout")
    return SHARED


@pytest.fixture(autouse=True)
def nothing_left_over() -> Iterator[None]:
    """No test meets the people whom the one before remembered, or the instance that it ran."""
    from companyos.platform.instance import instance, run_as
    from companyos.work.approvals.queries import forget_organisation

    before = instance()
    forget_organisation()
    yield
    run_as(before)


def pytest_collection_finish() -> None:
    """What was collected stays to the end: the garbage collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
