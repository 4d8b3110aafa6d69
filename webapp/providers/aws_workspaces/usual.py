"""How long things usually take at Amazon. Source: docs/evidence/aws_workspaces.md#usual-durations."""

from datetime import timedelta

from webapp.domain.cloud_advice import Usual
from webapp.domain.lifecycle import Action

_MINUTE = timedelta(minutes=1)

USUAL = Usual(
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
)
