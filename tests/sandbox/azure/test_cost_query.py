"""The query of costs over the wire: its columns, groups, filters, times and pages, and what it refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.compute.models import DiskUpdate

from sandbox.azure import timing
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
    moment,
    pages_of,
    refusal,
    rows_of,
    truth,
)

OTHER = "00000000-be47-4000-8000-0000000000aa"
BASE, DIGITS = Decimal("0.2304"), Decimal("1E-8")
"""A D4s_v5 an hour with its own licence: westeurope, in US dollars."""
MACHINES = {"dimensions": {"name": "ServiceName", "operator": "In", "values": ["Virtual Machines"]}}


def _machine(control: AzureSandbox, at: str) -> None:
    control.set_now(moment(at))
    control.make_machine("vm1", pool=None, license="Windows_Client", tags={"cost": "old"})


def test_a_day_costs_its_hours(sdk: Clients, control: AzureSandbox) -> None:
    _machine(control, "2026-03-10T18:30")
    control.set_now(moment("2026-03-12T00:00"))

    rows = ask(sdk, "2026-03-10", "2026-03-12", numbers=("PreTaxCost", "UsageQuantity"), filter=MACHINES)

    assert rows == [
        {
            "PreTaxCost": BASE * Decimal("5.5"),
            "UsageQuantity": Decimal("5.5"),
            "UsageDate": 20260310,
            "Currency": "USD",
        },
        {
            "PreTaxCost": BASE * 24,
            "UsageQuantity": Decimal(24),
            "UsageDate": 20260311,
            "Currency": "USD",
        },
    ]


def test_tags_count_from_the_moment_of_tagging(sdk: Clients, control: AzureSandbox) -> None:
    _machine(control, "2026-03-10T00:00")
    control.advance(HOUR_S)
    control.set_tags("vm1", {"Cost": "new"}, parts=("vm",))
    control.advance(2 * HOUR_S)

    rows = ask(sdk, "2026-03-10", tags=("cost",), filter=MACHINES)

    assert [(row["TagKey"], row["TagValue"], row["Cost"]) for row in rows] == [
        ("cost", "new", BASE * 2),
        ("cost", "old", BASE),
    ]


def test_a_disk_has_its_new_tags_when_the_change_has_ended(sdk: Clients, control: AzureSandbox) -> None:
    _machine(control, "2026-03-10T00:00")
    sdk.compute.disks.begin_update(GROUP, "vm1-os", DiskUpdate(tags={"cost": "new"}), polling=False)
    control.set_now(moment("2026-03-11T00:00"))

    rows = ask(sdk, "2026-03-10", tags=("cost",), group=("ServiceName",), numbers=("UsageQuantity",))

    by_value = {row["TagValue"]: row["UsageQuantity"] for row in rows if row["ServiceName"] == "Storage"}
    month_s, tagged_s = Decimal(31 * DAY_S), DAY_S - int(timing.PART_UPDATE_S)
    assert by_value == {
        "new": (tagged_s / month_s).quantize(DIGITS),
        "": (int(timing.PART_UPDATE_S) / month_s).quantize(DIGITS),
    }


def test_a_machine_of_an_old_name_is_the_same_resource_on_the_bill(
    sdk: Clients, control: AzureSandbox
) -> None:
    _machine(control, "2026-03-10T00:00")
    control.advance(HOUR_S)
    control.delete_by_hand("vm1")
    control.advance(HOUR_S)
    _machine(control, "2026-03-10T05:00")
    control.advance(HOUR_S)

    [row] = ask(sdk, "2026-03-10", group=("ResourceId",), filter=MACHINES)

    assert row["Cost"] == BASE * 2


def test_a_month_is_the_sum_of_its_days(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.advance(25 * DAY_S)
    by_day, months = truth(three_days), ask(sdk, "2026-03-01", "2026-04-30", granularity="Monthly")

    assert [(row["BillingMonth"], row["Cost"]) for row in months] == [
        (f"{month}-01T00:00:00", sum(by_day[day] for day in by_day if day.startswith(month)))
        for month in ("2026-03", "2026-04")
    ]


@pytest.mark.parametrize(
    "grouping",
    [
        {"group": ("ResourceId",)},
        {"group": ("ResourceId", "ServiceName")},
        {"group": ("ResourceGroupName", "ResourceType")},
        {"group": ("MeterCategory",), "tags": ("team",)},
    ],
)
@pytest.mark.parametrize("granularity", ["Daily", "Monthly", "None", None])
def test_the_groups_sum_up_to_the_total_exactly(
    grouping: dict[str, Any], granularity: str | None, sdk: Clients, three_days: AzureSandbox
) -> None:
    three_days.add_cost(day="2026-03-11", amount="0.00000001", resource_id=VAULT, service="Key Vault")

    rows = ask(sdk, "2026-03-01", "2026-03-31", granularity=granularity, **grouping)
    [whole] = ask(sdk, "2026-03-01", "2026-03-31", granularity="None")

    assert len(rows) > 1
    assert sum(row["Cost"] for row in rows) == whole["Cost"] == sum(truth(three_days).values())


def test_ids_groups_and_types_are_shown_in_lower_case_unless_it_is_switched_off(
    sdk: Clients, three_days: AzureSandbox
) -> None:
    shown = ask(sdk, "2026-03-10", group=("ResourceId", "ResourceType"))
    three_days.set_settings(bill_ids_as_made=1)
    as_made = ask(sdk, "2026-03-10", group=("ResourceId",))

    assert shown[0]["ResourceId"].endswith("/microsoft.compute/disks/vm0-os")
    assert {row["ResourceType"] for row in shown} == {
        "microsoft.compute/disks",
        "microsoft.compute/virtualmachines",
    }
    assert as_made[0]["ResourceId"].endswith("/Microsoft.Compute/disks/VM0-os")


def test_filters_combine(sdk: Clients, three_days: AzureSandbox) -> None:
    services = {"dimensions": {"name": "serviceName", "operator": "In", "values": ["virtual machines"]}}
    team = {"tags": {"name": "TEAM", "operator": "In", "values": ["t1"]}}
    first = {"dimensions": {"name": "ResourceId", "operator": "In", "values": [id_of("vm0")]}}

    both = ask(sdk, "2026-03-10", group=("ResourceId",), filter={"and": [services, team]})
    either = ask(sdk, "2026-03-10", group=("ResourceId",), filter={"or": [first, {"and": [services, team]}]})

    assert [row["ResourceId"] for row in both] == [id_of("vm1")]
    assert [row["ResourceId"] for row in either] == [id_of("vm0"), id_of("vm1")]


def test_a_query_of_a_group_sees_that_group_only(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.add_cost(day="2026-03-10", amount="5", resource_id=VAULT)
    whole, inside = days(sdk, "2026-03-10"), days(sdk, "2026-03-10", scope=f"{SCOPE}/resourceGroups/{GROUP}")

    assert whole[20260310] - inside[20260310] == 5
    with pytest.raises(ResourceNotFoundError):
        sdk.costs.query.usage(f"{SCOPE}/resourceGroups/rg-nowhere", definition("2026-03-10"))


def test_the_time_frames_are_months_of_the_clouds_calendar(sdk: Clients, three_days: AzureSandbox) -> None:
    three_days.set_now(moment("2026-04-02T00:00"))

    def frame(name: str) -> set[int]:
        asked = {**definition(), "timeframe": name}
        return {row["UsageDate"] for row in rows_of(pages_of(sdk, asked))}

    assert frame("MonthToDate") == {20260401}
    assert frame("TheLastMonth") == set(range(20260310, 20260332))


def test_pages_show_the_moment_of_the_first_and_lose_nothing(sdk: Clients, three_days: AzureSandbox) -> None:
    [whole] = pages_of(sdk, definition("2026-03-10", "2026-03-12", group=("ResourceId",)))
    three_days.set_settings(bill_page=7)
    asked = definition("2026-03-10", "2026-03-12", group=("ResourceId",))
    first = sdk.costs.query.usage(SCOPE, asked)
    token = first.next_link.partition("%24skiptoken=")[2] or first.next_link.partition("$skiptoken=")[2]
    three_days.add_cost(day="2026-03-10", amount="1", resource_id="/a/first/one")
    second = sdk.costs.query.usage(SCOPE, asked, params={"$skiptoken": _unquoted(token)})
    pages = pages_of(sdk, asked)

    assert first.rows + second.rows == whole.rows[:14]
    assert [len(page.rows) for page in pages] == [7, 7, 5]
    assert first.next_link.startswith(f"{sdk.url}/{SCOPE}/providers/Microsoft.CostManagement/query?")


def _unquoted(token: str) -> str:
    return token.replace("%3D", "=")


def test_each_subscription_has_its_own_currency(sdk: Clients, control: AzureSandbox) -> None:
    control.set_now(moment("2026-03-10T00:00"))
    control.add_subscription(OTHER)
    control.set_bill(currency="EUR", subscription_id=OTHER)
    control.make_machine("vm1", pool=None)
    control.make_machine("vm2", pool=None, subscription_id=OTHER)
    control.advance(HOUR_S)

    dollars = ask(sdk, "2026-03-10", filter=MACHINES)
    euros = ask(sdk, "2026-03-10", filter=MACHINES, scope=f"subscriptions/{OTHER}")

    assert [(row["Cost"], row["Currency"]) for row in dollars] == [(Decimal("0.4144"), "USD")]
    assert [(row["Cost"], row["Currency"]) for row in euros] == [(Decimal("0.381248"), "EUR")]
    assert [one["currency"] for one in control.bill(subscription_id=OTHER)] == ["EUR", "EUR"]


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Forecast"},
        {"timeframe": "Yesterday"},
        {"timePeriod": None},
        {"timePeriod": {"from": "2026-03-10", "to": "2026-03-09"}},
        {"timePeriod": {"from": "2026-03-10", "to": "2028-03-09"}},
        {"timePeriod": {"from": "soon", "to": "2026-03-09"}},
        {"dataset": None},
        {"dataset": definition(granularity="Hourly")["dataset"]},
        {"dataset": definition(numbers=())["dataset"]},
        {"dataset": definition(numbers=("Cost", "PreTaxCost", "UsageQuantity"))["dataset"]},
        {"dataset": definition(numbers=("Joy",))["dataset"]},
        {"dataset": definition(group=("ResourceId", "ServiceName", "MeterCategory"))["dataset"]},
        {"dataset": definition(group=("Colour",))["dataset"]},
        {"dataset": definition(filter={"and": []})["dataset"]},
        {"dataset": definition(filter={"not": {}})["dataset"]},
        {
            "dataset": definition(filter={"tags": {"name": "a", "operator": "Not", "values": ["b"]}})[
                "dataset"
            ]
        },
        {"dataset": definition(filter={"tags": {"name": "a", "operator": "In", "values": []}})["dataset"]},
    ],
)
def test_a_wrong_definition_is_refused(changes: Any, sdk: Clients, three_days: AzureSandbox) -> None:
    wrong = refusal(sdk, {**definition("2026-03-10"), **changes})

    assert (wrong.status_code, wrong.error.code) == (400, "BadRequest")
