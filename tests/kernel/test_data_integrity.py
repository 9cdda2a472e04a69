"""Proofs of the suite eddsa-jcs-2022: the test vector of its specification, and what is refused (R102)."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.data_integrity import (
    _from_multibase,
    _multibase,
    did_key,
    is_proven,
    method_of,
    with_proof,
)

# https://www.w3.org/TR/vc-di-eddsa/ "Representation: eddsa-jcs-2022"
CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
SECRET = "z3u2en7t5LR2WtQH5PfFqMqwVHBeXouLzo6haApm8XHqvjxq"
DID = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
SIGNED = "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
DOCUMENT: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
    "type": ["VerifiableCredential", "AlumniCredential"],
    "name": "Alumni Credential",
    "description": "A minimum viable example of an Alumni Credential.",
    "issuer": "https://vc.example/issuers/5678",
    "validFrom": "2023-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Examples"},
}
AT = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
SEED = _from_multibase(SECRET)[2:]


def test_R102_the_vector_of_the_specification_is_signed_and_verified() -> None:
    assert did_key(SEED) == DID
    secured = with_proof(DOCUMENT, seed=SEED, method=method_of(DID), at=AT)
    assert secured["proof"]["proofValue"] == SIGNED
    assert is_proven(secured)


def changed(path: str, value: object) -> dict[str, Any]:
    secured = copy.deepcopy(with_proof(DOCUMENT, seed=SEED, method=method_of(DID), at=AT))
    *above, last = path.split(".")
    place: Any = secured
    for name in above:
        place = place[name]
    place[last] = value
    return secured


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("name", "Another credential"),
        ("@context", CONTEXT[:1]),
        ("proof.created", "2024-02-24T23:36:38Z"),
        ("proof.cryptosuite", "eddsa-rdfc-2022"),
        ("proof.proofPurpose", "authentication"),
        ("proof.proofValue", SIGNED[:-1]),
        ("proof.proofValue", "no base 58"),
        ("proof.verificationMethod", "https://vc.example/issuers/5678#key"),
        ("proof.verificationMethod", method_of(did_key(bytes(32)))),
        ("proof", None),
    ],
)
def test_R102_whatever_is_changed_is_proven_no_more(path: str, value: object) -> None:
    assert not is_proven(changed(path, value))


@pytest.mark.parametrize("odd", [{"n": 1.5}, {"n": 2**53}, {"naïve": 1}, {"in": [{"a": [0.1]}]}])
def test_R102_a_value_that_rfc_8785_spells_in_another_way_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="RFC 8785"):
        with_proof(DOCUMENT | odd, seed=SEED, method=method_of(DID), at=AT)


@given(st.binary(max_size=70))
def test_base_58_is_read_back(raw: bytes) -> None:
    assert _from_multibase(_multibase(raw)) == raw
