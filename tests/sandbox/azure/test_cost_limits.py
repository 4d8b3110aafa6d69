"""The query of costs: what is late, changes or is hidden, who may ask, how often, and what fails."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from sandbox import demo_azure as demo
from sandbox.azure_control import AzureSandbox
from tests.sandbox.azure.clients import GROUP, Clients
from tests.sandbox.azure.costs import (
    DAY_S,
    HOUR_S,
    SCOPE,
    VAULT,
    ask,
    days,
    definition,
    id_of,
    refusal,
    truth,
)

OTHER = "00000000-be47-4000-8000-0000000000aa"
ACTION = "Microsoft.CostManagement/query/action"
QPU = "x-ms-ratelimit-microsoft.costmanagement-qpu"


def test_young_usage_is_not_on_the_bill_yet(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.add_cost(day="2026-03-12", amount="9", resource_id=VAULT)
    exact = truth(three_days)
    three_days.set_settings(bill_lag_s=30 * HOUR_S)
    early = days(sdk, "2026-03-10", "2026-03-12")
    three_days.advance(30 * HOUR_S)
    late = days(sdk, "2026-03-10", "2026-03-12")

    assert early[20260310] == exact["2026-03-10"]
    assert Decimal(0) < early[20260311] < exact["2026-03-11"]
    assert 20260312 not in early
    assert list(late.values()) == list(exact.values())


def test_costs_of_the_latest_days_change_until_they_settle(sdk: Clients, three_days: AzureSandbox) -> None:
    exact = truth(three_days)
    three_days.set_settings(bill_settling_s=72 * HOUR_S)
    first = days(sdk, "2026-03-10", "2026-03-12")
    three_days.advance(HOUR_S)
    second = days(sdk, "2026-03-10", "2026-03-12")
    three_days.advance(72 * HOUR_S)

    assert first != second
    assert all(abs(first[day] / exact[_iso(day)] - 1) <= Decimal("0.05") for day in first)
    assert days(sdk, "2026-03-10", "2026-03-12") == {int(day.replace("-", "")): exact[day] for day in exact}


def _iso(day: int) -> str:
    return f"{day // 10000}-{day // 100 % 100:02}-{day % 100:02}"


def test_a_past_day_is_corrected_later_and_others_costs_are_in_the_bill(
    sdk: Clients, three_days: AzureSandbox
) -> None:
    before = days(sdk, "2026-03-10")
    correction_at = three_days.now() + DAY_S
    three_days.add_cost(day="2026-03-10", amount="-0.5", resource_id=id_of("vm0"), visible_at=correction_at)
    three_days.add_cost(
        day="2026-03-11", last_day="2026-03-12", amount="3", resource_id=VAULT, service="Key Vault"
    )
    unchanged = days(sdk, "2026-03-10")
    three_days.advance(DAY_S)
    after = days(sdk, "2026-03-10")
    foreign = ask(sdk, "2026-03-10", "2026-03-12", group=("ResourceId", "ServiceName"))

    assert unchanged == before
    assert after[20260310] - before[20260310] == Decimal("-0.5")
    assert [row["Cost"] for row in foreign if row["ServiceName"] == "Key Vault"] == [Decimal(3)] * 2
    assert {row["ResourceId"] for row in foreign} >= {VAULT.lower()}


def test_who_may_not_query_is_refused_in_one_of_two_ways(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.deny([ACTION])
    with pytest.raises(ClientAuthenticationError) as unauthorized:
        sdk.costs.query.usage(SCOPE, definition("2026-03-10"))
    three_days.set_settings(cost_denied_403=1)
    forbidden = refusal(sdk)

    assert (unauthorized.value.status_code, unauthorized.value.error.code) == (401, "RBACAccessDenied")
    assert (forbidden.status_code, forbidden.error.code) == (403, "AuthorizationFailed")
    assert ACTION in forbidden.message


def test_a_subscription_may_hide_its_costs_from_readers(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.set_bill(hidden="AccountCostDisabled")
    hidden = refusal(sdk)
    three_days.set_bill(hidden="")

    assert (hidden.status_code, hidden.error.code) == (400, "AccountCostDisabled")
    assert days(sdk, "2026-03-10")


def test_there_may_be_no_content(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.add_fault("no_content")

    assert sdk.costs.query.usage(SCOPE, definition("2026-03-10")) is None
    assert ask(sdk, "2027-01-01") == []


@pytest.mark.parametrize("is_plain", [False, True])
def test_after_four_queries_a_tenant_waits_as_its_own_header_says(
    is_plain: bool, sdk: Clients, three_days: AzureSandbox
) -> None:
    three_days.add_subscription(OTHER)
    three_days.set_settings(qpu_per_min=4, qpu_burst=4, qpu_retry_after=int(is_plain), reads_per_s=0.001)
    heard: list[Any] = []
    for _ in range(3):
        sdk.costs.query.usage(SCOPE, definition("2026-03-10"), raw_response_hook=heard.append)
    sdk.costs.query.usage(f"subscriptions/{OTHER}", definition("2026-03-10"), raw_response_hook=heard.append)
    throttled = refusal(sdk)
    headers = throttled.response.headers
    three_days.advance(float(headers[f"{QPU}-retry-after"]))

    left = [one.http_response.headers[f"{QPU}-remaining"] for one in heard]
    assert left == ["3", "2", "1", "0"]
    assert (throttled.status_code, throttled.error.code) == (429, "429")
    assert (headers[f"{QPU}-retry-after"], headers.get("Retry-After")) == ("15", "15" if is_plain else None)
    assert days(sdk, "2026-03-10")


def test_a_query_costs_a_unit_for_each_month(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.set_settings(qpu_per_min=12, qpu_burst=12)
    heard: list[Any] = []

    sdk.costs.query.usage(SCOPE, definition("2025-11-30", "2026-02-01"), raw_response_hook=heard.append)

    headers = heard[0].http_response.headers
    assert (headers[f"{QPU}-consumed"], headers[f"{QPU}-remaining"]) == ("4", "8")
    assert "x-ms-ratelimit-remaining-subscription-writes" not in headers


def test_queries_are_in_the_ledger_and_take_nothing_from_resource_manager(
    sdk: Clients, three_days: AzureSandbox
) -> None:
    three_days.set_settings(reads_per_s=0.001, reads_burst=1, writes_per_s=0.001, writes_burst=1)
    for _ in range(3):
        ask(sdk, "2026-03-10")
    three_days.add_fault("throttle", operation="query.usage", retry_after_s=30)
    throttled = refusal(sdk)
    sdk.compute.virtual_machines.get(GROUP, "vm1")

    outcomes = [line["outcome"] for line in three_days.ledger(operation="query.usage")]
    assert outcomes == ["ok", "ok", "ok", "429"]
    assert throttled.response.headers[f"{QPU}-retry-after"] == "30"
    assert "Retry-After" not in throttled.response.headers


def test_a_reset_forgets_prices_and_terms(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.set_price("Standard_D4s_v5", hour="1")
    three_days.set_bill(currency="EUR")
    three_days.reset()

    assert three_days.bill() == []
    assert three_days.set_bill() == {
        "subscription_id": demo.DEMO_SUBSCRIPTION_ID,
        "currency": "USD",
        "rate": "1",
        "hidden": "",
    }
