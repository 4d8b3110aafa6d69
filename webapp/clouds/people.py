"""People in the directory of a cloud: a capability of drivers, `CloudDriver.people`."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DirectoryUser:
    """A user as the directory knows it."""

    username: str
    user_id: str
    """The directory's own id: a SID, or an object id."""
    is_enabled: bool
    mark: str | None
    """Berth's mark, written when it was made; None: not made by any Berth, and never changed by one."""
    email: str = ""

    def is_of(self, installation: str) -> bool:
        """Did this installation make it? Another one's users are as little ours as the company's own."""
        return bool(installation) and (self.mark or "").startswith(f"{installation}/")


@dataclass(frozen=True, slots=True)
class NewDirectoryUser:
    """A user to be made."""

    username: str
    given_name: str
    surname: str
    email: str
    mark: str
    """Written to the user in the same call; also makes the call safe to repeat."""


class ManagesPeople(Protocol):
    """The cloud can make and disable the users of its directory. Every method raises CloudError."""

    def find_user(self, username: str) -> DirectoryUser | None:
        """None only if the directory says that there is none."""
        ...

    def create_user(self, wanted: NewDirectoryUser) -> DirectoryUser:
        """Send it once. Raises CloudError `directory_user_exists` when the name is someone else's."""
        ...

    def admit_user(self, user: DirectoryUser) -> None:
        """Let the user open desktops (membership of the group); does nothing where that needs nothing."""
        ...

    def disable_user(self, user: DirectoryUser) -> None:
        """Only for a user with our mark."""
        ...

    def enable_user(self, user: DirectoryUser) -> None:
        """Only for a user with our mark."""
        ...
