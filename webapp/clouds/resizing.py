"""Changing the size or the mode of a desktop that exists: a capability of drivers, `CloudDriver.resizes`."""

from typing import Protocol

from webapp.domain.errors import Failure
from webapp.domain.observation import MachineRef
from webapp.domain.resizes import Resize


class Resizes(Protocol):
    """The cloud can change one property of a machine. What it shows afterwards, a look tells."""

    def resize(self, machine: MachineRef, resize: Resize) -> Failure | None:
        """Send it once; None when the cloud accepts. Raises CloudError; with trouble UNKNOWN it may happen.

        The value is absolute, so to ask for what is already so changes nothing.
        """
        ...
