"""How long things usually take at Azure.

Sources: docs/evidence/azure_avd.md#agent-update, docs/evidence/azure_avd.md#ninety-days-off.
"""

from datetime import timedelta

from webapp.domain.cloud_advice import Usual
from webapp.domain.in_time import CreatePace
from webapp.domain.lifecycle import Action
from webapp.providers.parts.capacity import Capacity, QuotaNames

_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)

USUAL = Usual(
    create=45 * _MINUTE,
    create_says="Most are ready within half an hour; some take more than an hour while their agent"
    " updates itself.",
    actions={Action.START: 10 * _MINUTE, Action.STOP: 10 * _MINUTE, Action.RESTART: 10 * _MINUTE},
    connect_says="port 443 must be open. The person must be in the Entra group that may use the host"
    " pool, and a guest must have accepted the invitation.",
    off_at_most=90 * _DAY,
)

CAPACITY = Capacity(
    # A deployment each. Of 480 calls a minute each desktop needs some twenty until it is ready.
    pace=CreatePace(per_call=1, per_minute=10),
    quota=QuotaNames(
        service="Microsoft.Compute",
        quota="Total Regional vCPUs",
        code="cores",
        region_field="location",
        url=lambda _region: (
            "https://portal.azure.com/#view/Microsoft_Azure_Capacity/QuotaMenuBlade/~/myQuotas"
        ),
    ),
)
