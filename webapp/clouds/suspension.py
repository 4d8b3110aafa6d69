"""Keeping a person out of a desktop that still exists: a capability of drivers, `CloudDriver.suspends`."""

from typing import Protocol

from webapp.domain.observation import MachineRef


class SuspendsAccess(Protocol):
    """The cloud can keep a person out of a desktop without destroying it. Every method raises CloudError."""

    disables_users: bool
    """`suspend` and `resume` switch the person's user too, where it is ours; if not, the engine does."""

    def suspend(self, machine: MachineRef) -> None:
        """Nobody can connect afterwards: sessions are signed out, the person is unassigned.

        Safe to repeat. What `leaves_running` is still to be stopped, whatever this raises.
        """
        ...

    def leaves_running(self, machine: MachineRef) -> bool:
        """Is it kept out for certain only when the machine is stopped as well (`CloudDriver.act`)?"""
        ...

    def resume(self, machine: MachineRef) -> bool:
        """The person of the machine can connect again: True if only with a new password. Safe to repeat."""
        ...
