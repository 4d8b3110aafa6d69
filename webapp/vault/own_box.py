"""What the web server itself must read again: sealed under a key made from its SECRET_KEY.

AES-256-GCM; the key is derived by HKDF-SHA256. Secrets of clouds and webhooks the web cannot open.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from webapp.vault.box import CannotOpen, Secret

_NONCE_LENGTH = 12


class OwnBox:
    """Seals and opens; `bound_to` says what a secret belongs to, so that it opens nowhere else."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"berth: secrets of the web server")
        self._cipher = AESGCM(derived.derive(secret_key.encode()))

    def seal(self, value: str, *, bound_to: str) -> str:
        nonce = os.urandom(_NONCE_LENGTH)
        sealed = self._cipher.encrypt(nonce, value.encode(), bound_to.encode())
        return base64.b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, bound_to: str) -> Secret:
        """Raises CannotOpen: damaged, moved, or SECRET_KEY is another one now."""
        try:
            content = base64.b64decode(sealed, validate=True)
            value = self._cipher.decrypt(content[:_NONCE_LENGTH], content[_NONCE_LENGTH:], bound_to.encode())
        except (binascii.Error, InvalidTag, ValueError) as error:
            raise CannotOpen from error
        return Secret(value.decode())
