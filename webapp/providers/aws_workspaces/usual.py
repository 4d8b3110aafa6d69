"""How long things usually take at Amazon. Source: docs/evidence/aws_workspaces.md#usual-durations."""

from datetime import timedelta

from webapp.domain.cloud_advice import Usual
from webapp.domain.in_time import CreatePace
from webapp.domain.lifecycle import Action
from webapp.providers.parts.capacity import Capacity, QuotaNames

_MINUTE = timedelta(minutes=1)

USUAL = Usual(
    create=25 * _MINUTE,
    create_says="Most are ready within 20 minutes, or within an hour with encrypted disks.",
    actions={
        Action.START: 5 * _MINUTE,
        Action.STOP: 5 * _MINUTE,
        Action.RESTART: 10 * _MINUTE,
        Action.REBUILD: 75 * _MINUTE,
        Action.RESTORE: 75 * _MINUTE,
    },
    connect_says="ports 443, 4172 and 4195 must be open, and the user name is not the e-mail address.",
    action_words={Action.REBUILD: "REBUILDING", Action.RESTORE: "RESTORING"},
)

DESKTOPS_QUOTA = "L-34278094"
"""Source: docs/evidence/aws_workspaces.md#quotas."""
_CONSOLE = "console.aws.amazon.com/servicequotas/home/services/workspaces/quotas"

CAPACITY = Capacity(
    # Of 120 calls a minute each batch of 25 needs about 41 until it is ready, if nothing else is done.
    pace=CreatePace(per_call=25, per_minute=25),
    quota=QuotaNames(
        service="Amazon WorkSpaces (workspaces)",
        quota="WorkSpaces",
        code=DESKTOPS_QUOTA,
        region_field="region",
        url=lambda region: f"https://{region}.{_CONSOLE}/{DESKTOPS_QUOTA}",
    ),
)
