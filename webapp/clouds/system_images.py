"""Images of desktops' systems, without the files of their persons: a capability of drivers,
`CloudDriver.system_images`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webapp.domain.errors import Failure


@dataclass(frozen=True, slots=True)
class SystemImage:
    """One that exists, under a name of ours."""

    cloud_id: str
    name: str
    created_at: datetime | None
    """By the cloud's clock."""
    is_ready: bool
    """Complete: bundles and desktops can be made of it."""
    has_failed: bool
    detail: str
    """Why it failed, in the cloud's words: short, redacted, untrusted."""


class CreatesSystemImages(Protocol):
    """The cloud copies the system of a running desktop, under a name that the caller chooses.

    Meanwhile nobody can use the desktop.
    """

    def list_system_images(self) -> list[SystemImage]:
        """All of this account whose name begins as ours do: complete, or CloudError. May lag."""
        ...

    def find_system_image(self, cloud_id: str) -> SystemImage | None:
        """Read by itself: None is the proof that there is none. Raises CloudError."""
        ...

    def claim_of_image(self, cloud_id: str) -> str | None:
        """Our claim on the desktop of which it was created; None: it is not ours. Raises CloudError."""
        ...

    def create_system_image(self, cloud_workspace_id: str, *, name: str, claim: str) -> str | Failure:
        """The id of the image that the cloud now creates; empty: one of this name exists already.

        A failure: the cloud refuses it for good. Raises CloudError; with trouble UNKNOWN it may have begun.
        """
        ...

    def end_system_image(self, cloud_id: str, *, claim: str) -> Failure | None:
        """Delete it, if it has this claim; None: it is accepted. Raises CloudError.

        A failure with trouble ABSENT: there is none.
        """
        ...
