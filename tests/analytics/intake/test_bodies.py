"""Bodies are unwrapped by what they hold, and never beyond their bound."""

from __future__ import annotations

import base64
import gzip
import tracemalloc
import zlib
from urllib.parse import urlencode

import pytest

from companyos.analytics.intake.bodies import BodyRefused, unpacked, unwrapped
from companyos.analytics.loose import Unreadable

TEXT = b'{"event":"a+b \xc3\xa4"}'
BASE64 = base64.b64encode(TEXT)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (TEXT, b""),
        (b"  " + TEXT, b"identity"),
        (gzip.compress(TEXT, mtime=0), b""),
        (gzip.compress(TEXT, mtime=0), b"gzip"),
        (zlib.compress(TEXT), b"deflate"),
        (TEXT, b"gzip"),  # announced, and yet plain
        (BASE64, b""),
        (BASE64.rstrip(b"="), b""),
        (base64.b64encode(gzip.compress(TEXT, mtime=0)), b""),
        (urlencode({"data": BASE64}).encode(), b""),
        (b"data=" + BASE64, b""),
        (urlencode({"data": TEXT}).encode(), b""),
        (urlencode({"compression": "base64", "data": BASE64}).encode(), b""),
        (gzip.compress(urlencode({"data": BASE64}).encode(), mtime=0), b""),
    ],
)
def test_the_json_is_found_inside(body: bytes, encoding: bytes) -> None:
    assert unwrapped(body, encoding).strip() == TEXT


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"?",
        b"data=",
        b"not base64 at all!",
        gzip.compress(TEXT, mtime=0)[:-9],
        b"\x1f\x8bxx",
        b"data=%ff&" * 30,
    ],
)
def test_what_holds_nothing_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        unwrapped(body, b"")


def test_other_encodings_are_named() -> None:
    with pytest.raises(BodyRefused, match="'br'") as refused:
        unpacked(b"x", b"br")
    assert refused.value.status == 415


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_bomb_is_refused_and_not_unpacked(wrapped: bool) -> None:
    """200 MB of zeros in 200 kB."""
    packing = zlib.compressobj(wbits=31)
    bomb = b"".join([packing.compress(bytes(1024 * 1024)) for _ in range(200)] + [packing.flush()])
    body = base64.b64encode(bomb) if wrapped else bomb
    tracemalloc.start()
    with pytest.raises(BodyRefused) as refused:
        unwrapped(body, b"")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused.value.status == 413
    assert peak < 32 * 1024 * 1024
