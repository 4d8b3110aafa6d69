"""Capabilities of one method each; `base.py` says what a capability is."""

from typing import Protocol

from webapp.domain.connections import Seen
from webapp.domain.errors import Failure


class Rebuilds(Protocol):
    """The cloud can make a machine again from its bundle, in place."""

    def rebuild(self, cloud_workspace_id: str) -> Failure | None:
        """Send it once; None when the cloud accepts. Raises CloudError; with trouble UNKNOWN it may run."""
        ...


class Restores(Protocol):
    """The cloud can take both disks of a machine back to the newest snapshots that it has made of them."""

    def restore(self, cloud_workspace_id: str) -> None:
        """Send it once. Raises CloudError when the cloud refuses; with trouble UNKNOWN it may run."""
        ...


class Moves(Protocol):
    """The cloud can make a new machine of another bundle for the same user, with the files of the old one."""

    def move(self, cloud_workspace_id: str, bundle_id: str) -> str | Failure:
        """Send it once; the id of the new machine, which replaces the old one when it is ready.

        If the cloud gives it up, the new one disappears and the old one is as it was. Raises CloudError; with
        trouble UNKNOWN it may have begun.
        """
        ...


class SendsMessages(Protocol):
    """The cloud can show a message on a desktop to whoever is signed in."""

    def send_message(self, cloud_workspace_id: str, title: str, text: str) -> int:
        """To how many sessions it was sent. Raises CloudError, `access_denied` without the right."""
        ...


class SignsOut(Protocol):
    """The cloud counts who is signed in to a desktop, and this must be over before it is stopped."""

    def sign_out(self, cloud_workspace_id: str, *, only_if_unused: bool = False) -> int | Seen:
        """Sign everybody out, and say how many sessions the cloud still counted. Raises CloudError.

        `only_if_unused`: where somebody is or may be connected, nobody is signed out, and this says so.
        """
        ...

    def see_sessions(self, cloud_workspace_id: str) -> Seen:
        """Is somebody connected at this moment? Raises CloudError."""
        ...


class Hibernates(Protocol):
    """The cloud can keep what is open on a desktop while it is off. Only the hours use it."""

    def hibernate(self, cloud_workspace_id: str) -> bool:
        """False: this machine cannot, and nothing was sent. One that is off, or on the way, is left alone.

        Nobody is signed out. Raises CloudError; with trouble UNKNOWN it may have begun.
        """
        ...
