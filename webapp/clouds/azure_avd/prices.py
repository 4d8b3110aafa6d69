"""Azure's public price list: an hour of each size that Berth orders, a month of its system disk, and of a GiB
of snapshots.

Source: docs/evidence/azure_avd.md#retail-prices.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from azure.core.rest import HttpRequest

from webapp.clouds.azure_avd.client import AzureClient
from webapp.clouds.azure_avd.tables import SIZES
from webapp.domain.costs.prices import Part, Price
from webapp.providers.azure_avd.billing import DISKS, SNAPSHOT_SKU

OPERATION = "retailprices.list"
PATH = "/api/retail/prices"
VERSION = "2023-01-01-preview"
"""From it on the values of filters are case-sensitive."""
CURRENCY = "USD"
"""What Azure's prices are made in; others are for reference."""
SNAPSHOT_PRODUCT = "Standard HDD Managed Disks"
"""Those on premium SSD have the same name and cost more."""
NOT_OURS = ("Spot", "Low Priority")


class AzurePrices:
    def __init__(self, client: AzureClient, location: str) -> None:
        self._client, self._location = client, location

    def read_prices(self) -> list[Price]:
        sizes = sorted({size.vm_size for size in SIZES})
        machines = [_price(row, row["armSkuName"], Part.HOUR) for row in self._rows("armSkuName", sizes)]
        disks = sorted({*DISKS.values(), SNAPSHOT_SKU})
        months = [_price(row, row["skuName"], Part.DISK_MONTH) for row in self._rows("skuName", disks)]
        return [*machines, *months]

    def _rows(self, field: str, values: Sequence[str]) -> Iterator[dict[str, Any]]:
        """What Berth's template makes, of these sizes or disks."""
        service, is_ours = ("Virtual Machines", _is_base) if field == "armSkuName" else ("Storage", _is_disk)
        any_of = " or ".join(f"{field} eq '{value}'" for value in values)
        conditions = (
            f"serviceName eq '{service}'",
            f"armRegionName eq '{self._location}'",
            "priceType eq 'Consumption'",
            f"({any_of})",
        )
        asked = {"api-version": VERSION, "currencyCode": f"'{CURRENCY}'", "$filter": " and ".join(conditions)}
        return (row for row in self._pages(asked) if is_ours(row))

    def _pages(self, asked: dict[str, str]) -> Iterator[dict[str, Any]]:
        url, params = PATH, asked
        while url:
            page = self._client.read(OPERATION, self._get, url, params)
            yield from page["Items"]
            url, params = page.get("NextPageLink"), {}

    def _get(self, url: str, params: dict[str, str], **named: Any) -> dict[str, Any]:
        response = self._client.prices.send_request(
            HttpRequest("GET", self._client.prices.format_url(url), params=params), **named
        )
        response.raise_for_status()
        found: dict[str, Any] = response.json()
        return found


def _is_base(row: dict[str, Any]) -> bool:
    """With the licence type that the template sets, Windows is paid for: the meter without it counts."""
    is_spare = any(word in row["skuName"] for word in NOT_OURS)
    return not is_spare and not row["productName"].endswith("Windows") and row["unitOfMeasure"] == "1 Hour"


def _is_disk(row: dict[str, Any]) -> bool:
    """The disk itself, not its operations, nor a mount for more machines; or snapshots on standard HDD."""
    if row["skuName"] == SNAPSHOT_SKU:
        return row["productName"] == SNAPSHOT_PRODUCT and row["unitOfMeasure"] == "1 GB/Month"
    return row["meterName"] == f"{row['skuName']} Disk"


def _price(row: dict[str, Any], sku: str, part: Part) -> Price:
    amount = Decimal(repr(row["retailPrice"]))
    since = datetime.fromisoformat(row["effectiveStartDate"]).date()
    return Price(row["armRegionName"], sku, part, amount, row["currencyCode"], since)
