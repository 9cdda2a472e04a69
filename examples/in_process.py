"""Flags in a Python program through our own provider: evaluated in this process, pushed by the edge, never failing.

pip install companyos-sdk
FLAGS_URL=https://flags.example FLAGS_KEY=... python in_process.py
"""

from __future__ import annotations

import os
from threading import Event

from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEvent

from companyos_sdk import CompanyOSProvider, Flags, Telemetry
from openfeature import api

url, key = os.environ["FLAGS_URL"], os.environ["FLAGS_KEY"]
telemetry = Telemetry(url, key=key, spool="var/companyos/events")  # tells who met which variant, once
provider = CompanyOSProvider(url, key=key, bootstrap="var/companyos/flags.json", telemetry=telemetry)
api.set_provider_and_wait(provider)

# The stock client ...
client = api.get_client()
for tenant in ("sales", "legal"):
    details = client.get_boolean_details(
        "unified-approvals", False, EvaluationContext("ada", {"tenant": tenant})
    )
    print(f"{tenant}: {details.value} ({details.variant}, {details.reason})")

# ... and the short way, for where a microsecond counts.
flags = Flags(provider, hook=telemetry.exposed)
print(f"sales again: {flags.boolean('unified-approvals', False, {'targetingKey': 'ada', 'tenant': 'sales'})}")

changed = Event()
client.add_handler(ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, lambda _details: changed.set())
print("waiting for a change", flush=True)
changed.wait()
print(f"legal: {flags.boolean('unified-approvals', False, {'targetingKey': 'ada', 'tenant': 'legal'})}")
api.shutdown()
