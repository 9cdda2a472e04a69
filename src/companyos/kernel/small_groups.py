"""Which groups of answers are too small to show, so that nobody's opinion can be read off a page.

Only for opinions: what work did is counted for everybody. Hiding one group alone would not hide it, as the
others and the total give it away; so a second is hidden with it (complementary suppression).
"""

from __future__ import annotations

from collections.abc import Mapping

LEAST_SHOWN = 5


def hidden_groups(sizes: Mapping[str, int], least: int = LEAST_SHOWN) -> frozenset[str]:
    """Return the groups to hide: those with fewer than `least` answers, and more until they hide each other.

    Groups without any answer have nothing to hide. The hidden groups together have at least `least` answers and
    are at least two, or everything is hidden.
    """
    asked = {name: n for name, n in sizes.items() if n > 0}
    hidden = {name for name, n in asked.items() if n < least}
    if not hidden:
        return frozenset()
    for name in sorted(asked.keys() - hidden, key=lambda each: (asked[each], each)):
        if len(hidden) > 1 and sum(asked[each] for each in hidden) >= least:
            break
        hidden.add(name)
    return frozenset(hidden)
