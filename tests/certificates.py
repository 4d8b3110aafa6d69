"""Certificates as companies make them for an application, with their private keys: PEM."""

import base64
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_RSA = bytes.fromhex("2a864886f70d010101")
"""The object identifier rsaEncryption."""


def make_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    """The same for the same name: making one takes a while."""
    return _made(name, bits)


@lru_cache
def _made(name: str, bits: int) -> rsa.RSAPrivateKey:
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def key_pem(key: rsa.RSAPrivateKey, *, password: bytes | None = None) -> str:
    protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password is not None:
        protection = serialization.BestAvailableEncryption(password)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, protection).decode()


def certificate_pem(
    key: rsa.RSAPrivateKey, *, ends_at: datetime | None = None, name: str = "Berth", days: int = 365
) -> str:
    """Self-signed, as Entra takes it."""
    end = ends_at or datetime.now(UTC) + timedelta(days=days)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(end, datetime.now(UTC)) - timedelta(days=400))
        .not_valid_after(end)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def of_an_unknown_kind(pem: str) -> str:
    """The same, but its public-key algorithm is one that nobody has defined."""
    head, *lines, foot = pem.strip().splitlines()
    changed = base64.b64decode("".join(lines)).replace(_RSA, _RSA[:-1] + b"\x7f")
    return f"{head}\n{base64.encodebytes(changed).decode()}{foot}\n"


def both(key: rsa.RSAPrivateKey, certificate: str) -> str:
    """What a person pastes."""
    return key_pem(key) + certificate
