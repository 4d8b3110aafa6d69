"""A company's costs by the API: every grouping adds up to the same bill."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.api.world import START, Callers
from webapp.domain.costs.bills import Remainder, Source
from webapp.domain.costs.spans import month_of
from webapp.engine.cost_sums import sum_months
from webapp.extensions import db
from webapp.models import CostDay

DAY = START.date()
PARTS = (
    (Source.ESTIMATED, True, None, 1200),
    (Source.BILLED, True, None, 1250),
    (Source.BILLED, False, Remainder.UNMARKED, 321),
    (Source.BILLED, False, Remainder.OTHER_SERVICES, -21),
)
GROUPINGS = ("job", "person", "bundle", "cloud", "credential", "day")


@pytest.fixture(autouse=True)
def costs(api: Callers, api_app: Flask) -> None:
    world = api.world
    with api_app.app_context():
        for source, is_own, remainder, amount in PARTS:
            db.session.add(
                CostDay(
                    company_id=world.company_id,
                    credential_id=world.credential_id,
                    day=DAY,
                    currency="USD",
                    source=source,
                    workspace_id=world.workspace_id if is_own else None,
                    remainder=remainder,
                    amount_minor=amount,
                )
            )
        db.session.flush()
        sum_months(db.session(), world.company_id, [month_of(DAY)])
        db.session.commit()


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_every_grouping_adds_up_to_the_bill(api: Callers, grouping: str):
    found = api("GET", f"/costs/?group_by={grouping}&from={DAY}&to={DAY}").json

    assert sum(one["billed_minor"] or 0 for one in found["costs"]) == 1550
    assert sum(one["estimated_minor"] or 0 for one in found["costs"]) == 1200
    assert found["count"] == len(found["costs"])


def test_what_is_not_known_is_null_and_remainders_come_last(api: Callers):
    rows = api("GET", f"/costs/?from={DAY}&to={DAY}").json["costs"]

    assert [(one["key"], one["estimated_minor"]) for one in rows if one["is_remainder"]] == [
        ("other_services", None),
        ("unmarked", None),
    ]
    assert [one["is_remainder"] for one in rows] == [False, True, True]


def test_pages_follow_each_other(api: Callers):
    first = api("GET", f"/costs/?limit=2&from={DAY}&to={DAY}").json
    second = api("GET", first["next"].removeprefix("/api/workspaces")).json

    assert (len(first["costs"]), len(second["costs"]), second["next"]) == (2, 1, None)


def test_other_days_and_other_companies_have_nothing(api: Callers):
    later = DAY + timedelta(days=1)

    assert api("GET", f"/costs/?from={later}&to={later}").json["costs"] == []
    assert api("GET", f"/costs/?from={DAY}&to={DAY}", by="other provider").json["costs"] == []


@pytest.mark.parametrize(
    "query",
    [
        f"from={DAY}&to={DAY - timedelta(days=1)}",
        f"from={DAY - timedelta(days=400)}&to={DAY}",
        "from=0001-01-01&to=9999-12-31",
    ],
)
def test_days_in_the_wrong_order_and_too_many_are_refused_by_name(api: Callers, query: str):
    answer = api("GET", f"/costs/?{query}")

    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert list(answer.json["errors"]) == ["from"]


def test_four_hundred_days_are_answered_and_without_from_the_month_of_to(api: Callers):
    assert api("GET", f"/costs/?from={DAY - timedelta(days=399)}&to={DAY}").json["count"] == 3
    assert api("GET", "/costs/?to=2020-02-29").json["costs"] == []
    assert api("GET", f"/costs/?to={DAY}").json["count"] == 3


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_months_as_they_are_added_up_are_answered_as_their_days_are(
    api: Callers, api_app: Flask, grouping: str
):
    begins = [month_of(DAY) + timedelta(days=days) for days in (0, 1, -20)]  # whole, its days, and both
    found = [api("GET", f"/costs/?group_by={grouping}&from={first}&to={DAY}").json for first in begins]

    assert found[0] == found[1] == found[2]
    assert sum(one["billed_minor"] or 0 for one in found[0]["costs"]) == 1550


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_days_far_from_now_have_nothing_and_break_nothing(api: Callers, grouping: str):
    for query in ("to=9999-12-31", "from=9999-12-01&to=9999-12-31", "from=0001-01-01&to=0001-01-31"):
        answer = api("GET", f"/costs/?group_by={grouping}&{query}")

        assert (answer.status_code, answer.json["costs"]) == (200, [])


@pytest.mark.parametrize("query", ["group_by=moon", "from=yesterday", "cursor=x"])
def test_a_question_that_means_nothing_is_refused(api: Callers, query: str):
    assert api("GET", f"/costs/?{query}").status_code == 422
