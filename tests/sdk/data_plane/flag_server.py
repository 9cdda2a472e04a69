"""A small server of flagd documents that can be told to misbehave. `python flag_server.py FOLDER PORT`.

What it does stands in FOLDER/control.json and is read anew at every request: the version to serve and the mode.
What it is told goes to FOLDER/events.jsonl and FOLDER/serving.jsonl.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FLAGS = 8
KEY = "key-of-the-program"


def document(version: int, flag_set: str = "companyos") -> dict[str, Any]:
    """Every flag's value is the version, so that an answer tells where it is from."""
    rule = {"if": [{"in": [{"var": "tenant"}, ["sales"]]}, "on", "off"]}
    flags: dict[str, Any] = {
        f"number-{i}": {"state": "ENABLED", "variants": {"here": version}, "defaultVariant": "here"}
        for i in range(FLAGS)
    }
    flags["text"] = {"state": "ENABLED", "variants": {"v": f"version {version}"}, "defaultVariant": "v"}
    flags["approvals"] = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off",
        "targeting": rule,
    }
    return {"flags": flags, "metadata": {"flagSetId": flag_set, "version": version, "fractional": "v2"}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder: Path

    def log_message(self, *args: Any) -> None:
        return

    def control(self) -> dict[str, Any]:
        control: dict[str, Any] = json.loads((self.folder / "control.json").read_text())
        return control

    def do_GET(self) -> None:
        control = self.control()
        self.note(
            "requests", {"path": self.path, "at": time.time(), "etag": self.headers.get("if-none-match")}
        )
        if self.headers.get("authorization") != f"Bearer {KEY}":
            return self.answer(401, b"{}")
        if self.path == "/ofrep/v1/sse":
            return self.stream(control)
        mode = getattr(self, "do_" + control["mode"].replace("-", "_"))
        mode(control["version"])
        return None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        control = self.control()
        if self.path == "/v1/serving":
            self.note("serving", json.loads(body))
            return self.answer(202, b"{}")
        status = control.get("events", 202)
        tenants = {event["tenant"] for event in json.loads(body)["events"]}
        if status == 202 and "foreign" in tenants:
            status = 403
        if status == 202:
            for event in json.loads(body)["events"]:
                self.note("events", event)
        return self.answer(status, b'{"quarantined": []}')

    # -- modes -------------------------------------------------------------------------------------------------

    def do_good(self, version: int) -> None:
        etag = f'"{version}"'
        if self.headers.get("if-none-match") == etag:
            return self.answer(304, b"", etag)
        return self.answer(200, json.dumps(document(version)).encode(), etag)

    def do_500(self, version: int) -> None:
        self.answer(500, b"oops")

    def do_busy(self, version: int) -> None:
        self.answer(429, b"", None, retry_after="1")

    def do_garbage(self, version: int) -> None:
        self.answer(200, b"\x00\xff<html>" * 1000, f'"{version + 7}"')

    def do_not_flags(self, version: int) -> None:
        self.answer(
            200, json.dumps({"flags": {"text": 1}, "metadata": {"version": version + 7}}).encode(), '"x"'
        )

    def do_truncated(self, version: int) -> None:
        body = json.dumps(document(version + 7)).encode()
        self.answer(200, body[: len(body) // 2], f'"{version + 7}"')

    def do_cut_off(self, version: int) -> None:
        body = json.dumps(document(version + 7)).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2])
        self.close_connection = True

    def do_older(self, version: int) -> None:
        self.answer(200, json.dumps(document(max(version - 1, 1))).encode(), f'"{version + 7}"')

    def do_versionless(self, version: int) -> None:
        self.answer(200, json.dumps({"flags": document(version + 7)["flags"]}).encode(), '"7"')

    def do_other_set(self, version: int) -> None:
        self.answer(200, json.dumps(document(version + 7, "other")).encode(), '"7"')

    def do_always_unchanged(self, version: int) -> None:
        self.answer(304, b"", '"whatever"')

    def do_same_etag(self, version: int) -> None:
        """Every version under one ETag: asked for with it, nothing ever seems to change."""
        if self.headers.get("if-none-match") == '"same"':
            return self.answer(304, b"", '"same"')
        return self.answer(200, json.dumps(document(version)).encode(), '"same"')

    def do_black_hole(self, version: int) -> None:
        time.sleep(3600)

    def do_drip(self, version: int) -> None:
        self.send_response(200)
        self.send_header("content-length", "100000")
        self.end_headers()
        while True:
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    # -- plumbing ----------------------------------------------------------------------------------------------

    def stream(self, control: dict[str, Any]) -> None:
        if control.get("stream") == "none":
            return self.answer(404, b"{}")
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.close_connection = True
        if control.get("stream") == "garbage":
            self.wfile.write(b"\xff" * 200_000)
            return None
        told = 0
        while True:
            version = self.control()["version"] + (1000 if control.get("stream") == "ahead" else 0)
            if version != told:
                told = version
                data = json.dumps({"type": "refetchEvaluation", "etag": f'"{told}"', "version": told})
                self.wfile.write(f"id: {told}\nevent: message\ndata: {data}\n\n".encode())
                self.wfile.flush()
            time.sleep(0.005)

    def answer(
        self, status: int, body: bytes, etag: str | None = None, *, retry_after: str | None = None
    ) -> None:
        self.send_response(status)
        if etag is not None:
            self.send_header("etag", etag)
        if retry_after is not None:
            self.send_header("retry-after", retry_after)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def note(self, name: str, row: Any) -> None:
        with _writing, (self.folder / f"{name}.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


_writing = threading.Lock()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, *args: Any) -> None:
        return


def main(folder: Path, port: int) -> None:
    Handler.folder = folder
    server = Server(("127.0.0.1", port), Handler)
    (folder / "up").touch()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
