"""The price list: GetProducts and DescribeServices, from the table that the bill is computed from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from sandbox.aws.call import Call
from sandbox.aws.catalogue import SIZES
from sandbox.aws.errors import AwsError
from sandbox.aws.paging import cut_page
from sandbox.aws.prices import PriceKey, usage_type
from sandbox.aws.validate import check_enum, check_number, check_structures, check_text
from sandbox.calendar_days import DAY_MS, show_day, show_moment
from sandbox.demo import short_id

SERVICE_CODE = "AmazonWorkSpaces"
TERM, RATE = "JRTCKXETXF", "6YS6EN2CT7"
OWN_LICENCE_REBATE = Decimal(4)
"""What a month costs less with a Windows licence of one's own."""
_LOCATIONS = {
    "us-east-1": "US East (N. Virginia)",
    "eu-west-1": "EU (Ireland)",
    "eu-central-1": "EU (Frankfurt)",
}
_SYSTEMS = {
    "windows": ("Windows",),
    "linux": ("Amazon Linux", "Ubuntu Linux", "Rocky Linux", "Red Hat Enterprise Linux"),
}
_MODES = {"ALWAYS_ON": "AlwaysOn", "AUTO_STOP": "AutoStop"}
_PLANS = {"ALWAYS_ON": "Monthly Plus", "AUTO_STOP": "Hourly Plus"}
_POWER = {"VALUE": (1, 2), "STANDARD": (2, 4), "PERFORMANCE": (2, 8), "POWER": (4, 16), "POWERPRO": (8, 32)}
_NAMES = {compute: (name, root, user) for name, (compute, root, user) in SIZES.items()}
_FILTERS = ("TERM_MATCH", "EQUALS", "CONTAINS", "ANY_OF", "NONE_OF")


def get_products(call: Call) -> dict[str, Any]:
    _check_service(check_text(call.params, "ServiceCode", required=True))
    filters = check_structures(call.params, "Filters", most=50)
    for one in filters:
        check_enum(one, "Type", _FILTERS)
        for name in ("Type", "Field", "Value"):
            check_text(one, name, required=True, longest=1024)
    found = [
        product
        for product in _list_products(call)
        if all(_matches(one, product["product"]["attributes"]) for one in filters)
    ]
    page, token = cut_page(
        call,
        found,
        size=check_number(call.params, "MaxResults", least=1, most=100) or 100,
        key=lambda product: product["product"]["sku"],
        token=check_text(call.params, "NextToken"),
        bad_token="InvalidNextTokenException",
        ignore=("NextToken", "MaxResults"),
    )
    call.touched.accepted = len(page)
    result: dict[str, Any] = {
        "FormatVersion": "aws_v1",
        "PriceList": [json.dumps(product) for product in page],
    }
    return {**result, "NextToken": token} if token else result


def describe_services(call: Call) -> dict[str, Any]:
    _check_service(check_text(call.params, "ServiceCode") or SERVICE_CODE)
    names = sorted({name for one in _list_products(call) for name in one["product"]["attributes"]})
    return {
        "FormatVersion": "aws_v1",
        "Services": [{"ServiceCode": SERVICE_CODE, "AttributeNames": names}],
    }


def _check_service(code: str | None) -> None:
    if code != SERVICE_CODE:
        raise AwsError("NotFoundException", f"The sandbox has no prices of {code}.")


def _matches(rule: dict[str, str], attributes: dict[str, str]) -> bool:
    """An attribute that a product does not have never matches."""
    found, value = attributes.get(rule["Field"]), rule["Value"]
    if found is None:
        return False
    if rule["Type"] == "CONTAINS":
        return value in found
    if rule["Type"] in ("ANY_OF", "NONE_OF"):
        return (found in value.split(",")) == (rule["Type"] == "ANY_OF")
    return found == value


def _list_products(call: Call) -> list[dict[str, Any]]:
    """What is sold now, by SKU. A price that begins later is not listed yet."""
    products = []
    day = show_day(int(call.now * 1000) // DAY_MS)
    for key in call.world.prices.list_keys():
        dated = call.world.prices.find_dated(key, day=day)
        if dated is None:
            continue
        for attributes, amount in _variants(key, dated[1]):
            products.append(_product(key, attributes, amount, since=dated[0], published=int(call.now * 1000)))
    return sorted(products, key=lambda one: str(one["product"]["sku"]))


def _variants(key: PriceKey, amount: Decimal) -> Iterator[tuple[dict[str, str], Decimal]]:
    """For each system: the machine, its software for nothing, and Windows with a licence of one's own."""
    for system in _SYSTEMS[key.system]:
        shared = _attributes(key, system)
        yield {**shared, "resourceType": "Hardware", "license": "Included"}, amount
        software = {"resourceType": "Software", "usagetype": f"{usage_type(key)}-SW"}
        yield {**shared, **software, "license": "Included"}, Decimal(0)
        if system == "Windows" and key.part == "month":
            own = {"license": "Bring Your Own License", "usagetype": f"{usage_type(key)}-BYOL"}
            yield {**shared, **own, "resourceType": "Hardware"}, max(amount - OWN_LICENCE_REBATE, Decimal(0))


def _attributes(key: PriceKey, system: str) -> dict[str, str]:
    name, root, user = _NAMES.get(key.compute, (key.compute.title(), 100, 100))
    cores, memory = _POWER.get(key.compute, (16, 122))
    return {
        "servicecode": SERVICE_CODE,
        "servicename": "Amazon WorkSpaces",
        "location": _LOCATIONS.get(key.region, key.region),
        "locationType": "AWS Region",
        "regionCode": key.region,
        "operatingSystem": system,
        "bundle": name,
        "runningMode": _MODES[key.mode],
        "storage": f"Root:{root} GB,User:{user} GB",
        "vcpu": str(cores),
        "memory": f"{memory} GB",
        "usagetype": usage_type(key),
        "operation": "",
    }


def _product(
    key: PriceKey, attributes: dict[str, str], amount: Decimal, *, since: str, published: int
) -> dict[str, Any]:
    sku = short_id("sku", key, attributes["usagetype"], attributes["operatingSystem"], length=16).upper()
    term, rate = f"{sku}.{TERM}", f"{sku}.{TERM}.{RATE}"
    unit = key.part.title()
    size = f"{attributes['bundle']}-{attributes['vcpu']}vCPU,{attributes['memory']} Memory"
    licence = "licensed" if attributes["license"] == "Included" else "BYOL"
    system = f"{attributes['operatingSystem']} {licence}"
    words = f"${amount.normalize():f}/{key.part}-{_PLANS[key.mode]}-{system}-{size}"
    dimension = {
        "unit": unit,
        "beginRange": "0",
        "endRange": "Inf",
        "rateCode": rate,
        "description": words,
        "appliesTo": [],
        "pricePerUnit": {"USD": f"{amount:.10f}"},
    }
    return {
        "product": {"productFamily": "Enterprise Applications", "attributes": attributes, "sku": sku},
        "serviceCode": SERVICE_CODE,
        "terms": {
            "OnDemand": {
                term: {
                    "priceDimensions": {rate: dimension},
                    "sku": sku,
                    "effectiveDate": f"{since}T00:00:00Z",
                    "offerTermCode": TERM,
                    "termAttributes": {},
                }
            }
        },
        "version": show_moment(published).translate({ord(one): None for one in "-:TZ"}),
        "publicationDate": show_moment(published),
    }
