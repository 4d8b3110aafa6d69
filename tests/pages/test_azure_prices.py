"""Azure's sizes with their prices: the disk each month, and the hours."""

from tests.azure_rows import add_azure_credential
from tests.desk import START, Desk
from tests.pages.reader import Visitor
from webapp.domain.costs.prices import Part
from webapp.models import ListPrice


def test_a_size_is_unknown_until_prices_are_read_and_then_disk_and_hours(
    desk: Desk, provider: Visitor
) -> None:
    credential_id = add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)
    here = f"/credentials/{credential_id}/bundles/"
    assert "Berth knows no prices here yet." in provider.read(here).text

    with desk.sessions.begin() as session:
        for sku, part, amount in (
            ("P10 LRS", Part.DISK_MONTH, "19.71"),
            ("Standard_D4s_v5", Part.HOUR, "0.192"),
        ):
            session.add(
                ListPrice(
                    cloud_provider="azure",
                    region="westeurope",
                    sku=sku,
                    part=part,
                    currency="USD",
                    amount=amount,
                    valid_from=START.date(),
                    read_at=START,
                )
            )

    text = provider.read(here).text
    assert "$19.71 + $0.19/h" in text
    assert "about $50.43" in text
