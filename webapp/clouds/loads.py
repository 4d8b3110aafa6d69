"""How busy desktops were: a capability of drivers, `CloudDriver.loads`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from webapp.domain.loads import Load


class ReadsLoads(Protocol):
    """The cloud measures CPU and memory of desktops."""

    most: int
    """Machines of one `read_loads`."""
    most_a_round: int
    """Machines of one round of the duty: what is left is read in the next."""

    def read_loads(
        self, cloud_workspace_ids: Sequence[str], *, since: datetime, until: datetime
    ) -> dict[str, Load]:
        """By machine; one is left out of which the cloud does not know both CPU and memory.

        Raises CloudError, `access_denied` if the key may not see it.
        """
        ...
