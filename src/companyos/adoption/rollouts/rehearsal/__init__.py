"""The driver of a rehearsal: it plays a company's people and software against a server, over HTTP alone.

Order of reading: `drive` (the lock step), `arrivals`, `work`, `people`, `report`.
"""

from __future__ import annotations
