"""The API takes the members that its document names, of their own types, and nothing else."""

from itertools import product

import pytest

from tests.api.test_callers import BODIES, filled
from tests.api.world import Callers

WITH_BODY = sorted(BODIES)
READS = (
    "/workspaces/",
    "/budgets/",
    "/costs/",
    "/orphans/",
    "/cloud-credentials/",
    "/job-postings/",
    "/applications/",
    "/invitations/",
    "/cohorts/",
    "/people/",
    "/webhooks/",
)
NEVER = {
    "id": 1,
    "company_id": 1,
    "state": "AVAILABLE",
    "phase": "ready",
    "sealed_secret": "x",
    "account_id": "000000000000",
    "created_at": "2026-01-01T00:00:00Z",
}


def test_a_member_that_nobody_asked_for_is_refused_by_its_name(api: Callers) -> None:
    for route, member in product(WITH_BODY, NEVER):
        answer = api(route[0], filled(route, api.world), json=BODIES[route] | {member: NEVER[member]})

        assert answer.status_code == 422, (route, member, answer.text)
        assert any(member in name for name in answer.json["errors"]), (route, member, answer.json)


def test_a_parameter_that_means_nothing_is_refused(api: Callers) -> None:
    for path in READS:
        answer = api("GET", f"{path}?company_id=2")

        assert (answer.status_code, list(answer.json["errors"])) == (422, ["company_id"]), path


@pytest.mark.parametrize("wrong", [True, "1", 1.5, [1], {"a": 1}, None], ids=repr)
def test_a_number_is_a_number(api: Callers, wrong: object) -> None:
    order = BODIES["POST", "/workspaces/"]

    answer = api("POST", "/workspaces/", json=order | {"application_id": wrong})

    assert answer.status_code == 422
    assert "application_id" in answer.json["errors"]


def test_what_is_in_the_address_is_no_member_of_the_body(api: Callers) -> None:
    order = BODIES["POST", "/workspaces/"]
    without = {name: value for name, value in order.items() if name != "username"}

    answer = api("POST", f"/workspaces/?username={order['username']}", json=without)

    assert answer.status_code == 422
    assert "username" in answer.json["errors"]


def test_of_a_member_that_is_written_twice_one_counts_and_is_checked(api: Callers) -> None:
    body = '{"subject": "company", "currency": "EUR", "month_minor": 100, "month_minor": -5}'

    answer = api("POST", "/budgets/", data=body, content_type="application/json")

    assert answer.status_code == 422
