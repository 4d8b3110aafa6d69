"""Client assertions: an application signs with the key of a certificate that it has registered.

Entra's rules: the thumbprint in the header names the certificate, the signature fits it, the token is meant
for this tenant's token endpoint, and neither the assertion nor the certificate has ended.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.azure.errors import EntraError

KIND = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_SKEW_S = 300.0


@dataclass(frozen=True, slots=True)
class _Assertion:
    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def check_assertion(
    text: str, certificates: tuple[str, ...], *, client_id: str, audience: str, real_now: float
) -> None:
    """`certificates`: those that the application has registered, as PEM. Raises EntraError."""
    assertion = _read(text)
    certificate = _find(assertion.header, certificates)
    if datetime.fromtimestamp(real_now, UTC) > certificate.not_valid_after_utc:
        raise _invalid(
            700027, "Client assertion contains an invalid signature. [Reason - The key used is expired.]"
        )
    if not _is_signed(assertion, certificate):
        raise _invalid(700027, "Client assertion failed signature validation.")
    claims = assertion.claims
    if not {claims.get("iss"), claims.get("sub")} == {client_id}:
        raise _invalid(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
    if str(claims.get("aud", "")).lower() != audience.lower():
        raise _invalid(700023, "Client assertion audience claim does not match Realm issuer.")
    begins, ends = float(claims.get("nbf", 0)), float(claims.get("exp", 0))
    if not begins - LONGEST_SKEW_S <= real_now <= ends:
        raise _invalid(700024, "Client assertion is not within its valid time range.")


def _read(text: str) -> _Assertion:
    try:
        header, claims, signature = text.split(".")
        return _Assertion(
            json.loads(_bytes(header)),
            json.loads(_bytes(claims)),
            f"{header}.{claims}".encode(),
            _bytes(signature),
        )
    except (ValueError, binascii.Error):
        raise _invalid(50027, "JWT token is invalid or malformed.") from None


def _find(header: dict[str, Any], certificates: tuple[str, ...]) -> x509.Certificate:
    for pem in certificates:
        found = x509.load_pem_x509_certificate(pem.encode())
        prints = {
            "x5t": hashes.SHA1(),  # noqa: S303  # a name, not a signature
            "x5t#S256": hashes.SHA256(),
        }
        if any(_same(header.get(name), found.fingerprint(kind)) for name, kind in prints.items()):
            return found
    raise _invalid(
        700027, "Client assertion contains an invalid signature. [Reason - The key was not found.]"
    )


def _same(named: object, thumbprint: bytes) -> bool:
    return isinstance(named, str) and named.rstrip("=") == base64.urlsafe_b64encode(
        thumbprint
    ).decode().rstrip("=")


def _is_signed(assertion: _Assertion, certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    pads: dict[object, padding.AsymmetricPadding] = {
        "RS256": padding.PKCS1v15(),
        "PS256": padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
    }
    pad = pads.get(assertion.header.get("alg"))
    if pad is None or not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(assertion.signature, assertion.signed, pad, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _invalid(number: int, message: str) -> EntraError:
    return EntraError("invalid_client", number, message, status=401)
