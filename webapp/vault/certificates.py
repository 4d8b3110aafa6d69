"""Reading a certificate with its private key, as people paste it: PEM."""

import re
from dataclasses import dataclass, field
from datetime import date

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

LEAST_BITS = 2048
NEEDS_RSA = "Entra needs an RSA key of at least 2048 bits."
_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,40})-----[\s\S]*?-----END \1-----")


class UnusableCertificate(ValueError):
    """Its text is a sentence for the person who pasted it, without anything of what was pasted."""


@dataclass(frozen=True, slots=True)
class Certificate:
    pem: str = field(repr=False)
    """The private key, then its certificate; nothing that stood around them."""
    ends_on: date
    """In UTC."""
    thumbprint: str
    """SHA-1 in capital hexadecimal digits, as Entra's page shows it."""


def read_certificate(text: str) -> Certificate:
    """Raises UnusableCertificate."""
    blocks = {"key": "", "certificates": ""}
    for found in _BLOCK.finditer(text):
        part = "key" if found[1].endswith("PRIVATE KEY") else "certificates"
        blocks[part] += f"{found[0]}\n"
    key, certificates = _key(blocks["key"]), _certificates(blocks["certificates"])
    own = next((one for one in certificates if _belongs(one, key)), None)
    if own is None:
        raise UnusableCertificate("This private key does not belong to this certificate.")
    public = own.public_bytes(Encoding.PEM).decode()
    thumbprint = own.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303  # a name, not a signature
    return Certificate(blocks["key"] + public, own.not_valid_after_utc.date(), thumbprint)


def _key(text: str) -> rsa.RSAPrivateKey:
    if not text:
        raise UnusableCertificate(
            "The private key is missing. Paste the file that has both, key and certificate."
        )
    if "ENCRYPTED" in text:
        raise UnusableCertificate("The private key is protected by a password. Paste it without one.")
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        raise UnusableCertificate("This private key cannot be read.") from None
    except UnsupportedAlgorithm:
        raise UnusableCertificate(NEEDS_RSA) from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < LEAST_BITS:
        raise UnusableCertificate(NEEDS_RSA)
    return key


def _certificates(text: str) -> list[x509.Certificate]:
    if not text:
        raise UnusableCertificate(
            "The certificate is missing. Paste the file that has both, key and certificate."
        )
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError:
        raise UnusableCertificate("This certificate cannot be read.") from None


def _belongs(certificate: x509.Certificate, key: rsa.RSAPrivateKey) -> bool:
    try:
        return certificate.public_key() == key.public_key()
    except (UnsupportedAlgorithm, ValueError):  # a chain may have a key that cannot be read: it is not ours
        return False
