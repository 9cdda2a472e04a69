"""A document of sections as a PDF: A4, numbered pages, repeated heads of tables. Needs the extra `companyos[pdf]`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING, Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

if TYPE_CHECKING:
    from companyos.adoption.features.domain.document import Section
    from companyos.adoption.features.domain.document import Table as Rows

_INK, _QUIET, _LINE = colors.HexColor("#16181d"), colors.HexColor("#5b6270"), colors.HexColor("#d8dbe2")
_TEXT = ParagraphStyle("text", fontName="Vera", fontSize=8.5, leading=12, textColor=_INK, spaceAfter=4)
_CELL = ParagraphStyle("cell", parent=_TEXT, fontSize=7.5, leading=10, spaceAfter=0, splitLongWords=1)
_HEAD = ParagraphStyle("head", parent=_CELL, fontName="VeraBd", textColor=_QUIET)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName="VeraBd", fontSize=17, leading=22, spaceAfter=8)
_SECTION = ParagraphStyle(
    "section",
    parent=_TEXT,
    fontName="VeraBd",
    fontSize=11.5,
    leading=15,
    spaceBefore=12,
    spaceAfter=4,
    keepWithNext=1,
)
_MARGIN, _PADDING = 16 * mm, 9
_WIDTH = A4[0] - 2 * _MARGIN
_NARROWEST, _WIDEST = 30.0, 320.0


def pdf(title: str, sections: Iterable[Section]) -> bytes:
    """Return the document as PDF; equal sections give equal bytes."""
    _know_the_fonts()
    made = BytesIO()
    document = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title=title, author="CompanyOS", lang="en", invariant=1,
    )  # fmt: skip
    flow = [_words(title, _TITLE), *(each for n, s in enumerate(sections, 1) for each in _section(n, s))]

    def numbered(canvas: Any, page: Any) -> None:
        canvas.saveState()
        canvas.setFont("Vera", 7)
        canvas.setFillColor(_QUIET)
        canvas.drawString(_MARGIN, _MARGIN / 2, _sayable(title))
        canvas.drawRightString(A4[0] - _MARGIN, _MARGIN / 2, str(page.page))
        canvas.restoreState()

    document.build(flow, onFirstPage=numbered, onLaterPages=numbered)
    return made.getvalue()


def not_in_the_font(title: str, sections: Iterable[Section]) -> str:
    """Return the letters that the PDF can only show as a question mark."""
    _know_the_fonts()
    cells = (c for s in sections for t in s.tables for row in (t.head, *t.rows) for c in row)
    said = (title, *(words for s in sections for words in (s.title, *s.says)), *cells)
    unknown = {letter for words in said for letter in words if _shown(letter) == "?"} - {"?"}
    return "".join(sorted(unknown))


def _section(number: int, section: Section) -> Iterator[Flowable]:
    yield _words(f"{number}. {section.title}", _SECTION)
    for words in section.says:
        yield _words(words, _TEXT)
    for table in section.tables:
        yield _table(table) if table.rows else _words(table.empty, _TEXT)
        yield Spacer(1, 8)


def _table(table: Rows) -> Flowable:
    cells = [[_words(cell, _HEAD) for cell in table.head]]
    cells += [[_words(cell, _CELL) for cell in row] for row in table.rows]
    return Table(
        cells, colWidths=_widths(table), repeatRows=1, hAlign="LEFT",
        style=[
            ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.5, _LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 0), ("RIGHTPADDING", (0, 0), (-1, -1), _PADDING),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ],
    )  # fmt: skip


def _widths(table: Rows) -> list[float]:
    """No column is narrower than its longest word; the rest is shared by how much there is to say."""
    columns = list(zip(table.head, *table.rows, strict=True))
    longest = [
        max(_long(word, "VeraBd") for cell in column for word in (cell.split() or [""])) for column in columns
    ]
    least = [min(max(width + _PADDING + 1, _NARROWEST), _WIDTH / 2) for width in longest]
    wish = [min(max(_long(cell, "Vera") for cell in column) + _PADDING + 1, _WIDEST) for column in columns]
    more = [max(0.0, wanted - floor) for wanted, floor in zip(wish, least, strict=True)]
    left = max(0.0, _WIDTH - sum(least))
    scale = min(1.0, left / sum(more)) if sum(more) else 0.0
    widths = [floor + extra * scale for floor, extra in zip(least, more, strict=True)]
    return [width * _WIDTH / sum(widths) for width in widths]


def _long(words: str, font: str) -> float:
    return float(pdfmetrics.stringWidth(_sayable(words), font, _CELL.fontSize))


def _words(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(escape(_sayable(text)), style)


def _sayable(text: str) -> str:
    return "".join(map(_shown, text))


def _shown(letter: str) -> str:
    """A letter that the font has; else its base letter; else a question mark."""
    known = pdfmetrics.getFont("Vera").face.charToGlyph
    if ord(letter) in known or letter.isspace():
        return letter
    plain = "".join(each for each in unicodedata.normalize("NFKD", letter) if ord(each) in known)
    return {"→": "->", "✓": "yes"}.get(letter) or plain or "?"


def _know_the_fonts() -> None:
    for name in ("Vera", "VeraBd"):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
