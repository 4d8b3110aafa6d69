"""The public price list: prices that are valid now, for everybody, without sign-in.

Beside each size's two meters it has what callers must not take: Spot, Low Priority, reservations, the price
for development and tests; beside each disk's, mounts and operations.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote, urlencode

from sandbox.azure.call import Answer
from sandbox.azure.errors import ArmError, Json
from sandbox.azure.ids import guid
from sandbox.azure.odata import read_filter
from sandbox.azure.prices import (
    BASE,
    DISK,
    RATES,
    REGIONS,
    SNAPSHOT,
    WINDOWS,
    PriceKey,
    in_currency,
)
from sandbox.azure.wire import base_of, read_address
from sandbox.azure.world import World
from sandbox.calendar_days import show_day
from sandbox.wire import HttpRequest

LIST = "retailPrices.list"
"""The operation name in ledger and faults."""
PATH = "/api/retail/prices"
YEAR_HOURS = 8760
_FIELDS = {
    name: name
    for name in (
        "armRegionName",
        "location",
        "meterId",
        "meterName",
        "productId",
        "skuId",
        "productName",
        "skuName",
        "serviceName",
        "serviceId",
        "serviceFamily",
        "armSkuName",
    )
} | {"priceType": "type", "type": "type"}
_DISKS = {"P": "Premium SSD", "E": "Standard SSD", "S": "Standard HDD"}
_MACHINES = {"serviceName": "Virtual Machines", "serviceId": "DZH313Z7MMC8", "serviceFamily": "Compute"}
_STORAGE = {"serviceName": "Storage", "serviceId": "DZH317F1HKN0", "serviceFamily": "Storage"}


class RetailError(ArmError):
    def body(self) -> Json:
        return {"Error": {"Code": self.code, "Message": self.message}}


def is_for(request: HttpRequest) -> bool:
    return request.method == "GET" and request.target.partition("?")[0].rstrip("/").lower() == PATH


def answer(world: World, request: HttpRequest, *, now: float) -> Answer:
    """Raises RetailError."""
    query = read_address(request.target).query
    currency = query.get("currencycode", "USD").strip("'")
    rate, skipped = RATES.get(currency), query.get("skip", "0")
    if rate is None or not skipped.isdigit():
        raise RetailError("BadRequest", "Invalid currency or OData parameters supplied")
    try:
        test = read_filter(query["filter"], _FIELDS) if query.get("filter") else None
    except ValueError as error:
        raise RetailError("BadRequest", f"Invalid OData parameters supplied: {error}") from None
    rows = [row for row in _rows(world, now, currency, rate) if test is None or test(row)]
    begin, size = int(skipped), int(world.settings()["retail_page"])
    shown = rows[begin : begin + size]
    link = None
    if begin + size < len(rows):
        kept = {"api-version": query.get("api-version"), "currencyCode": f"'{currency}'"}
        kept |= {"$filter": query.get("filter"), "$skip": str(begin + size)}
        values = {name: value for name, value in kept.items() if value}
        link = f"{base_of(request)}{PATH}?{urlencode(values, safe='$', quote_via=quote)}"
    return Answer(
        body={
            "BillingCurrency": currency,
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": shown,
            "NextPageLink": link,
            "Count": len(shown),
        }
    )


def _rows(world: World, now: float, currency: str, rate: Decimal) -> Iterator[Json]:
    today = show_day(int(now // 86400))
    for key in world.prices.keys():  # noqa: SIM118  # no mapping
        found = world.prices.find(key, day=today)
        if found is None:
            continue
        valid_from, amount = found
        for more, price in _ROWS.get(key.meter, _machine_rows)(key, amount):
            local = float(in_currency(price, rate))
            ids = ("product", more["productName"]), ("sku", more["productName"], more["skuName"])
            yield {
                "currencyCode": currency,
                "tierMinimumUnits": 0.0,
                "retailPrice": local,
                "unitPrice": local,
                "armRegionName": key.region,
                "location": REGIONS[key.region][1] if key.region in REGIONS else key.region,
                "effectiveStartDate": f"{valid_from}T00:00:00Z",
                "meterId": guid("meter", key.region, more["productName"], more["meterName"]),
                "productId": guid(*ids[0])[:12].upper(),
                "skuId": guid(*ids[1])[:18].upper(),
                "isPrimaryMeterRegion": True,
                "type": "Consumption",
                **more,
            }


def _machine_rows(key: PriceKey, amount: Decimal) -> Iterator[tuple[Json, Decimal]]:
    name = key.sku.removeprefix("Standard_").replace("_", " ")
    series = f"Virtual Machines {_series(key.sku)} Series" + (" Windows" if key.meter == WINDOWS else "")
    common = {**_MACHINES, "productName": series, "armSkuName": key.sku, "unitOfMeasure": "1 Hour"}
    shares = {"": Decimal(1), " Spot": Decimal("0.2"), " Low Priority": Decimal("0.4")}
    for suffix, share in shares.items():
        yield {**common, "skuName": name + suffix, "meterName": name + suffix}, amount * share
    plain = {**common, "skuName": name, "meterName": name}
    if key.meter == BASE:
        year = amount * YEAR_HOURS * Decimal("0.6")
        yield {**plain, "type": "Reservation", "reservationTerm": "1 Year"}, year
    else:
        yield {**plain, "type": "DevTestConsumption"}, amount / 2


def _series(size: str) -> str:
    """D4s_v5 → Dsv5."""
    return "".join(one for one in size.removeprefix("Standard_").partition("_v")[0] if not one.isdigit()) + (
        "v" + size.partition("_v")[2] if "_v" in size else ""
    )


def _disk_rows(key: PriceKey, amount: Decimal) -> Iterator[tuple[Json, Decimal]]:
    kind = _DISKS.get(key.sku[:1], key.sku)
    tier = key.sku.partition(" ")[0]
    common = {
        **_STORAGE,
        "productName": f"{kind} Managed Disks",
        "skuName": key.sku,
        "armSkuName": f"{kind.replace(' ', '_')}_Managed_Disk_{tier}",
        "unitOfMeasure": "1/Month",
    }
    yield {**common, "meterName": f"{key.sku} Disk"}, amount
    if key.sku.startswith("P"):
        yield {**common, "meterName": f"{key.sku} Disk Mount"}, amount / 20
    else:
        operations = {"meterName": f"{key.sku} Disk Operations", "unitOfMeasure": "10K"}
        yield {**common, **operations}, Decimal("0.002")


def _snapshot_rows(key: PriceKey, amount: Decimal) -> Iterator[tuple[Json, Decimal]]:
    """Incremental ones are on standard HDD; full ones on premium SSD have the same names."""
    common = {
        **_STORAGE,
        "skuName": key.sku,
        "armSkuName": "",
        "meterName": "LRS Snapshots",
        "unitOfMeasure": "1 GB/Month",
    }
    yield {**common, "productName": "Standard HDD Managed Disks"}, amount
    yield {**common, "productName": "Premium SSD Managed Disks"}, amount * Decimal("2.64")


_ROWS = {DISK: _disk_rows, SNAPSHOT: _snapshot_rows}
"""By meter; the others are of machines."""
