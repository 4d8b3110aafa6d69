"""Key pairs of the vault: X25519, written as base64 of the 32 raw bytes."""

import base64
import hashlib

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from webapp.domain.key_texts import decode_key

_RAW = serialization.Encoding.Raw


def parse_public_key(text: str) -> X25519PublicKey:
    return X25519PublicKey.from_public_bytes(decode_key(text))


def parse_private_key(text: str) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(decode_key(text))


def public_text(key: X25519PublicKey) -> str:
    return base64.b64encode(key.public_bytes(_RAW, serialization.PublicFormat.Raw)).decode()


def key_id(key: X25519PublicKey) -> str:
    """Hex digits that identify a public key inside a sealed text."""
    return hashlib.sha256(key.public_bytes(_RAW, serialization.PublicFormat.Raw)).hexdigest()[:8]


def generate_pair() -> tuple[str, str]:
    """A new (public, private) pair as texts for the environment."""
    private = X25519PrivateKey.generate()
    raw = private.private_bytes(_RAW, serialization.PrivateFormat.Raw, serialization.NoEncryption())
    return public_text(private.public_key()), base64.b64encode(raw).decode()
