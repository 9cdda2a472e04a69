"""Flags in a Python program through the stock OFREP provider: every evaluation is one request to the edge.

pip install openfeature-sdk openfeature-provider-ofrep
FLAGS_URL=https://flags.example FLAGS_KEY=... python ofrep.py
"""

from __future__ import annotations

import os

from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

from openfeature import api

provider = OFREPProvider(
    os.environ["FLAGS_URL"],
    headers_factory=lambda: {"Authorization": f"Bearer {os.environ['FLAGS_KEY']}"},
    timeout=2.0,
)
api.set_provider_and_wait(provider)
client = api.get_client()

for tenant in ("sales", "legal"):
    details = client.get_boolean_details(
        "unified-approvals", False, EvaluationContext("ada", {"tenant": tenant})
    )
    print(f"{tenant}: {details.value} ({details.variant}, {details.reason})")
missing = client.get_boolean_details("no-such-flag", True, EvaluationContext("ada"))
print(f"no-such-flag: {missing.value} ({missing.error_code})")
