"""How long things usually take in each cloud, and other differences in the advice. Data only.

Sources: docs/evidence/aws_workspaces.md#usual-durations, docs/evidence/azure_avd.md#agent-update,
docs/evidence/azure_avd.md#ninety-days-off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from webapp.domain.lifecycle import Action

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Usual:
    create: timedelta
    """After this a new desktop is later than most."""
    create_says: str
    actions: Mapping[Action, timedelta]
    connect_says: str
    """What to check when a person cannot connect to a healthy desktop."""
    off_at_most: timedelta | None = None
    """A desktop that is off for longer is lost, because its registration expires; None: no limit."""
    rebuild_word: str | None = None
    """The cloud's own state for a rebuild, used from the request until the next check."""


USUAL: dict[str, Usual] = {
    "aws": Usual(
        create=25 * _MINUTE,
        create_says="Most are ready within 20 minutes, or within an hour with encrypted disks.",
        actions={
            Action.START: 5 * _MINUTE,
            Action.STOP: 5 * _MINUTE,
            Action.RESTART: 10 * _MINUTE,
            Action.REBUILD: 75 * _MINUTE,
        },
        connect_says="ports 443, 4172 and 4195 must be open, and the user name is not the e-mail address.",
        rebuild_word="REBUILDING",
    ),
    "azure": Usual(
        create=45 * _MINUTE,
        create_says="Most are ready within half an hour; some take more than an hour while their agent"
        " updates itself.",
        actions={Action.START: 10 * _MINUTE, Action.STOP: 10 * _MINUTE, Action.RESTART: 10 * _MINUTE},
        connect_says="port 443 must be open. The person must be in the Entra group that may use the host"
        " pool, and a guest must have accepted the invitation.",
        off_at_most=90 * _DAY,
    ),
}
