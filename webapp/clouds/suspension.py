"""Keeping a person out of a desktop that still exists: a capability of drivers, `CloudDriver.suspends`."""

from typing import Protocol

from webapp.domain.observation import MachineRef


class SuspendsAccess(Protocol):
    """The cloud can keep a person out of a desktop without destroying it. Every method raises CloudError."""

    stops: bool
    """`suspend` stops the machine too, as far as it can be stopped; if not, the engine does."""

    def suspend(self, machine: MachineRef) -> None:
        """Nobody can connect afterwards: sessions are signed out, the person is unassigned.

        Safe to repeat.
        """
        ...

    def resume(self, machine: MachineRef) -> bool:
        """The person of the machine can connect again: True if only with a new password. Safe to repeat."""
        ...
