"""On which path a person's request begins: as the feature's own flag says, looked up once a ruleset; back is old."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from companyos.adoption.flags import queries as flags

FLAG = "approvals.unified"


class UnifiedFor:
    """Tells who is on, in which tenant. `flag` need not be there: then nobody is."""

    def __init__(self, flag: str = FLAG) -> None:
        self._flag = flag
        self._lock = threading.Lock()
        self._version = -1
        self._cohort: Mapping[str, frozenset[str]] = {}

    def __call__(self, person: str, tenant: str) -> bool:
        version = flags.latest_version()
        with self._lock:
            if version != self._version:
                back = flags.who_is_back().get(self._flag, frozenset())
                self._cohort = {tenant: on - back for tenant, on in flags.cohort_of(self._flag).items()}
                self._version = version
            return person in self._cohort.get(tenant, ())
