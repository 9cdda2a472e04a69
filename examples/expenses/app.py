"""A small Flask program of somebody else: who approves an expense? The new rule runs beside the old one.

    FLAGS_URL=http://127.0.0.1:8400 FLAGS_KEY=... flask --app examples/expenses/app run

`GET /approver?amount=120&team=sales&case=e-7` answers by the old rule, compares the new one in the background, and
tells CompanyOS. The flag `expenses-path` (off, shadow, dual-run, switched, reverse-shadow) moves authority; without
a server, or without the flag, the program runs in shadow, and what it found waits in the folder of `SPOOL`.
"""

from __future__ import annotations

import os
from typing import Any

from flask import Flask, Response, jsonify, request
from rules import new_approver, old_approver

from companyos_sdk import CompanyOSProvider, Flags, Telemetry
from companyos_sdk.shadow import Mode, Rules, Shadow, ThreadPool, Tolerance, flags_mode
from openfeature import api

URL, KEY = os.environ["FLAGS_URL"], os.environ["FLAGS_KEY"]

telemetry = Telemetry(URL, key=KEY, spool=os.environ.get("SPOOL"), every_seconds=0.2)
provider = CompanyOSProvider(URL, key=KEY, telemetry=telemetry)
api.set_provider(provider)  # in the background: the program serves at once, whether or not the server answers
shadow = Shadow(
    "expenses.approver",
    feature="expenses",
    flag="expenses-path",
    mode=flags_mode(Flags(provider), "expenses-path", default=Mode.SHADOW),
    telemetry=telemetry,
    version="2.0",
    pool=ThreadPool(timeout_seconds=1.0),
    rules=Rules(tolerance={"/limit": Tolerance(absolute=0.01)}, severity={"/approver": 5}),
)


def known(case: dict[str, Any]) -> dict[str, Any]:
    """What CompanyOS is told of a call."""
    return {
        "tenant": "corporate",
        "case": case["id"],
        "variant": "large" if case["amount"] > 100 else "small",
    }


approver = shadow.beside(new_approver, about=known)(old_approver)
app = Flask(__name__)


@app.get("/approver")
def asked() -> Response:
    said = request.args
    case = {
        "id": said.get("case", ""),
        "amount": said.get("amount", 0.0, float),
        "team": said.get("team", ""),
    }
    return jsonify(approver(case))


@app.get("/healthz")
def healthy() -> Response:
    return jsonify({**shadow.counts, **{f"events_{name}": n for name, n in telemetry.counts.items()}})
