"""Chance without order: a draw is a hash of the seed and of what is drawn; equal seeds give equal runs."""

from __future__ import annotations

from hashlib import blake2b
from statistics import NormalDist
from struct import unpack

_NORMAL = NormalDist()
_UNIT = 2.0**-53
_NEVER_QUITE_ZERO = 1e-12
Eight = tuple[float, ...]


class Dice:
    """Draws named by words; the same seed and words give the same draw, whoever asks first."""

    __slots__ = ("_key",)

    def __init__(self, seed: int) -> None:
        self._key = blake2b(str(seed).encode(), digest_size=32).digest()

    def eight(self, *words: str) -> Eight:
        """Eight independent numbers, each at least 0 and below 1."""
        drawn = unpack("<8Q", self._hash(words, 64))
        return tuple([(number >> 11) * _UNIT for number in drawn])

    def one(self, *words: str) -> float:
        """A number at least 0 and below 1."""
        return float((int.from_bytes(self._hash(words, 8), "little") >> 11) * _UNIT)

    def uuid(self, *words: str) -> str:
        """An identifier in the form of a version 8 UUID (RFC 9562: made by the application's own rule)."""
        digits = self._hash(words, 16).hex()
        return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def _hash(self, words: tuple[str, ...], size: int) -> bytes:
        return blake2b("\x1f".join(words).encode(), digest_size=size, key=self._key).digest()


def log_normal(draw: float, *, median: float, sigma: float) -> float:
    """The value of a log-normal quantity at the probability `draw`."""
    return float(median * 2.718281828459045 ** (sigma * _NORMAL.inv_cdf(max(draw, _NEVER_QUITE_ZERO))))


def within(draw: float, low: float, high: float) -> float:
    """Spread a draw evenly from `low` to `high`."""
    return low + draw * (high - low)
