"""Passwords of a directory's users: a capability of drivers, `CloudDriver.passwords`."""

from typing import Protocol

from webapp.vault.box import Secret


class SetsPasswords(Protocol):
    """The cloud can set the password of a user of its directory."""

    def set_password(self, username: str, password: Secret) -> None:
        """The old one is over, and a disabled user is enabled. Raises CloudError: `user_not_found`,
        `password_refused`, `passwords_set_elsewhere`. Safe to repeat.
        """
        ...
