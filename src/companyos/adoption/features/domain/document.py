"""A document of sections with tables, as Markdown or as a page that stands alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import unified_diff
from html import escape


@dataclass(frozen=True, slots=True)
class Table:
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "Nothing yet."


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    says: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


def markdown(title: str, sections: Iterable[Section]) -> str:
    """Return the document as Markdown; equal sections give equal bytes."""
    lines = [f"# {title}", ""]
    for number, section in enumerate(sections, 1):
        lines += [f"## {number}. {section.title}", ""]
        for words in section.says:
            lines += [words, ""]
        for table in section.tables:
            lines += [*_table(table), ""]
    return "\n".join(lines).rstrip() + "\n"


def page(title: str, sections: Iterable[Section]) -> str:
    """Return the document as one HTML page without anything from elsewhere."""
    parts = [
        "<!doctype html>", '<html lang="en"><head><meta charset="utf-8">', f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style></head><body><main>", f"<h1>{escape(title)}</h1>",
    ]  # fmt: skip
    for number, section in enumerate(sections, 1):
        parts.append(f"<section><h2>{number}. {escape(section.title)}</h2>")
        parts += [f"<p>{escape(words)}</p>" for words in section.says]
        parts += [_html(table) for table in section.tables]
        parts.append("</section>")
    return "\n".join([*parts, "</main></body></html>"]) + "\n"


def changes(before: str, after: str) -> tuple[str, ...]:
    """Return the lines that were added (+) and taken away (-), without context."""
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return tuple(
        line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"} and line[1:].strip()
    )


def _table(table: Table) -> Iterator[str]:
    if not table.rows:
        yield table.empty
        return
    yield "| " + " | ".join(table.head) + " |"
    yield "|" + "---|" * len(table.head)
    for row in table.rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def _html(table: Table) -> str:
    if not table.rows:
        return f"<p>{escape(table.empty)}</p>"
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in table.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;color:#16181d;margin:0}"
    "main{max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.9rem}"
    "th,td{text-align:start;vertical-align:top;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #d8dbe2}"
    "h2{margin-top:2rem}@page{margin:15mm}tr,section>h2{break-inside:avoid}"
)
