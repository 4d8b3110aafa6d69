"""The price list, read as a program must read it, agrees with the bill."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.aws.catalogue import SIZES
from tests.sandbox.billing import Biller, at

REGIONS = {
    "us-east-1": "US East (N. Virginia)",
    "eu-central-1": "EU (Frankfurt)",
    "eu-west-1": "EU (Ireland)",
}


def _filters(**attributes: str) -> list[dict[str, str]]:
    return [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in attributes.items()]


@pytest.fixture
def products(biller: Biller, make_client: Callable[..., Any]) -> Callable[..., list[dict[str, Any]]]:
    """Every product that matches, over all pages."""
    client = make_client("pricing", region="us-east-1")

    def look(**attributes: str) -> list[dict[str, Any]]:
        pages = client.get_paginator("get_products").paginate(
            ServiceCode="AmazonWorkSpaces", Filters=_filters(**attributes)
        )
        return [json.loads(text) for page in pages for text in page["PriceList"]]

    return look


def _prices(found: list[dict[str, Any]]) -> dict[tuple[str, str], Decimal]:
    """Usage type and unit: price, without what is free."""
    prices = {}
    for one in found:
        [term] = one["terms"]["OnDemand"].values()
        [dimension] = term["priceDimensions"].values()
        amount = Decimal(dimension["pricePerUnit"]["USD"])
        if amount:
            prices[one["product"]["attributes"]["usagetype"], dimension["unit"]] = amount
    return prices


def test_the_published_prices_are_found_by_attributes(products: Callable[..., Any]) -> None:
    more = {"operatingSystem": "Windows", "license": "Included", "storage": "Root:80 GB,User:50 GB"}
    found = {
        region: _prices(products(regionCode=region, bundle="Standard", **more))
        for region in ("us-east-1", "eu-west-1")
    }

    assert found == {
        "us-east-1": {
            ("AW-HW-2", "Month"): 35,
            ("AW-HW-2-AutoStop-User", "Month"): Decimal("9.75"),
            ("AW-HW-2-AutoStop-Usage", "Hour"): Decimal("0.3"),
        },
        "eu-west-1": {
            ("EU-AW-HW-2", "Month"): 37,
            ("EU-AW-HW-2-AutoStop-User", "Month"): 11,
            ("EU-AW-HW-2-AutoStop-Usage", "Hour"): Decimal("0.32"),
        },
    }


def test_software_is_listed_for_nothing_and_an_own_licence_for_less(products: Callable[..., Any]) -> None:
    shared = {"location": "US East (N. Virginia)", "bundle": "Value", "runningMode": "AlwaysOn"}
    found = products(operatingSystem="Windows", **shared)

    listed = {
        (one["product"]["attributes"]["resourceType"], one["product"]["attributes"]["license"]): one
        for one in found
    }

    assert set(listed) == {
        ("Hardware", "Included"),
        ("Software", "Included"),
        ("Hardware", "Bring Your Own License"),
    }
    assert _prices([listed["Software", "Included"]]) == {}
    assert set(_prices([listed["Hardware", "Bring Your Own License"]]).values()) == {Decimal(21)}


@pytest.mark.parametrize("region", list(REGIONS))
def test_every_size_has_every_price_in_every_region(region: str, products: Callable[..., Any]) -> None:
    found = products(regionCode=region, resourceType="Hardware", license="Included")

    by_size: dict[str, int] = {}
    for one in found:
        attributes = one["product"]["attributes"]
        assert attributes["location"] == REGIONS[region]
        by_size[attributes["bundle"]] = by_size.get(attributes["bundle"], 0) + 1
    # Three prices for each of five systems.
    assert by_size == {**dict.fromkeys(SIZES, 15), "Graphicspro": 15}


def test_bill_and_price_list_name_the_same_things_and_prices(
    biller: Biller, products: Callable[..., Any]
) -> None:
    biller.make("anna", when="2027-03-01")
    biller.make("ben", when="2027-03-01", bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID, mode="ALWAYS_ON")
    listed = {
        usage: amount
        for (usage, _), amount in _prices(products(regionCode=demo.DEMO_REGION, license="Included")).items()
    }

    billed = {line["usage_type"]: Decimal(line["amount"]) for line in biller.control.bill()}

    assert len(billed) == 3
    assert {usage: listed[usage] for usage in billed} == billed


def test_a_price_is_listed_from_its_day_on(biller: Biller, products: Callable[..., Any]) -> None:
    place: dict[str, Any] = {"region": "us-east-1", "compute": "VALUE", "mode": "ALWAYS_ON"}
    biller.control.set_price(**place, month="26.5", valid_from="2027-03-11")

    def look(moment: str) -> tuple[Decimal, str]:
        biller.control.set_now(at(moment))
        [one] = products(usagetype="AW-HW-1", resourceType="Hardware")
        [term] = one["terms"]["OnDemand"].values()
        return next(iter(_prices([one]).values())), term["effectiveDate"]

    assert look("2027-03-10T23:59") == (25, "2020-01-01T00:00:00Z")
    assert look("2027-03-11") == (Decimal("26.5"), "2027-03-11T00:00:00Z")


def test_pages_are_cut_and_the_rest_is_refused_in_the_clouds_words(
    biller: Biller, make_client: Callable[..., Any]
) -> None:
    client = make_client("pricing", region="eu-central-1")

    def code(call: Callable[..., Any], **values: Any) -> str:
        with pytest.raises(ClientError) as refusal:
            call(**values)
        return str(refusal.value.response["Error"]["Code"])

    first = client.get_products(ServiceCode="AmazonWorkSpaces", MaxResults=3)
    assert len(first["PriceList"]) == 3
    assert len(client.get_products(ServiceCode="AmazonWorkSpaces")["PriceList"]) == 100
    assert code(client.get_products, ServiceCode="AmazonWorkSpaces", MaxResults=101) == "ValidationException"
    assert code(client.get_products, ServiceCode="AmazonEC2") == "NotFoundException"
    damaged = code(client.get_products, ServiceCode="AmazonWorkSpaces", NextToken="nonsense")
    assert damaged == "InvalidNextTokenException"
    elsewhere = make_client("pricing", region="eu-west-1")
    assert code(elsewhere.get_products, ServiceCode="AmazonWorkSpaces") == "InvalidSignatureException"
    biller.control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["pricing:GetProducts"])
    assert code(client.get_products, ServiceCode="AmazonWorkSpaces") == "AccessDeniedException"
