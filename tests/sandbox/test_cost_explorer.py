"""Cost Explorer as real boto3 sees it: groups, filters, pages, late and corrected days, currencies."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import demo
from sandbox.aws.server import start
from sandbox.control import Sandbox
from tests.sandbox.billing import BY_CLAIM, COST, WORKSPACES, Biller, at, groups, totals

MakeClient = Callable[..., Any]
OTHER_ACCOUNT, OTHER_KEY = "444455556666", "AKIABERTHOTHER000001"
BY_RESOURCE = [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]


def _refusal(call: Callable[..., Any], *values: Any, **more: Any) -> str:
    with pytest.raises(ClientError) as refusal:
        call(*values, **more)
    error = refusal.value.response["Error"]
    return f"{error['Code']}: {error['Message']}"


@pytest.fixture
def other(biller: Biller, make_client: MakeClient) -> Biller:
    """A second account."""
    biller.control.add_account(
        OTHER_ACCOUNT,
        keys=[{"access_key_id": OTHER_KEY, "secret_access_key": "s" * 40}],
        directories=[{"directory_id": "d-99670be444", "region": demo.DEMO_REGION}],
    )
    return Biller(
        biller.control,
        make_client("ce", region="us-east-1", key=OTHER_KEY, secret="s" * 40),
        make_client(key=OTHER_KEY, secret="s" * 40),
    )


def _make_in_other(control: Sandbox, user: str) -> str:
    made = control.make_workspace(
        directory_id="d-99670be444",
        user_name=user,
        bundle_id=demo.DEMO_WINDOWS_BUNDLE_ID,
        running_mode="ALWAYS_ON",
        tags={"berth-claim": f"claim/{user}"},
    )
    return str(made["workspace_id"])


def test_costs_are_shown_by_day_and_tag(biller: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-22")
    biller.make("ben", mode="ALWAYS_ON", tags={})
    biller.control.set_now(at("2027-03-24T10:00"))

    answer = biller.ask("2027-03-21", "2027-03-23", GroupBy=BY_CLAIM, Filter=WORKSPACES)

    before, day = answer["ResultsByTime"]
    assert answer["GroupDefinitions"] == BY_CLAIM
    assert before == {
        "TimePeriod": {"Start": "2027-03-21", "End": "2027-03-22"},
        "Total": {},
        "Groups": [],
        "Estimated": True,
    }
    cost = {"UnblendedCost": {"Amount": "12.2580645161", "Unit": "USD"}}
    assert day["Groups"] == [
        {"Keys": ["berth-claim$"], "Metrics": cost},
        {"Keys": ["berth-claim$claim/anna"], "Metrics": cost},
    ]


def test_groups_add_up_to_the_total_exactly(biller: Biller) -> None:
    for number in range(7):
        biller.make(f"user{number}", when=f"2027-03-0{number + 1}T0{number}:17:3{number}")
    biller.control.add_cost(demo.DEMO_ACCOUNT_ID, day="2027-03-03", amount="0.0000000007", service="AWS KMS")
    biller.control.set_now(at("2027-03-31T23:59"))
    two = [*BY_CLAIM, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}]

    whole = totals(biller.ask("2027-03-01", "2027-04-01"))

    for by in (BY_CLAIM, two, [{"Type": "DIMENSION", "Key": "SERVICE"}]):
        found = groups(biller.ask("2027-03-01", "2027-04-01", GroupBy=by))
        for day, amount in whole.items():
            assert sum(value for key, value in found.items() if key[0] == day) == amount
    assert whole == biller.days()
    [month] = biller.ask("2027-03-01", "2027-04-01", Granularity="MONTHLY")["ResultsByTime"]
    assert Decimal(month["Total"]["UnblendedCost"]["Amount"]) == sum(whole.values())


def test_pages_show_everything_once_though_the_bill_changes_between_them(biller: Biller) -> None:
    for number in range(5):
        biller.make(f"user{number}", mode="ALWAYS_ON")
    biller.control.set_now(at("2027-03-02"))
    biller.make("ben")
    whole = groups(biller.ask("2027-03-01", "2027-03-03", GroupBy=BY_CLAIM))
    biller.control.set_settings(bill_page=2)
    question = {"GroupBy": BY_CLAIM, "Metrics": COST}

    pages = [biller.ask("2027-03-01", "2027-03-03", **question)]
    while token := pages[-1].get("NextPageToken"):
        biller.control.advance(3600)
        biller.make(f"late{len(pages)}", mode="ALWAYS_ON")
        pages.append(biller.ask("2027-03-01", "2027-03-03", **question, NextPageToken=token))

    shown = [key for page in pages for key in groups(page)]
    assert len(pages) == 4 and len(shown) == len(set(shown))
    assert {key: amount for page in pages for key, amount in groups(page).items()} == whole
    token = pages[0]["NextPageToken"]
    changed = _refusal(biller.ask, "2027-03-01", "2027-03-02", **question, NextPageToken=token)
    assert changed.startswith("RequestChangedException")
    damaged = _refusal(biller.ask, "2027-03-01", "2027-03-03", **question, NextPageToken="nonsense")
    assert damaged.startswith("InvalidNextTokenException")


def test_young_usage_is_not_shown_yet_and_the_last_day_is_partial(biller: Biller) -> None:
    biller.make("anna", when="2027-03-10")
    biller.control.set_now(at("2027-03-12T10:30"))
    at_once = totals(biller.ask("2027-03-10", "2027-03-13"))
    biller.control.set_settings(bill_lag_s=8 * 3600)

    shown = totals(biller.ask("2027-03-10", "2027-03-13"))

    assert shown["2027-03-11"] == 24 * Decimal("0.33")
    assert shown["2027-03-12"] == 3 * Decimal("0.33")  # the hours that begin until 02:30
    assert at_once["2027-03-12"] == biller.days()["2027-03-12"] == 11 * Decimal("0.33")


def test_a_month_is_an_estimate_until_it_is_closed(biller: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-01")

    def is_estimated(moment: str) -> list[bool]:
        biller.control.set_now(at(moment))
        answer = biller.ask("2027-03-31", "2027-04-02")
        return [one["Estimated"] for one in answer["ResultsByTime"]]

    assert is_estimated("2027-04-05T23:59") == [True, True]
    assert is_estimated("2027-04-06T00:00") == [False, True]


def test_a_correction_changes_a_day_that_is_past(biller: Biller) -> None:
    one = biller.make("anna", mode="ALWAYS_ON", when="2027-03-01T12:00")
    biller.control.add_cost(
        demo.DEMO_ACCOUNT_ID,
        day="2027-03-01",
        amount="-1.5",
        workspace_id=one,
        visible_at=at("2027-03-05"),
    )
    biller.control.set_now(at("2027-03-04"))
    before = groups(biller.ask("2027-03-01", "2027-03-02", GroupBy=BY_CLAIM))
    biller.control.set_now(at("2027-03-05"))

    after = groups(biller.ask("2027-03-01", "2027-03-02", GroupBy=BY_CLAIM))

    key = ("2027-03-01", "berth-claim$claim/anna")
    assert after == {key: before[key] - Decimal("1.5")}


def test_foreign_costs_are_on_the_bill_and_can_be_filtered(biller: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-01")
    account = demo.DEMO_ACCOUNT_ID
    biller.control.add_cost(
        account, day="2027-03-01", last_day="2027-03-02", amount="3", service="Amazon EC2"
    )
    biller.control.add_cost(account, day="2027-03-01", amount="2", tags={"berth-claim": "stranger"})
    biller.control.set_now(at("2027-03-03"))

    def ask(expression: dict[str, Any] | None) -> list[Decimal]:
        more = {} if expression is None else {"Filter": expression}
        return list(totals(biller.ask("2027-03-01", "2027-03-03", **more)).values())

    stranger = {"Tags": {"Key": "berth-claim", "Values": ["stranger"]}}
    untagged = {"Tags": {"Key": "berth-claim", "MatchOptions": ["ABSENT"]}}
    assert ask(None) == [43, 3]
    assert ask(WORKSPACES) == [40, 0]
    assert ask({"Not": WORKSPACES}) == [3, 3]
    assert ask({"And": [WORKSPACES, stranger]}) == [2, 0]
    assert ask({"Or": [stranger, untagged]}) == [5, 3]
    values = biller.ce.get_dimension_values(
        TimePeriod={"Start": "2027-03-01", "End": "2027-03-03"}, Dimension="SERVICE"
    )
    assert [one["Value"] for one in values["DimensionValues"]] == ["Amazon EC2", "Amazon WorkSpaces"]


def test_two_accounts_have_two_bills_in_two_currencies(biller: Biller, other: Biller) -> None:
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-22")
    _make_in_other(biller.control, "ben")
    biller.control.set_bill(OTHER_ACCOUNT, currency="EUR", rate="0.9137")

    mine, theirs = (
        one.ask("2027-03-22", "2027-03-23")["ResultsByTime"][0]["Total"]["UnblendedCost"]
        for one in (biller, other)
    )

    assert mine == {"Amount": "12.2580645161", "Unit": "USD"}
    assert theirs == {"Amount": "11.2001935484", "Unit": "EUR"}


def test_a_payer_sees_its_members_and_they_see_themselves(biller: Biller, other: Biller) -> None:
    biller.control.set_bill(OTHER_ACCOUNT, payer=demo.DEMO_ACCOUNT_ID)
    biller.make("anna", mode="ALWAYS_ON", when="2027-03-01")
    _make_in_other(biller.control, "ben")
    question = {"GroupBy": [{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}, *BY_CLAIM]}

    paid, own = (groups(one.ask("2027-03-01", "2027-03-02", **question)) for one in (biller, other))

    ben = ("2027-03-01", OTHER_ACCOUNT, "berth-claim$claim/ben")
    assert own == {ben: 38}  # divided by the tag, because the payer has activated it
    assert paid == {**own, ("2027-03-01", demo.DEMO_ACCOUNT_ID, "berth-claim$claim/anna"): 38}


def test_resources_are_shown_for_fourteen_days_without_any_tag(biller: Biller) -> None:
    one = biller.make("anna", mode="ALWAYS_ON", when="2027-03-22", tags={})
    biller.control.add_cost(demo.DEMO_ACCOUNT_ID, day="2027-03-22", amount="2")
    biller.control.set_now(at("2027-03-24"))

    def ask(first: str, **more: Any) -> Any:
        question = {"Granularity": "DAILY", "Filter": WORKSPACES, "GroupBy": BY_RESOURCE, **more}
        period = {"Start": first, "End": "2027-03-25"}
        return biller.ce.get_cost_and_usage_with_resources(TimePeriod=period, Metrics=COST, **question)

    arn = f"arn:aws:workspaces:{demo.DEMO_REGION}:{demo.DEMO_ACCOUNT_ID}:workspace/{one}"
    assert groups(ask("2027-03-22")) == {
        ("2027-03-22", arn): Decimal("12.2580645161"),
        ("2027-03-22", "NoResourceId"): 2,
    }
    assert len(ask("2027-03-10")["ResultsByTime"]) == 15
    assert "too old" in _refusal(ask, "2027-03-09")
    assert "group by or filter by" in _refusal(ask, "2027-03-22", GroupBy=BY_CLAIM)
    assert "not supported" in _refusal(ask, "2027-03-22", Granularity="MONTHLY")
    biller.control.set_bill(demo.DEMO_ACCOUNT_ID, with_resources=False)
    assert _refusal(ask, "2027-03-22").startswith("DataUnavailableException")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Metrics": []}, "Metrics"),
        ({"Metrics": ["Money"]}, "Metrics"),
        ({"GroupBy": BY_RESOURCE}, "Dimension RESOURCE_ID is not allowed."),
        ({"GroupBy": [*BY_CLAIM, *BY_CLAIM, *BY_CLAIM]}, "less than or equal to 2"),
        ({"Granularity": "HOURLY"}, "Hourly"),
        ({"TimePeriod": {"Start": "2027-03-02", "End": "2027-03-02"}}, "before end date"),
        ({"TimePeriod": {"Start": "2027-03-02", "End": "2027-04-02"}}, "beginning of next month"),
        ({"TimePeriod": {"Start": "2025-12-01", "End": "2027-03-02"}}, "beyond 14 months"),
        ({"TimePeriod": {"Start": "1 March", "End": "2027-03-02"}}, "YYYY-MM-DD"),
        ({"Filter": {**WORKSPACES, "Not": WORKSPACES}}, "exactly one root"),
        ({"Filter": {"And": [WORKSPACES]}}, "at least 2"),
    ],
)
def test_a_question_that_means_nothing_is_refused(biller: Biller, change: dict[str, Any], words: str) -> None:
    question = {"TimePeriod": {"Start": "2027-03-01", "End": "2027-03-02"}, **change}

    refusal = _refusal(biller.ask, "", "", **question)

    assert refusal.startswith("ValidationException") and words in refusal


def test_a_key_may_be_denied_and_scripted_trouble_strikes(biller: Biller) -> None:
    days = ("2027-03-01", "2027-03-02")
    biller.control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["ce:*"])
    denied = _refusal(biller.ask, *days)
    biller.control.set_key(demo.DEMO_ACCESS_KEY_ID, denied=[])
    biller.control.add_fault("throttle", operation="GetCostAndUsage")
    biller.control.add_fault("error", operation="GetCostAndUsage", code="BillExpirationException")

    assert (
        denied.startswith("AccessDeniedException") and "ce:GetCostAndUsage on resource: arn:aws:ce:" in denied
    )
    assert _refusal(biller.ask, *days).startswith("LimitExceededException")
    assert _refusal(biller.ask, *days).startswith("BillExpirationException")
    assert [line["outcome"] for line in biller.control.ledger(service="ce")] == [
        "AccessDeniedException",
        "LimitExceededException",
        "BillExpirationException",
    ]


def test_a_restart_changes_no_cent(tmp_path: Path) -> None:
    state = str(tmp_path / "aws.sqlite3")
    with start(state=state) as cloud:
        cloud.control.set_now(at("2027-03-01"))
        cloud.control.set_users(demo.DEMO_DIRECTORY_ID, None)
        biller = Biller(cloud.control, None, None)
        one = biller.make("anna", when="2027-03-10")
        place: dict[str, Any] = {"region": demo.DEMO_REGION, "compute": "STANDARD", "mode": "AUTO_STOP"}
        cloud.control.set_price(**place, hour="0.5", valid_from="2027-03-11")
        cloud.control.set_now(at("2027-03-12"))
        before = cloud.control.bill()

    with start(state=state) as cloud:
        after = cloud.control.bill()
        cloud.control.set_workspace(one, state="STOPPED")
        cloud.control.advance(3600)

        assert after == before != []
        hours = sum(Decimal(line["quantity"]) for line in before if line["usage_type"].endswith("Usage"))
        assert hours == 2 * 24 + 1
        assert len(cloud.control.meter()) == 3


def test_the_bill_has_one_endpoint_and_costs_nothing_of_the_desktops_rate(
    biller: Biller, make_client: MakeClient
) -> None:
    biller.control.set_settings(calls_per_s=0.001, burst=1)
    elsewhere = make_client("ce", region=demo.DEMO_REGION).list_cost_allocation_tags

    assert "valid region" in _refusal(elsewhere)
    for _ in range(3):
        biller.ask("2027-03-01", "2027-03-02")
    assert biller.workspaces.describe_workspaces()["Workspaces"] == []
