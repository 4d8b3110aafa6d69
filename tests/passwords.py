"""Passwords that cost the tests little: the product's algorithm, with the least memory and one pass.

A hash costs 20 ms on purpose, and the tests make thousands of people whose password nobody guesses.
"""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from webapp.services import passwords

_STRONG = {name: getattr(passwords, name) for name in ("_HASHER", "_NOBODY")}
_QUICK = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1)


def _use(patch: pytest.MonkeyPatch, parts: dict[str, object]) -> None:
    for name, value in parts.items():
        patch.setattr(passwords, name, value)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        _use(patch, {"_HASHER": _QUICK, "_NOBODY": _QUICK.hash("nobody")})
        yield


@pytest.fixture
def strong_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production."""
    _use(monkeypatch, _STRONG)
