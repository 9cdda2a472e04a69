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
    return sign_bytes(canonical(document), seed).hex()


def sign_bytes(message: bytes, seed: bytes) -> bytes:
    return bytes(SigningKey(seed).sign(message).signature)


def is_signed(document: Any, signature: str, key: str) -> bool:
    """Tell whether `key` (hex) signed this document; a malformed key or signature has signed nothing."""
    try:
        return is_signed_bytes(canonical(document), bytes.fromhex(signature), bytes.fromhex(key))
    except (ValueError, TypeError):
        return False


def is_signed_bytes(message: bytes, signature: bytes, key: bytes) -> bool:
    """Tell whether `key` signed this message; a malformed key or signature has signed nothing."""
    try:
        VerifyKey(key).verify(message, signature)
    except (BadSignatureError, ValueError, TypeError):
        return False
    return True
