"""`companyos import-log`: a log of another system into requests and their steps, streamed."""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from companyos.cli.commands import Mistake
from companyos.cli.ground import standing_beside

_CHUNK = 256 * 1024
_GZIP = b"\x1f\x8b"
_MOST_UNPACKED = 8 * 2**30


def import_log(options: argparse.Namespace) -> int:
    """Import a log; 0 when every event is accounted for. Raises Mistake for a file that cannot be used."""
    began = time.monotonic()
    mapping_file = _document(options.mapping)
    options.data.mkdir(parents=True, exist_ok=True)
    with standing_beside(options.data):
        from companyos.work.approvals import actions
        from companyos.work.approvals.domain.log_mapping import BadMapping, mapping_from
        from companyos.work.approvals.domain.logs import BadLog, csv_traces, xes_traces

        rejects = options.rejects or Path(f"{options.log.name}.left-out.csv")
        try:
            mapping = mapping_from(mapping_file)
            with options.log.open("rb") as file, rejects.open("w", newline="", encoding="utf-8") as out:
                listed = csv.writer(out)
                listed.writerow(["case", "event", "at", "because"])
                chunks = _unpacked(file)
                is_csv = ".csv" in options.log.suffixes
                lines = io.TextIOWrapper(io.BufferedReader(_Readable(chunks)), "utf-8-sig", newline="")
                traces = csv_traces(lines, mapping.case) if is_csv else xes_traces(chunks)
                done = actions.import_log(
                    traces,
                    mapping,
                    source=_sha256(options.log),
                    tell=lambda left: listed.writerow([left.case, left.event, left.at, left.because]),
                )
        except OSError as error:
            raise Mistake(
                f"{options.log} cannot be read: {error}. What came before it was imported stays."
            ) from None
        except (EOFError, zlib.error, UnicodeDecodeError) as error:
            raise Mistake(
                f"{options.log} is damaged or cut off: {error}. Whole batches before that stay."
            ) from None
        except BadMapping as wrong:
            raise Mistake(
                f"the mapping {options.mapping} cannot be used; nothing was imported: {wrong}."
            ) from None
        except BadLog as wrong:
            raise Mistake(
                f"{options.log} cannot be read to its end: {wrong}. Whole batches before that stay;"
                " import the mended file again, cases are kept once."
            ) from None
        except actions.Refused as refusal:
            raise Mistake(str(refusal)) from None
    print(f"{done.cases:,} cases imported; {done.read:,} events read, {done.imported:,} imported.")
    for because, n in done.left_out.most_common(20):
        print(f"  {n:,} left out: {because}")
    print(f"Left out events are listed in {rejects}. {time.monotonic() - began:.1f} s.")
    return 0 if done.adds_up else 1


def _document(path: Path) -> Any:
    try:
        return YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, YAMLError, UnicodeDecodeError) as error:
        raise Mistake(f"the mapping {path} cannot be read: {error}") from None


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    packed = file.read(2) == _GZIP
    file.seek(0)
    stream: Any = gzip.GzipFile(fileobj=file) if packed else file
    total = 0
    while chunk := stream.read(_CHUNK):
        total += len(chunk)
        if total > _MOST_UNPACKED:
            raise Mistake(f"the log unpacks to more than {_MOST_UNPACKED // 2**30} GiB; split it.")
        yield chunk


class _Readable(io.RawIOBase):
    """Chunks as a file, so that CSV can be decoded as it comes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = next(self._chunks, b"")
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
