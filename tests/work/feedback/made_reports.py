"""Made-up reports of three squads, for what learns."""

from __future__ import annotations

from random import Random

WORDS = {
    "approvals-squad": ["approval", "approver", "expense", "chain", "delegate", "stuck"],
    "sre": ["pager", "latency", "disk", "restart", "memory", "timeout"],
    "support": ["ticket", "macro", "article", "customer", "reply", "inbox"],
}
EVERYBODY = ["the", "page", "does", "not", "work", "again", "since", "monday", "please", "look"]


def reports(n: int, seed: int = 7) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return made-up reports of three squads, each with two words of its own among words of everybody."""
    rng, texts, labels = Random(seed), [], []
    for number in range(n):
        squad = list(WORDS)[number % 3]
        own = rng.sample(WORDS[squad], 2)
        words = own + rng.sample(EVERYBODY, 5)
        rng.shuffle(words)
        texts.append((" ".join(words[:4]), " ".join(words[4:])))
        labels.append(squad)
    return texts, labels
