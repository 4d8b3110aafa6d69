"""Random texts that let somebody in: cookies, tokens, links. Shown once; only their hash is stored."""

import hashlib
import secrets


def new_secret_text() -> str:
    """256 random bits, for addresses and cookies."""
    return secrets.token_urlsafe(32)


def hash_of(text: str) -> str:
    """SHA-256 in hex: enough for a text that nobody can guess."""
    return hashlib.sha256(text.encode()).hexdigest()
