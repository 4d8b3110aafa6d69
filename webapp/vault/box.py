"""Encrypt (seal) a secret for the workers, and decrypt (open) it there.

HPKE (RFC 9180; X25519, HKDF-SHA256, AES-256-GCM) from the cryptography package. The sealed text is
`2.<key id>.<base64>`; the HPKE `info` binds it to its row, column and what belongs to it
(`domain/secret_binding.py`), so that a sealed text copied elsewhere cannot be opened. Texts of version 1
were bound to row and column only; `jobs.reseal` alone still opens them.
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from webapp.vault import keys

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_VERSION, _FORMER_VERSION = "2", "1"


class CannotOpen(Exception):
    """The sealed text is damaged, bound to something else, or its private key is missing."""


class Secret:
    """A value that must not be revealed: `repr`, `str`, formatting and pickling never show it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself; only for the call into a cloud's SDK."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> str:
        raise TypeError("a Secret cannot be pickled")


class Sealer:
    """Holds the public key: can seal, cannot open."""

    def __init__(self, public_key: str) -> None:
        self._key = keys.parse_public_key(public_key)
        self._key_id = keys.key_id(self._key)

    def seal(self, value: str, *, bound_to: str) -> str:
        """`bound_to` says what the secret belongs to (`domain/secret_binding.py`)."""
        sealed = _SUITE.encrypt(value.encode(), self._key, info=bound_to.encode())
        return f"{_VERSION}.{self._key_id}.{base64.b64encode(sealed).decode()}"


class Opener:
    """Holds the private keys, the newest first; exists in worker processes only."""

    def __init__(self, private_keys: tuple[str, ...]) -> None:
        parsed = [keys.parse_private_key(text) for text in private_keys]
        self._keys = {keys.key_id(key.public_key()): key for key in parsed}
        self._newest = parsed[0].public_key() if parsed else None

    def __repr__(self) -> str:
        return f"Opener({len(self._keys)} keys)"

    def open(self, sealed: str, *, bound_to: str) -> Secret:
        """Raises CannotOpen; the exception never carries any part of the text."""
        return self._open(sealed, _VERSION, bound_to)

    def open_former(self, sealed: str, *, bound_to: str) -> Secret:
        """A text of version 1, for `jobs.reseal`. Raises CannotOpen."""
        return self._open(sealed, _FORMER_VERSION, bound_to)

    def seal_again(self, secret: Secret, *, bound_to: str) -> str:
        """With the newest key. Raises CannotOpen if this process has none."""
        if self._newest is None:
            raise CannotOpen("this process has no private key")
        return Sealer(keys.public_text(self._newest)).seal(secret.reveal(), bound_to=bound_to)

    def is_newest(self, sealed: str) -> bool:
        """Is it of the present version, and sealed with the newest key?"""
        return self._newest is not None and sealed.startswith(f"{_VERSION}.{keys.key_id(self._newest)}.")

    def _open(self, sealed: str, expected_version: str, bound_to: str) -> Secret:
        try:
            version, key_id, body = sealed.split(".", 2)
            if version != expected_version:
                raise CannotOpen("sealed by another version of Berth: run jobs.reseal")
            if key_id not in self._keys:
                raise CannotOpen(f"this worker has no private key {key_id[:8]!r}")
            raw = base64.b64decode(body, validate=True)
            plain = _SUITE.decrypt(raw, self._keys[key_id], info=bound_to.encode())
        except (InvalidTag, binascii.Error, ValueError):
            raise CannotOpen("damaged, or bound to something else") from None
        return Secret(plain.decode())
