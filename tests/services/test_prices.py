"""What a size costs: as read, before that as it ships, and unknown where neither says it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.azure_rows import add_azure_credential
from tests.conftest import both_databases
from webapp.domain.costs.money import Money
from webapp.domain.costs.prices import Part
from webapp.domain.costs.rates import Rates
from webapp.domain.costs.spans import MachineKind, day_of
from webapp.models import CloudCredential, ListPrice, User
from webapp.providers.registry import get_provider
from webapp.services.context import ServiceContext
from webapp.services.prices import bundle_rates, list_rates

AUTO_STOP = "STANDARD/80/50/windows/AUTO_STOP"
REGION = "eu-central-1"


def credential(cloud: str = "aws", region: str = REGION) -> CloudCredential:
    field = get_provider(cloud).billing.region_field
    return CloudCredential(cloud_provider=cloud, public_fields={field: region})


def one(
    office: ServiceContext,
    compute: str = "Standard",
    disks: tuple[int, int] = (80, 50),
    system: str = "Windows 11",
    cloud: str = "aws",
    region: str = REGION,
) -> Rates | None:
    """What a size with these properties costs there."""
    bundle = {
        "bundle_id": "b-1",
        "compute_type": compute,
        "root_storage_gib": disks[0],
        "user_storage_gib": disks[1],
        "operating_system": system,
    }
    return bundle_rates(office, credential(cloud, region), [bundle])["b-1"]


def read(
    office: ServiceContext, sku: str, part: Part, amount: str, *, days_ago: int = 30, **changes: Any
) -> None:
    """A worker has read this price."""
    now = office.clock.now()
    row = {"cloud_provider": "aws", "region": REGION, "currency": "USD"} | changes
    since = day_of(now) - timedelta(days=days_ago)
    office.session.add(ListPrice(sku=sku, part=part, amount=amount, valid_from=since, read_at=now, **row))
    office.session.commit()


def read_auto_stop(office: ServiceContext, month: str = "11.25", hour: str = "0.33", **changes: Any) -> None:
    read(office, AUTO_STOP, Part.MONTH, month, **changes)
    read(office, AUTO_STOP, Part.HOUR, hour, **changes)


@both_databases
def test_a_price_that_was_read_holds_with_its_day_and_its_reading(office: ServiceContext) -> None:
    read_auto_stop(office)

    found = one(office)

    assert found is not None
    assert (str(found.month_fee), str(found.hour_fee), str(found.usual_month)) == (
        "$11.25",
        "$0.33",
        "$64.05",
    )
    assert (found.is_exact, found.is_of_region, found.is_disk_only) == (True, True, False)
    today = day_of(office.clock.now())
    assert (found.valid_from, found.read_at) == (today - timedelta(days=30), office.clock.now())
    assert found.always_on_above_hours is None, "the price of always-on is not known"


def test_before_any_was_read_five_sizes_are_an_indication_elsewhere(office: ServiceContext) -> None:
    here, there = one(office, region="us-east-1"), one(office)

    assert here is not None and there is not None
    assert (here.is_exact, here.is_of_region, here.read_at) == (True, True, None)
    assert (there.is_exact, there.is_of_region) == (False, False)
    assert there.valid_from == date(2026, 6, 27)
    assert here.always_on_above_hours == there.always_on_above_hours == 84


@pytest.mark.parametrize(
    "of",
    [{"system": "Ubuntu 22.04"}, {"compute": "Graphics.g4dn"}, {"disks": (175, 100)}, {"cloud": "azure"}],
)
def test_what_nothing_says_is_unknown(office: ServiceContext, of: dict[str, Any]) -> None:
    assert one(office, **of) is None


def test_once_a_region_was_read_what_its_list_lacks_is_unknown(office: ServiceContext) -> None:
    read_auto_stop(office)

    assert one(office, compute="Power", disks=(175, 100)) is None
    assert one(office, compute="Power", disks=(175, 100), region="us-east-1") is not None


def test_a_new_price_holds_from_its_day_on(office: ServiceContext) -> None:
    read_auto_stop(office, "12", "0.40", days_ago=0)
    read_auto_stop(office)
    read_auto_stop(office, "99", "9", days_ago=-1)

    found = one(office)

    assert found is not None and (found.month, found.hour) == (Decimal("12"), Decimal("0.40"))


def test_half_a_price_is_none_and_currencies_are_not_mixed(office: ServiceContext) -> None:
    read(office, AUTO_STOP, Part.MONTH, "11.25")
    assert one(office) is None

    read(office, AUTO_STOP, Part.HOUR, "2.30", currency="CNY")
    assert one(office) is None


def test_a_month_is_rounded_once_and_in_the_currencys_own_units(office: ServiceContext) -> None:
    read_auto_stop(office, "1500.4", "45.55", currency="JPY")

    found = one(office)

    assert found is not None
    assert (found.usual_month, str(found.usual_month)) == (Money("JPY", 8788), "¥8,788")


def test_azure_costs_its_disk_each_month_and_its_hours(office: ServiceContext) -> None:
    there = {"cloud_provider": "azure", "region": "westeurope"}
    read(office, "P10 LRS", Part.DISK_MONTH, "19.71", **there)
    read(office, "Standard_D4s_v5", Part.HOUR, "0.192", **there)

    found = one(office, cloud="azure", region="westeurope", compute="Standard_D4s_v5", disks=(127, 0))

    assert found is not None
    assert (found.is_disk_only, str(found.month_fee), str(found.usual_month)) == (True, "$19.71", "$50.43")
    assert found.always_on_above_hours is None, "Azure has no such mode"


def test_any_number_of_sizes_asks_two_questions(office: ServiceContext, provider: User) -> None:
    azure_id = add_azure_credential(office, company_id=provider.company_id or 0)
    azure = office.session.get_one(CloudCredential, azure_id)
    about = {"running_mode": "AUTO_STOP", "operating_system": "WINDOWS_11"}
    sizes = [
        (credential(), MachineKind(region=REGION, compute_type=name, **about))
        for name in ("STANDARD", "POWER", "VALUE", None)
    ]
    sizes.append((azure, MachineKind(region="westeurope", compute_type="Standard_D4s_v5")))
    assert azure.public_fields
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        found = list_rates(office, sizes)
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert [one is not None for one in found] == [True, True, True, False, False]
    assert len(asked) == 2
