"""A ClickHouse server as far as its HTTP interface goes, for tests: chDB in a process of its own.

Each request gets a connection of its own, as the real one keeps nothing between requests. Not here: sessions,
compression, users and quotas, the native protocol, replication. Usage: clickhouse_front.py FOLDER; prints its port.
"""

from __future__ import annotations

import re
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import chdb

ABOUT_TRANSPORT = {
    "query", "database", "session_id", "query_id", "compress", "decompress", "wait_end_of_query", "buffer_size",
    "client_protocol_version", "enable_http_compression", "send_progress_in_http_headers",
    "http_headers_progress_interval_ms", "role", "default_format",
}  # fmt: skip
INSERT = re.compile(rb"\s*INSERT\s.*?\bFORMAT\s+(\w+)[ \t]*(?:\n|$)", re.DOTALL | re.IGNORECASE)
FORMAT = re.compile(r"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
CODE = re.compile(r"Code: (\d+)")


class Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    path_of_data = ""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if urlsplit(self.path).path == "/ping":
            self.answer(200, b"Ok.\n")
        else:
            self.do_POST()

    def do_POST(self) -> None:
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        statement = given.get("query", "").encode() + b"\n" + self.body()
        try:
            self.answer(200, *self.run(statement.strip(), given))
        except Exception as error:
            code = CODE.search(str(error))
            self.answer(500, str(error).encode(), code=code[1] if code else "1002")

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def run(self, statement: bytes, given: dict[str, str]) -> tuple[bytes, str]:
        connection = chdb.connect(self.path_of_data)
        try:
            for name, value in given.items():
                if name not in ABOUT_TRANSPORT and not name.startswith("param_"):
                    connection.query(f"SET {name} = '{value}'")
            if insert := INSERT.match(statement):
                return self.insert(connection, insert, statement[insert.end() :])
            text = statement.decode()
            named = FORMAT.search(text)
            text = text[: named.start()] if named else text
            form = named[1] if named else given.get("default_format", "TabSeparated")
            parameters = {name[6:]: value for name, value in given.items() if name.startswith("param_")}
            return bytes(connection.query(text, form, params=parameters or None).bytes() or b""), form
        finally:
            connection.close()

    def insert(self, connection: chdb.Connection, head: re.Match[bytes], rows: bytes) -> tuple[bytes, str]:
        with tempfile.NamedTemporaryFile() as file:
            file.write(rows)
            file.flush()
            into = head[0].decode()[: head.start(1)].rstrip()[: -len("FORMAT")]
            connection.query(f"{into} FROM INFILE '{file.name}' FORMAT {head[1].decode()}")
        return b"", "Native"

    def answer(self, status: int, body: bytes, form: str = "TabSeparated", code: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Format", form)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("X-ClickHouse-Summary", "{}")
        if code:
            self.send_header("X-ClickHouse-Exception-Code", code)
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    Front.path_of_data = str(Path(sys.argv[1]) / "chdb")
    held_open = chdb.connect(Front.path_of_data)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()
