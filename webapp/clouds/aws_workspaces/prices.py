"""Amazon's price list: every size, system, running mode and pair of volumes of one region.

Source: docs/evidence/aws_workspaces.md#price-list.
"""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from webapp.clouds.aws_workspaces.client import AwsClient
from webapp.domain.costs.prices import Part, Price
from webapp.providers.aws_workspaces.billing import ALWAYS_ON, AUTO_STOP, sku, system_of

SERVICE_CODE = "AmazonWorkSpaces"
MODES = {"AlwaysOn": ALWAYS_ON, "AutoStop": AUTO_STOP}
PARTS = {"Month": Part.MONTH, "Hour": Part.HOUR}
OWN_LICENCE = "bring your own license"
_VOLUMES = re.compile(r"Root:\s*(\d+)\s*GB,\s*User:\s*(\d+)\s*GB")


class AmazonPrices:
    def __init__(self, client: AwsClient, region: str) -> None:
        self._client, self._region = client, region

    def read_prices(self) -> list[Price]:
        products = _products(self._client, self._region)
        return [price for product in products for price in _prices(product, self._region)]


def _products(client: AwsClient, region: str) -> Iterator[dict[str, Any]]:
    asked: dict[str, Any] = {
        "ServiceCode": SERVICE_CODE,
        "Filters": [{"Type": "TERM_MATCH", "Field": "regionCode", "Value": region}],
        "MaxResults": 100,
    }
    while True:
        page = client.read("GetProducts", service="pricing", **asked)
        yield from (json.loads(line) for line in page.get("PriceList", ()))
        if not page.get("NextToken"):
            return
        asked["NextToken"] = page["NextToken"]


def _prices(product: dict[str, Any], region: str) -> Iterator[Price]:
    """Of a machine; nothing for software, own licences, and what Berth has no name for."""
    attributes = product.get("product", {}).get("attributes", {})
    name = _sku(attributes)
    if name is None:
        return
    for term in product.get("terms", {}).get("OnDemand", {}).values():
        for dimension in term.get("priceDimensions", {}).values():
            part, since = PARTS.get(dimension.get("unit", "")), _day(term.get("effectiveDate", ""))
            for currency, amount in _amounts(dimension):
                if part is not None and since is not None:
                    yield Price(region, name, part, amount, currency, since)


def _sku(attributes: dict[str, str]) -> str | None:
    volumes = _VOLUMES.search(attributes.get("storage", ""))
    system = system_of(attributes.get("operatingSystem", ""))
    mode = MODES.get(attributes.get("runningMode", ""))
    is_own = attributes.get("license", "").lower() == OWN_LICENCE
    if attributes.get("resourceType") != "Hardware" or is_own or not (volumes and system and mode):
        return None
    return sku(attributes.get("bundle", ""), "/".join(volumes.groups()), system, mode)


def _amounts(dimension: dict[str, Any]) -> Iterator[tuple[str, Decimal]]:
    """By currency; rows of nothing are no prices."""
    for currency, said in dimension.get("pricePerUnit", {}).items():
        try:
            amount = Decimal(said)
        except InvalidOperation:
            continue
        if amount.is_finite() and amount > 0:
            yield currency, amount


def _day(moment: str) -> date | None:
    try:
        return datetime.fromisoformat(moment).date()
    except ValueError:
        return None
