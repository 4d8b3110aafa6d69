"""Session hosts without a person. Nobody finds them in their feed: the pool's assignment is Direct
(`pool.problem_of`), so only who was assigned can connect (docs/evidence/azure_avd.md#personal-assignment)."""

from collections.abc import Sequence

from webapp.clouds.azure_avd import making
from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.names import vm_name
from webapp.clouds.azure_avd.pool import Pool
from webapp.clouds.azure_avd.survey import Survey
from webapp.clouds.base import Access, Created, Order


class AzureSpares:
    def __init__(self, client: AzureClient, pool: Pool, survey: Survey, access: Access) -> None:
        self._client, self._pool, self._survey, self._access = client, pool, survey, access
        self.made_of = access.public_fields["image"]

    def machine_id_of(self, claim: str) -> str:
        return vm_name(claim)

    def make_spares(self, orders: Sequence[Order]) -> Created:
        return making.make(self._client, self._pool, self._survey, self._access, orders)
