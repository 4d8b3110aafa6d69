"""Cost allocation tags: no tag divides the bill before its activation, unless a back-fill reaches there."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from tests.sandbox.billing import Biller, at, groups

BY_TEAM = [{"Type": "TAG", "Key": "team"}]
HOUR = Decimal("0.33")


@pytest.fixture
def activate(biller: Biller) -> Callable[..., Any]:
    def send(*keys: str, status: str = "Active") -> list[dict[str, str]]:
        entries = [{"TagKey": key, "Status": status} for key in keys]
        answer = biller.ce.update_cost_allocation_tags_status(CostAllocationTagsStatus=entries)
        return list(answer["Errors"])

    return send


def _teams(biller: Biller, first: str, end: str) -> dict[str, Decimal]:
    """By value of the tag, over all days."""
    found: dict[str, Decimal] = {}
    for (_, key), amount in groups(biller.ask(first, end, GroupBy=BY_TEAM)).items():
        found[key] = found.get(key, Decimal(0)) + amount
    return found


def _code(call: Callable[..., Any], **values: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(**values)
    error = refusal.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


def test_a_tag_divides_the_bill_from_its_activation_on(biller: Biller, activate: Callable[..., Any]) -> None:
    biller.make("anna", when="2027-03-10", tags={"team": "data"})
    biller.control.set_now(at("2027-03-11T10:30"))
    activate("team")
    biller.control.set_now(at("2027-03-12T05:30"))
    activate("team", status="Inactive")
    biller.control.set_now(at("2027-03-13"))

    assert _teams(biller, "2027-03-11", "2027-03-12") == {"team$": 11 * HOUR, "team$data": 13 * HOUR}
    assert _teams(biller, "2027-03-12", "2027-03-13") == {"team$data": 6 * HOUR, "team$": 18 * HOUR}


def test_usage_keeps_the_value_that_the_tag_had(biller: Biller, activate: Callable[..., Any]) -> None:
    one = biller.make("anna", when="2027-03-10", tags={"team": "data"})
    activate("team")
    biller.control.set_now(at("2027-03-11T08:00"))
    biller.workspaces.create_tags(ResourceId=one, Tags=[{"Key": "team", "Value": "care"}])
    biller.control.set_now(at("2027-03-11T20:00"))
    biller.workspaces.delete_tags(ResourceId=one, TagKeys=["team"])
    biller.control.set_now(at("2027-03-12"))

    assert _teams(biller, "2027-03-11", "2027-03-12") == {
        "team$data": 8 * HOUR,
        "team$care": 12 * HOUR,
        "team$": 4 * HOUR,
    }


def test_a_back_fill_reaches_back_to_where_the_tag_was(biller: Biller, activate: Callable[..., Any]) -> None:
    one = biller.make("anna", when="2027-02-10", tags={})
    biller.control.set_now(at("2027-03-11T10:30"))
    biller.workspaces.create_tags(ResourceId=one, Tags=[{"Key": "team", "Value": "data"}])
    biller.control.set_now(at("2027-03-20"))
    activate("team")
    start = biller.ce.start_cost_allocation_tag_backfill

    asked = start(BackfillFrom="2027-02-01T00:00:00Z")["BackfillRequest"]
    before = _teams(biller, "2027-03-11", "2027-03-13")
    biller.control.advance(3600)

    assert asked["BackfillStatus"] == "PROCESSING"
    assert before == {"team$": 48 * HOUR}
    assert _teams(biller, "2027-03-11", "2027-03-13") == {"team$": 11 * HOUR, "team$data": 37 * HOUR}
    [done] = biller.ce.list_cost_allocation_tag_backfill_history()["BackfillRequests"]
    assert (done["BackfillStatus"], done["CompletedAt"]) == ("SUCCEEDED", "2027-03-20T01:00:00Z")
    assert _code(start, BackfillFrom="2027-02-01T00:00:00Z").startswith("BackfillLimitExceededException")
    biller.control.advance(86400)
    assert start(BackfillFrom="2027-02-01T00:00:00Z")["BackfillRequest"]["BackfillFrom"]


def test_a_back_fill_takes_an_inactive_tag_out_of_the_past(
    biller: Biller, activate: Callable[..., Any]
) -> None:
    biller.make("anna", when="2027-03-10", tags={"team": "data"})
    activate("team")
    biller.control.set_now(at("2027-03-13"))
    activate("team", status="Inactive")
    before = _teams(biller, "2027-03-11", "2027-03-12")

    biller.ce.start_cost_allocation_tag_backfill(BackfillFrom="2027-03-01T00:00:00Z")
    biller.control.advance(3600)

    assert before == {"team$data": 24 * HOUR}
    assert _teams(biller, "2027-03-11", "2027-03-12") == {"team$": 24 * HOUR}


@pytest.mark.parametrize("moment", ["2026-02-01T00:00:00Z", "2027-03-02T00:00:00Z", "2027-04-01T00:00:00Z"])
def test_a_back_fill_begins_with_one_of_the_last_twelve_months(biller: Biller, moment: str) -> None:
    refusal = _code(biller.ce.start_cost_allocation_tag_backfill, BackfillFrom=moment)

    assert refusal.startswith("ValidationException")


def test_tags_are_listed_with_their_status_once_they_were_used(
    biller: Biller, activate: Callable[..., Any]
) -> None:
    biller.control.set_settings(tag_key_lag_s=86400)
    biller.make("anna", when="2027-03-10", tags={"team": "data"})
    early = activate("team")
    biller.control.set_now(at("2027-03-11"))

    assert early == [
        {
            "TagKey": "team",
            "Code": "TagKeysNotFoundException",
            "Message": "Failed to update Cost Allocation Tag: team",
        }
    ]
    assert [one["TagKey"] for one in activate("team", "nobody-has-this")] == ["nobody-has-this"]
    [listed] = biller.ce.list_cost_allocation_tags(TagKeys=["team"])["CostAllocationTags"]
    assert listed == {
        "TagKey": "team",
        "Type": "UserDefined",
        "Status": "Active",
        "LastUpdatedDate": "2027-03-11T00:00:00Z",
        "LastUsedDate": "2027-03-11T00:00:00Z",
    }
    assert biller.ce.list_cost_allocation_tags(Status="Inactive")["CostAllocationTags"] == []
    first = biller.ce.list_cost_allocation_tags(MaxResults=1)
    rest = biller.ce.list_cost_allocation_tags(MaxResults=100, NextToken=first["NextToken"])
    keys = [one["TagKey"] for page in (first, rest) for one in page["CostAllocationTags"]]
    assert keys == ["berth-claim", "berth-workspace", "team"]


def test_only_the_payer_may_look_at_or_change_tags(biller: Biller, activate: Callable[..., Any]) -> None:
    biller.control.set_bill(demo.DEMO_ACCOUNT_ID, payer="999988887777")
    words = "Linked account doesn't have access to cost allocation tags."

    looked = _code(biller.ce.list_cost_allocation_tags)
    changed = _code(lambda: activate("berth-claim"))

    assert looked == f"AccessDeniedException: Failed to list Cost Allocation Tags: {words}"
    assert changed == f"AccessDeniedException: Failed to update Cost Allocation Tag: {words}"
