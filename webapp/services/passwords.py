"""Passwords: argon2id, and the rules for a new one."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from webapp.domain.errors import Invalid

MIN_LENGTH = 12
MAX_LENGTH = 128

# OWASP's second choice: 19 MiB, two passes, one lane; about 20 ms here, so that a rush of sign-ins
# does not take the memory of the web server (docs/evidence/reliability.md#password-hashing).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("the password of a person who does not exist")
_COMMON = frozenset({"password1234", "123456789012", "passwordpassword", "qwertyuiop12", "letmeinplease"})


def hash_password(password: str, *, email: str = "") -> str:
    """Raises Invalid with a sentence when the password may not be used."""
    if len(password) < MIN_LENGTH:
        raise Invalid(f"Use at least {MIN_LENGTH} characters.", field="password", code="password_too_short")
    if len(password) > MAX_LENGTH:
        raise Invalid(f"Use at most {MAX_LENGTH} characters.", field="password", code="password_too_long")
    lowered = password.lower()
    if lowered in _COMMON or len(set(lowered)) < 4 or (email and email.partition("@")[0] == lowered):
        raise Invalid("This password is too easy to guess.", field="password", code="password_too_common")
    return _HASHER.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Takes the same time for an unknown person (`password_hash` None) as for a known one."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def rehash_password(password: str) -> str:
    """A hash with current parameters for a password that was verified, whatever the rules now say."""
    return _HASHER.hash(password)


def needs_rehash(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)
