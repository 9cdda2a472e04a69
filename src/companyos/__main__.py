"""`python -m companyos` is the same as `companyos`."""

from __future__ import annotations

from companyos.cli import main

main()
