"""A device with passkeys, in software: it answers a server's options as a browser would send it on.

What a test bends (`Bent`), no honest device does.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

ORIGIN = "http://localhost"
PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass(frozen=True, slots=True)
class Bent:
    """How an answer differs from an honest one."""

    origin: str | None = None
    host: str | None = None
    challenge: str | None = None
    is_verified: bool = True
    is_present: bool = True
    sign_count: int | None = None
    handle: bytes | None = None
    has_handle: bool = True
    kind: str | None = None
    signer: EllipticCurvePrivateKey | None = None
    credential_id: bytes | None = None


HONEST = Bent()


@dataclass(slots=True)
class Key:
    credential_id: bytes
    private: EllipticCurvePrivateKey
    host: str
    handle: bytes
    sign_count: int = 0


@dataclass(slots=True)
class Authenticator:
    origin: str = ORIGIN
    counts: bool = True
    """Passkeys that are shared between devices always say 0."""
    keys: list[Key] = field(default_factory=list)

    def make(self, options: str, bent: Bent = HONEST) -> str:
        """A new passkey, without attestation."""
        asked = json.loads(options)
        private = generate_private_key(SECP256R1())
        key = Key(
            bent.credential_id or secrets.token_bytes(32),
            private,
            asked["rp"]["id"],
            _bytes(asked["user"]["id"]),
        )
        self.keys.append(key)
        sized_id = len(key.credential_id).to_bytes(2) + key.credential_id
        data = self._data(key, bent, HAS_KEY) + bytes(16) + sized_id + _cose(private)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], bent)
        return _answer(key, {"clientDataJSON": client, "attestationObject": attestation})

    def use(self, options: str, bent: Bent = HONEST, *, key: Key | None = None) -> str:
        """An answer of `key`, else of the newest that the server allows."""
        asked = json.loads(options)
        allowed = [_bytes(one["id"]) for one in asked.get("allowCredentials") or []]
        key = key or [one for one in self.keys if not allowed or one.credential_id in allowed][-1]
        key.sign_count += 1 if self.counts else 0
        client = self._client("webauthn.get", asked["challenge"], bent)
        data = self._data(key, bent)
        signature = (bent.signer or key.private).sign(data + sha256(client).digest(), ECDSA(SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        if bent.has_handle:
            parts["userHandle"] = bent.handle or key.handle
        return _answer(key, parts)

    def _data(self, key: Key, bent: Bent, flags: int = 0) -> bytes:
        flags |= (PRESENT if bent.is_present else 0) | (VERIFIED if bent.is_verified else 0)
        count = key.sign_count if bent.sign_count is None else bent.sign_count
        return sha256((bent.host or key.host).encode()).digest() + bytes([flags]) + count.to_bytes(4)

    def _client(self, kind: str, challenge: str, bent: Bent) -> bytes:
        said = {
            "type": bent.kind or kind,
            "challenge": bent.challenge or challenge,
            "origin": bent.origin or self.origin,
            "crossOrigin": False,
        }
        return json.dumps(said).encode()


def _cose(private: EllipticCurvePrivateKey) -> bytes:
    numbers = private.public_key().public_numbers()
    return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)})


def _answer(key: Key, parts: dict[str, bytes]) -> str:
    own_id = _text(key.credential_id)
    response: dict[str, Any] = {name: _text(part) for name, part in parts.items()}
    return json.dumps({"id": own_id, "rawId": own_id, "type": "public-key", "response": response})


def _text(part: bytes) -> str:
    return urlsafe_b64encode(part).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "===")
