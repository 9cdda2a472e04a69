"""Millions of digests in the memory they need: 60 bits to 60 bits, about 30 bytes an entry where a dict takes 110."""

from __future__ import annotations

from array import array

_FEWEST_PLACES = 16
_SHARDS = 4096  # a power of two; each holds a four-thousandth, so that growing one is soon done
_SHARD_MASK = _SHARDS - 1
_PLACE_SHIFT = _SHARDS.bit_length() - 2  # what of a key is its place, times two
_EARNED_AT_A_CALL = 4  # entries


class Digests:
    """A map of numbers but 0 to numbers but 0. Entries whose value is below `floor` count no more.

    Open addressing with linear probing (Knuth, The Art of Computer Programming 3, 6.4), each value beside its key.
    Nothing is taken out of its place; what no longer counts goes when its shard is made anew. Shards fill to different
    degrees before they grow, so that they do not all grow at once.
    """

    def __init__(self, floor: int = 1) -> None:
        self.floor = floor
        self._shards = [_empty(_FEWEST_PLACES) for _ in range(_SHARDS)]
        self._used = array("Q", bytes(8 * _SHARDS))
        self._full_at = array("Q", (_fills_at(shard, _FEWEST_PLACES) for shard in range(_SHARDS)))
        self._swept = _SHARDS
        self._earned = 0

    def known_or(self, key: int, value: int) -> int:
        """Return what is known of `key`; if nothing, or it counts no more, remember `value` and return 0."""
        shard = key & _SHARD_MASK
        pairs = self._shards[shard]
        mask = len(pairs) - 2
        at = key >> _PLACE_SHIFT & mask
        while (known := pairs[at]) != key:
            if not known:
                pairs[at], pairs[at + 1] = key, value
                self._used[shard] += 1
                if self._used[shard] >= self._full_at[shard]:
                    self._make_anew(shard)
                return 0
            at = at + 2 & mask
        held = pairs[at + 1]
        if held >= self.floor:
            return held
        pairs[at + 1] = value
        return 0

    def put(self, key: int, value: int) -> None:
        if self.known_or(key, value):
            pairs = self._shards[key & _SHARD_MASK]
            mask = len(pairs) - 2
            at = key >> _PLACE_SHIFT & mask
            while pairs[at] != key:
                at = at + 2 & mask
            pairs[at + 1] = value

    def raise_floor(self, floor: int) -> None:
        """Some entries have ended: from now on `sweep` gives their memory back."""
        self.floor = floor
        self._swept = 0

    def sweep(self, calls: int) -> None:
        """Make the next shards anew as `calls` have earned it, so that each call costs about the same."""
        if self._swept == _SHARDS:
            return
        self._earned += calls * _EARNED_AT_A_CALL
        while self._swept < _SHARDS and self._earned >= (used := self._used[self._swept]):
            self._make_anew(self._swept)
            self._earned, self._swept = self._earned - max(used, 1), self._swept + 1

    def __len__(self) -> int:
        return sum(self._used)

    def _make_anew(self, shard: int) -> None:
        """Take over what still counts, into as many places as that needs."""
        held, floor = self._shards[shard], self.floor
        living = [pair for pair in zip(held[::2], held[1::2], strict=True) if pair[1] >= floor]
        places = _FEWEST_PLACES
        while len(living) >= 0.75 * _fills_at(shard, places):
            places *= 2
        pairs = self._shards[shard] = _empty(places)
        mask = len(pairs) - 2
        for key, value in living:
            at = key >> _PLACE_SHIFT & mask
            while pairs[at]:
                at = at + 2 & mask
            pairs[at], pairs[at + 1] = key, value
        self._used[shard], self._full_at[shard] = len(living), _fills_at(shard, places)


def _empty(places: int) -> array[int]:
    return array("Q", bytes(16 * places))


def _fills_at(shard: int, places: int) -> int:
    return int(places * (0.5 + 0.25 * shard / _SHARDS))
