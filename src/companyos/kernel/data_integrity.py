"""Data Integrity proofs of the suite `eddsa-jcs-2022` (W3C Data Integrity EdDSA Cryptosuites 1.0), offline.

The suite asks for RFC 8785. The canonical spelling used here is the same for what is taken: keys within ASCII, and
strings, whole numbers that a double holds, booleans and null as values. Anything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from companyos.kernel.canonical_json import canonical
from companyos.kernel.signing import is_signed_bytes, public_key, sign_bytes

SUITE = "eddsa-jcs-2022"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = bytes.fromhex("ed01")
_MOST_EXACT = 2**53 - 1


def did_key(seed: bytes) -> str:
    """Return the `did:key` of a seed: the name of a key that is the key itself."""
    return f"did:key:{_multibase(_ED25519 + bytes.fromhex(public_key(seed)))}"


def method_of(did: str) -> str:
    """Return the verification method of a `did:key`."""
    return f"{did}#{did.removeprefix('did:key:')}"


def with_proof(document: Mapping[str, Any], *, seed: bytes, method: str, at: datetime) -> dict[str, Any]:
    """Return the document with a proof by this key. Raises ValueError for a value whose spelling is not RFC 8785."""
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
        "@context": document["@context"],
    }
    signature = sign_bytes(_hashed(document, options), seed)
    return {**document, "proof": {**options, "proofValue": _multibase(signature)}}


def is_proven(secured: Any) -> bool:
    """Tell whether a document carries a proof by the key that its verification method names."""
    try:
        document = {name: value for name, value in secured.items() if name != "proof"}
        proof = dict(secured["proof"])
        signature = _from_multibase(proof.pop("proofValue"))
        key = _from_multibase(proof["verificationMethod"].rpartition("#")[2])
        known = (proof["type"], proof["cryptosuite"]) == ("DataIntegrityProof", SUITE)
        meant = proof["proofPurpose"] == "assertionMethod" and key[:2] == _ED25519
        if not (known and meant and proof.get("@context") == document.get("@context")):
            return False
        return is_signed_bytes(_hashed(document, proof), signature, key[2:])
    except (KeyError, TypeError, AttributeError, ValueError):
        return False


def _hashed(document: Mapping[str, Any], options: Mapping[str, Any]) -> bytes:
    return b"".join(sha256(_spelled(each)).digest() for each in (options, document))


def _spelled(value: Mapping[str, Any]) -> bytes:
    _check(value)
    return canonical(value)


def _check(value: Any) -> None:
    if isinstance(value, Mapping):
        for name, each in value.items():
            if not (isinstance(name, str) and name.isascii()):
                raise ValueError(f"RFC 8785 sorts {name!r} in another way")
            _check(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _check(each)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > _MOST_EXACT):
        raise ValueError(f"RFC 8785 spells {value!r} in another way")


def _multibase(raw: bytes) -> str:
    """Return bytes in base 58 (Bitcoin's alphabet) behind a `z`."""
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "z" + "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def _from_multibase(text: str) -> bytes:
    if not text.startswith("z") or len(text) > 200:
        raise ValueError("no base 58")
    number = 0
    for each in text[1:]:
        number = number * 58 + _ALPHABET.index(each)
    zeros = len(text[1:]) - len(text[1:].lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
