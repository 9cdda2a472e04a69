"""What the search shows."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.surfaces.console.search.matching import Group


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What fits the words. Context name: `page`."""

    words: str
    groups: tuple[Group, ...]

    @property
    def count(self) -> int:
        return sum(len(group.entries) for group in self.groups)
