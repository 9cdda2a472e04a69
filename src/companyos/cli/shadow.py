"""`companyos shadow reconcile`: two exports of the same cases, held side by side; needs no running instance."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from companyos.cli.commands import Mistake
from companyos_sdk.shadow.reconcile import Map, Reconciled, Unreadable, reconcile

_SHOWN = 10


def reconcile_files(options: argparse.Namespace) -> int:
    """Print what differs and write the report, if asked for; 0 when nothing differs, 1 otherwise."""
    try:
        said = Map.read(options.map) if options.map else Map()
        found = reconcile(options.control, options.candidate, key=options.key, columns=said)
    except Unreadable as problem:
        raise Mistake(f"{problem}. Nothing was compared.") from None
    for line in _lines(found):
        print(line)
    if options.report:
        options.report.write_text(json.dumps(_document(found), indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0 if found.is_equal else 1


def _lines(found: Reconciled) -> list[str]:
    same = found.compared - found.different
    lines = [
        f"{found.compared:,} rows compared: {same:,} are the same, {found.different:,} differ.",
        f"{found.only_control:,} only in control, {found.only_candidate:,} only in the candidate.",
    ]
    if found.repeated:
        lines.append(
            f"{found.repeated:,} keys appear more than once; their rows were compared in their order."
        )
    if found.not_compared:
        lines.append(f"Not compared: {', '.join(found.not_compared)}.")
    for columns, known in found.ranked()[:_SHOWN]:
        lines.append(f"  {known.count:>9,}  {', '.join(columns)}")
        for example in known.examples[:1]:
            lines += [
                f"             {example['key']}: {name} {sides['control']!r} or {sides['candidate']!r}"
                for name, sides in example["columns"].items()
            ]
    if len(found.classes) > _SHOWN:
        lines.append(f"  and {len(found.classes) - _SHOWN} classes more; --report FILE holds them all.")
    return lines


def _document(found: Reconciled) -> dict[str, Any]:
    return {
        "compared": found.compared,
        "different": found.different,
        "only_control": found.only_control,
        "only_candidate": found.only_candidate,
        "repeated_keys": found.repeated,
        "not_compared": list(found.not_compared),
        "columns": dict(found.columns.most_common()),
        "classes": [
            {"columns": list(columns), "count": known.count, "examples": known.examples}
            for columns, known in found.ranked()
        ],
        "missing_keys": found.missing_keys,
        "added_keys": found.added_keys,
    }


def add_arguments(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `shadow reconcile` to the command line."""
    shadow = commands.add_parser("shadow", help="compare an old path with a new one")
    does = shadow.add_subparsers(required=True, dest="does")
    parser = does.add_parser("reconcile", help="compare two CSV exports by their key, of any size")
    parser.add_argument("--control", type=Path, required=True, help="the old path's export")
    parser.add_argument("--candidate", type=Path, required=True, help="the new path's export")
    parser.add_argument("--key", required=True, help="the column that identifies a case, as control calls it")
    parser.add_argument("--map", type=Path, help="JSON: columns, tolerances, what to ignore (docs/shadow.md)")
    parser.add_argument("--report", type=Path, help="write the whole report as JSON")
    parser.set_defaults(command=reconcile_files)
