"""The adoption plan as a PDF: whole, the same for the same, and honest about letters it has not (R122)."""

from __future__ import annotations

import re
import zlib

import pytest

from companyos.adoption.features.domain.document import Section, Table

plan_pdf = pytest.importorskip("companyos.cli.plan_pdf", reason="a PDF needs companyos[pdf]")
LONG = Table(("Row", "State"), tuple((f"row {n}", "passed <b>& more</b>") for n in range(120)))
SECTIONS = (
    Section("Objectives", ("Said by Zeynep Yılmaz, ≥ 95 %.",), (LONG, Table(("A",), (), "Nothing yet."))),
    Section("One long word", (), (Table(("X", "Y", "Z"), (("x" * 400, "y", "z"),)),)),
)


def test_a_plan_becomes_pages_and_equal_plans_equal_bytes() -> None:
    made = plan_pdf.pdf("Adoption plan: <Fast & lane>", SECTIONS)
    assert made.startswith(b"%PDF-")
    assert int(re.findall(rb"/Count (\d+)", made)[0]) >= 3
    assert made == plan_pdf.pdf("Adoption plan: <Fast & lane>", SECTIONS)


def test_letters_that_the_font_has_not_are_told() -> None:
    assert plan_pdf.not_in_the_font("Plan", SECTIONS) == ""
    assert plan_pdf.not_in_the_font("План", ()) == "Палн"
    assert plan_pdf.pdf("План → ę", ())  # a base letter, an arrow of two signs, question marks


def test_nothing_in_the_file_is_run_by_a_reader() -> None:
    streams = b"".join(_unpacked(plan_pdf.pdf("x", SECTIONS)))
    assert not [word for word in (b"/JavaScript", b"/Launch", b"/URI") if word in streams]


def _unpacked(made: bytes) -> list[bytes]:
    found = [made]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", made, re.S):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return found
