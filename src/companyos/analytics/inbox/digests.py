"""Millions of digests in the memory they need: 60 bits to 60 bits, about 30 bytes an entry where a dict takes 110."""

from __future__ import annotations

from array import array
from collections.abc import Callable

_FEWEST_PLACES = 16
_SHARDS = 4096  # a power of two; each holds a four-thousandth, so that growing one is soon done
_SHARD_BITS = _SHARDS.bit_length() - 1
_SHARD_MASK = _SHARDS - 1
_EARNED_AT_A_CALL = 4  # entries

Lives = Callable[[int], bool]


class Digests:
    """A map of numbers but 0 to numbers but 0. Entries end by their value: `lives` says which still count.

    Open addressing with linear probing (Knuth, The Art of Computer Programming 3, 6.4). Nothing is taken out of its
    place; what no longer lives goes when its shard is made anew. Shards fill to different degrees before they grow,
    so that they do not all grow at once.
    """

    def __init__(self, lives: Lives) -> None:
        self._shards = [_Shard(lives, 0.5 + 0.25 * number / _SHARDS) for number in range(_SHARDS)]
        self._swept = _SHARDS
        self._earned = 0

    def known_or(self, key: int, value: int) -> int:
        """Return what is known of `key`; if nothing, remember `value` and return 0."""
        return self._shards[key & _SHARD_MASK].known_or(key, value)

    def put(self, key: int, value: int) -> None:
        self._shards[key & _SHARD_MASK].put(key, value)

    def begin_to_sweep(self) -> None:
        """Something has ended: from now on `sweep` gives its memory back."""
        self._swept = 0

    def sweep(self) -> None:
        """Make the next shard anew once enough calls have earned it, so that each call costs about the same."""
        if self._swept == _SHARDS:
            return
        self._earned += _EARNED_AT_A_CALL
        shard = self._shards[self._swept]
        if self._earned >= shard.used:
            shard.make_anew()
            self._earned, self._swept = 0, self._swept + 1

    def __len__(self) -> int:
        return sum(shard.used for shard in self._shards)


class _Shard:
    __slots__ = ("_full_at", "_keys", "_lives", "_load", "_mask", "_values", "used")

    def __init__(self, lives: Lives, load: float) -> None:
        self._lives, self._load = lives, load
        self._empty(_FEWEST_PLACES)

    def known_or(self, key: int, value: int) -> int:
        keys, mask = self._keys, self._mask
        place = key >> _SHARD_BITS & mask
        while (known := keys[place]) != key:
            if not known:
                keys[place] = key
                self._values[place] = value
                self.used += 1
                if self.used >= self._full_at:
                    self.make_anew()
                return 0
            place = place + 1 & mask
        return self._values[place]

    def put(self, key: int, value: int) -> None:
        if self.known_or(key, value):
            keys, mask = self._keys, self._mask
            place = key >> _SHARD_BITS & mask
            while keys[place] != key:
                place = place + 1 & mask
            self._values[place] = value

    def make_anew(self) -> None:
        """Take over what lives, into as many places as that needs."""
        entries = zip(self._keys, self._values, strict=True)
        living = [(key, value) for key, value in entries if key and self._lives(value)]
        places = _FEWEST_PLACES
        while len(living) >= places * self._load * 0.75:
            places *= 2
        self._empty(places)
        keys, values, mask = self._keys, self._values, self._mask
        for key, value in living:
            place = key >> _SHARD_BITS & mask
            while keys[place]:
                place = place + 1 & mask
            keys[place], values[place] = key, value
        self.used = len(living)

    def _empty(self, places: int) -> None:
        self._keys, self._values = array("Q", bytes(8 * places)), array("Q", bytes(8 * places))
        self._mask, self._full_at, self.used = places - 1, int(places * self._load), 0
