"""The public price list: no sign-in, filter, currencies, pages, and what must not be taken for a price."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import requests

from sandbox.azure.server import Handle
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.costs import moment

SIZE = (
    "serviceName eq 'Virtual Machines' and armRegionName eq 'westeurope' and armSkuName eq 'Standard_D4s_v5'"
)
FIELDS = {
    "currencyCode", "tierMinimumUnits", "retailPrice", "unitPrice", "armRegionName", "location",
    "effectiveStartDate", "meterId", "meterName", "productId", "skuId", "productName", "skuName",
    "serviceName", "serviceId", "serviceFamily", "unitOfMeasure", "type", "isPrimaryMeterRegion",
    "armSkuName",
}  # fmt: skip


class PriceList:
    def __init__(self, server: Handle) -> None:
        self._server = server

    def ask(self, wanted: str | None = None, **params: str) -> requests.Response:
        values = {"api-version": "2023-01-01-preview", **params, **({"$filter": wanted} if wanted else {})}
        return self.follow(f"{self._server.url}/api/retail/prices", values)

    def follow(self, link: str, params: dict[str, str] | None = None) -> requests.Response:
        return requests.get(link, params=params, verify=self._server.ca_file, timeout=5)

    def items(self, wanted: str, **params: str) -> list[dict[str, Any]]:
        return list(self.ask(wanted, **params).json()["Items"])


@pytest.fixture
def prices(server: Handle, control: AzureSandbox) -> PriceList:
    return PriceList(server)


def test_a_size_has_two_meters_among_what_is_no_price_for_it(prices: PriceList) -> None:
    rows = prices.items(f"{SIZE} and priceType eq 'Consumption'")
    plain = {
        row["productName"]: row["retailPrice"]
        for row in rows
        if "Spot" not in row["skuName"] and "Low Priority" not in row["skuName"]
    }

    assert plain == {"Virtual Machines Dsv5 Series": 0.2304, "Virtual Machines Dsv5 Series Windows": 0.4144}
    assert {row["meterName"] for row in rows} == {"D4s v5", "D4s v5 Spot", "D4s v5 Low Priority"}
    assert {row["type"] for row in prices.items(SIZE)} == {"Consumption", "Reservation", "DevTestConsumption"}
    assert {row["unitOfMeasure"] for row in rows} == {"1 Hour"}
    assert all(set(row) == FIELDS for row in rows)
    assert len({(row["meterId"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("meter", "price"),
    [("E10 LRS Disk", 11.52), ("P10 LRS Disk", 23.652), ("S10 LRS Disk", 7.0656), ("E10 ZRS Disk", 17.28)],
)
def test_a_disk_has_a_price_of_a_month(meter: str, price: float, prices: PriceList) -> None:
    [row] = prices.items(f"armRegionName eq 'westeurope' and meterName eq '{meter}'")

    assert (row["retailPrice"], row["unitOfMeasure"], row["serviceName"]) == (price, "1/Month", "Storage")


def test_values_are_case_sensitive_and_filters_combine(prices: PriceList) -> None:
    some = (
        "(contains(skuName, 'Spot') or endswith(skuName, 'Priority')) and startswith(productName, 'Virtual')"
    )

    assert prices.items(SIZE.replace("westeurope", "WestEurope")) == []
    assert len(prices.items(f"{SIZE} and {some}")) == 4
    assert len(prices.items(f"{SIZE} and priceType ne 'Consumption'")) == 2


def test_other_currencies_are_a_fixed_factor(prices: PriceList) -> None:
    wanted = f"{SIZE} and skuName eq 'D4s v5' and productName eq 'Virtual Machines Dsv5 Series Windows'"
    answer = prices.ask(f"{wanted} and priceType eq 'Consumption'", currencyCode="'EUR'").json()

    assert answer["BillingCurrency"] == "EUR"
    assert [(row["currencyCode"], row["retailPrice"]) for row in answer["Items"]] == [("EUR", 0.381248)]


def test_a_change_of_price_shows_from_its_day_on(prices: PriceList, control: AzureSandbox) -> None:
    control.set_now(moment("2026-03-10T12:00"))
    control.set_price("E10 LRS", month="12", valid_from="2026-03-11")
    control.set_price("Standard_D4s_v5", hour="0.5", system="windows")
    wanted = "armRegionName eq 'westeurope' and meterName eq 'E10 LRS Disk'"
    before = prices.items(wanted)
    control.advance(86400)
    after = prices.items(wanted)

    shown = [(row["retailPrice"], row["effectiveStartDate"]) for row in (*before, *after)]
    assert shown == [(11.52, "2020-01-01T00:00:00Z"), (12.0, "2026-03-11T00:00:00Z")]
    assert Decimal("0.5") in {Decimal(str(row["retailPrice"])) for row in prices.items(SIZE)}


def test_pages_are_followed_by_their_links(prices: PriceList, control: AzureSandbox) -> None:
    whole = prices.ask("serviceName eq 'Storage'").json()["Items"]
    control.set_settings(retail_page=100)
    page = prices.ask("serviceName eq 'Storage'", currencyCode="'USD'").json()
    rows = list(page["Items"])
    while page["NextPageLink"]:
        page = prices.follow(page["NextPageLink"]).json()
        rows += page["Items"]

    assert len(whole) > 300
    assert rows == whole


@pytest.mark.parametrize(
    ("wanted", "params"),
    [
        ("colour eq 'red'", {}),
        ("skuName like 'a'", {}),
        ("skuName eq", {}),
        ("(skuName eq 'a'", {}),
        ("skuName eq 'a' 'b'", {}),
        ("skuName eq 'a", {}),
        (None, {"currencyCode": "'XXX'"}),
        (None, {"$skip": "many"}),
    ],
)
def test_what_it_does_not_understand_is_refused(
    wanted: str | None, params: dict[str, str], prices: PriceList, control: AzureSandbox
) -> None:
    answer = prices.ask(wanted, **params)

    assert (answer.status_code, answer.json()["Error"]["Code"]) == (400, "BadRequest")
    assert [line["outcome"] for line in control.ledger(operation="retailPrices.list")] == ["BadRequest"]


def test_faults_reach_the_price_list(prices: PriceList, control: AzureSandbox) -> None:
    control.add_fault("throttle", operation="retailPrices.list", retry_after_s=7)
    throttled = prices.ask(SIZE)

    assert (throttled.status_code, throttled.headers["Retry-After"]) == (429, "7")
    assert prices.ask(SIZE).status_code == 200
