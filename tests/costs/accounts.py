"""The accounts of the campaign: both clouds, each billed in dollars and in another currency."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox import demo, demo_azure

FIRST_ACCOUNT = 20_001
BY_TAG_ACCOUNT = "222233334444"
OTHER_SUBSCRIPTION = "00000000-be47-4000-8000-0000000000e5"


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    credential_id: int
    cloud: str
    account_id: str
    currency: str
    rate: str
    """Units of the currency for a dollar, as the simulated cloud bills."""
    public_fields: dict[str, str]
    secret: str
    reread_days: int
    """So many days of its bill are read each time; written apart from the product."""
    has_modes: bool
    """A desktop is paid by the hour or by the month, stops by itself, and can be rebuilt."""
    is_by_machine: bool = True
    """False: its bill is divided by our mark."""

    def __str__(self) -> str:
        how = "" if self.is_by_machine else ", by our mark"
        return f"{self.cloud} in {self.currency}{how}"


def list_accounts() -> Iterator[Account]:
    amazon = {"region": demo.DEMO_REGION, "directory_id": demo.DEMO_DIRECTORY_ID}
    azure = {
        "tenant_id": demo_azure.DEMO_TENANT_ID,
        "client_id": demo_azure.DEMO_CLIENT_ID,
        "resource_group": demo_azure.DEMO_RESOURCE_GROUP,
        "host_pool": demo_azure.DEMO_HOST_POOL,
        "location": demo_azure.DEMO_LOCATION,
        "subnet_id": demo_azure.DEMO_SUBNET_ID,
    }
    number = FIRST_ACCOUNT
    for account_id, key_id, currency, rate, is_by_machine in (
        (demo.DEMO_ACCOUNT_ID, demo.DEMO_ACCESS_KEY_ID, "USD", "1", True),
        (BY_TAG_ACCOUNT, "AKIACAMPAIGNOFCOSTS2", "EUR", "0.92", False),
    ):
        fields = amazon | {"access_key_id": key_id}
        secret = demo.DEMO_SECRET_ACCESS_KEY
        yield Account(number, "aws", account_id, currency, rate, fields, secret, 13, True, is_by_machine)
        number += 1
    for subscription_id, currency, rate in (
        (demo_azure.DEMO_SUBSCRIPTION_ID, "USD", "1"),
        (OTHER_SUBSCRIPTION, "EUR", "0.92"),
    ):
        fields = azure | {"subscription_id": subscription_id}
        yield Account(
            number, "azure", subscription_id, currency, rate, fields, demo_azure.DEMO_CLIENT_SECRET, 5, False
        )
        number += 1
