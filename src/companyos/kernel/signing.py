"""Ed25519 signatures over canonical JSON (RFC 8032), by libsodium."""

from __future__ import annotations

from typing import Any

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from companyos.kernel.canonical_json import canonical

SEED_BYTES, KEY_HEX, SIGNATURE_HEX = 32, 64, 128


def public_key(seed: bytes) -> str:
    """Return the public key of a 32-byte seed, in hex."""
    return bytes(SigningKey(seed).verify_key).hex()


def sign(document: Any, seed: bytes) -> str:
    """Return the signature over the canonical spelling of `document`, in hex."""
    return SigningKey(seed).sign(canonical(document)).signature.hex()


def is_signed(document: Any, signature: str, key: str) -> bool:
    """Tell whether `key` (hex) signed this document; a malformed key or signature has signed nothing."""
    try:
        raw_key, raw_signature = bytes.fromhex(key), bytes.fromhex(signature)
        VerifyKey(raw_key).verify(canonical(document), raw_signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
