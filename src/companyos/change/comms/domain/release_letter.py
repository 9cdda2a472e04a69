"""An edition as one reader's mail: as text, and as HTML in which nothing that somebody wrote is markup (R109)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from companyos.change.comms.domain.release_notes import Item
from companyos.change.comms.domain.types import Size

Marked = Callable[[str], str]  # Markdown made safe HTML


@dataclass(frozen=True, slots=True)
class Letter:
    """What one reader is sent. `home` is the address of this instance, before which a page of ours stands."""

    title: str
    introduction: str
    items: tuple[Item, ...]
    home: str
    page: str  # the note's
    choose: str  # where its reader chooses how they are written to


_CHOOSE = "You are told of changes in your tenants. How you are written to is your choice:"


def text_of(letter: Letter) -> str:
    parts = [letter.title, letter.introduction.strip()]
    for item in letter.items:
        parts.append("\n".join(filter(None, (_headline(item), item.words, _whole(item.link, letter.home)))))
    parts += [f"Read it in the app: {letter.home}{letter.page}", f"{_CHOOSE}\n{letter.home}{letter.choose}"]
    return "\n\n".join(filter(None, parts)) + "\n"


def html_of(letter: Letter, marked: Marked) -> str:
    """Return simple HTML that every mail program shows: headings, paragraphs, links."""
    style = "max-width:40rem;font-family:sans-serif;line-height:1.5"
    return f'<div style="{style}">{body_of(letter, marked)}</div>'


def body_of(letter: Letter, marked: Marked, *, top: int = 1) -> str:
    """Return what a mail's HTML says, its title as a heading of the level `top`."""
    items = "".join(_item(item, letter.home, marked, top + 1) for item in letter.items)
    page, choose = escape(letter.home + letter.page), escape(letter.home + letter.choose)
    return (
        f"<h{top}>{escape(letter.title)}</h{top}>{marked(letter.introduction)}{items}"
        f'<p><a href="{page}">Read it in the app</a></p><hr><p>{_CHOOSE} <a href="{choose}">{choose}</a></p>'
    )


def _item(item: Item, home: str, marked: Marked, level: int) -> str:
    link = escape(_whole(item.link, home))
    more = f'<p><a href="{link}">Read on</a></p>' if link else ""
    return f"<h{level}>{escape(_headline(item))}</h{level}>{marked(item.words)}{more}"


def _headline(item: Item) -> str:
    return f"{item.title} (major change)" if item.size is Size.MAJOR else item.title


def _whole(link: str, home: str) -> str:
    return f"{home}{link}" if link.startswith("/") else link
