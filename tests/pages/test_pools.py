"""Warm pools as people and programs see and set them."""

import pytest
from sqlalchemy import update

from tests.azure_rows import add_azure_credential, read_prices
from tests.conftest import both_databases
from tests.cost_days import add_day
from tests.desk import Desk
from tests.pages.reader import Program, Visitor
from tests.services.test_pools import add_desktop
from webapp.domain.costs.bills import Remainder
from webapp.domain.digests import Line, Topic
from webapp.domain.pools import PoolState
from webapp.models import CloudCredential, InquiryKind, User, WarmPool
from webapp.queries.credentials import find_inquiry
from webapp.queries.digest import read_digest
from webapp.queries.pools import find_pool


@pytest.fixture
def azure(desk: Desk) -> int:
    read_prices(desk.context)
    return add_azure_credential(desk.context, company_id=desk.provider.company_id or 0)


def pool_of(desk: Desk, credential_id: int) -> WarmPool:
    with desk.sessions() as session:
        found = find_pool(
            session,
            credential_id=credential_id,
            bundle_id="az-standard",
            company_id=desk.provider.company_id or 0,
        )
    assert found is not None
    return found


def settings(**changes: str) -> dict[str, str]:
    return {"bundle": "az-standard", "floor": "2", "ceiling": "5", "workdays": "", **changes}


def test_a_pool_is_set_on_the_page_of_its_account_and_shows_how_it_stands(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    here = f"/credentials/{azure}/pools/"
    assert here in provider.read(f"/credentials/{azure}/").links()
    assert "No warm pool yet" in provider.read(here).text

    provider.post(here, settings(floor="5", workdays="8:00–18:00"))
    pool = pool_of(desk, azure)
    for number, state in enumerate([*[PoolState.READY] * 3, PoolState.MAKING]):
        add_desktop(desk, pool, state, number)

    page = provider.read(here)
    assert "3 of 5 ready, 1 being made, $2.59 a day" in page.text
    assert "Mon–Fri 8:00–18:00" in page.text
    again = provider.read(f"{here}?bundle=az-standard")
    assert again.by_id("workdays")["value"] == "8:00–18:00"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"floor": "6"}, "floor"),
        ({"ceiling": "many"}, "ceiling"),
        ({"workdays": "sometimes"}, "workdays"),
        ({"bundle": "az-nothing"}, "bundle"),
        ({"budget": "much"}, "budget"),
        ({"budget": "0"}, "budget"),
        ({"bundle": "az-nothing", "budget": "5"}, "budget"),
    ],
)
def test_what_makes_no_pool_is_said_beside_its_field(
    provider: Visitor, azure: int, changes: dict[str, str], field: str
) -> None:
    here = f"/credentials/{azure}/pools/"
    provider.read(here)

    answer = provider.post(here, settings(**changes))

    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


def test_a_pool_that_stopped_says_why_and_is_started_again(desk: Desk, provider: Visitor, azure: int) -> None:
    here = f"/credentials/{azure}/pools/"
    provider.read(here)
    provider.post(here, settings())
    desk.session.execute(
        update(WarmPool).values(
            failures=3, failed_at=desk.clock.now(), stopped_code="quota_reached", stopped_at=desk.clock.now()
        )
    )
    desk.session.commit()

    assert "3 desktops in a row failed" in provider.read(here).text
    provider.post(f"{here}{pool_of(desk, azure).id}/start", {})

    assert pool_of(desk, azure).stopped_code is None
    assert "in a row failed" not in provider.read(here).text


def test_an_account_of_amazon_says_that_it_has_no_pool(desk: Desk, provider: Visitor) -> None:
    page = provider.read(f"/credentials/{desk.credential_id}/pools/")

    assert "makes no desktop without its person" in page.text


def test_another_company_sees_and_changes_nothing(desk: Desk, rival: Visitor, azure: int) -> None:
    assert rival.get(f"/credentials/{azure}/pools/").status_code == 404


def test_a_program_sets_a_pool_and_reads_how_it_stands(desk: Desk, program: Program, azure: int) -> None:
    here = f"cloud-credentials/{azure}/pools/"
    made = program.call("PUT", f"{here}az-standard/", {"floor": 1, "ceiling": 4, "budget_minor": 10_000})
    assert made.status_code == 200
    add_desktop(desk, pool_of(desk, azure), PoolState.READY, 1)

    [pool] = program.read(here)["pools"]

    shown = {
        name: pool[name] for name in ("floor", "ceiling", "budget_minor", "wanted", "ready", "being_made")
    }
    assert shown == {
        "floor": 1,
        "ceiling": 4,
        "budget_minor": 10_000,
        "wanted": 1,
        "ready": 1,
        "being_made": 0,
    }
    assert (pool["day_price_minor"], pool["price_currency"]) == (65, "USD")
    assert program.call("POST", f"{here}az-standard/start/").status_code == 200
    assert program.call("POST", f"{here}az-light/start/").status_code == 404


def test_a_budget_is_typed_on_the_page_shown_and_taken_away(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    here = f"/credentials/{azure}/pools/"
    provider.read(here)

    provider.post(here, settings(budget="1,250.50"))
    page, again = provider.read(here).text, provider.read(f"{here}?bundle=az-standard")
    kept = pool_of(desk, azure).budget_minor
    provider.post(here, settings(budget=""))

    assert kept == 125_050
    assert "at most $1,250.50" in page and again.by_id("budget")["value"] == "1,250.50"
    assert pool_of(desk, azure).budget_minor is None


def test_a_program_sets_the_hours_of_a_pool_and_what_it_leaves_out_stays(
    desk: Desk, program: Program, azure: int
) -> None:
    here = f"cloud-credentials/{azure}/pools/az-standard/"
    shift = {"day": "monday", "from": "08:00", "to": "18:00"}
    hours = {"zone": "Europe/Berlin", "shifts": [shift], "holidays": "DE", "idle_minutes": 15}

    answers = [
        program.call("PUT", here, {"floor": 1, "ceiling": 4} | more)
        for more in ({"hours": hours}, {}, {"hours": None}, {"hours": hours | {"zone": "Nowhere"}})
    ]

    assert [one.status_code for one in answers] == [200, 200, 200, 422]
    assert [one.json["hours"] for one in answers[:3]] == [hours, hours, None]


@pytest.mark.parametrize(
    ("typed", "left"), [("9:00–17:00", ("saturday", "DE")), ("", None)], ids=["others", "none"]
)
def test_other_workdays_on_the_page_leave_the_weekend_and_holidays_that_a_program_has_set(
    desk: Desk, provider: Visitor, program: Program, azure: int, typed: str, left: tuple[str, str] | None
) -> None:
    """The form shows the workdays alone; without any the pool has no hours."""
    shifts = [{"day": one, "from": "08:00", "to": "12:00"} for one in ("monday", "saturday")]
    hours = {"zone": "Europe/Berlin", "shifts": shifts, "holidays": "DE", "idle_minutes": 15}
    here = f"cloud-credentials/{azure}/pools/az-standard/"
    program.call("PUT", here, {"floor": 1, "ceiling": 4, "hours": hours})

    page = f"/credentials/{azure}/pools/"
    answer = provider.post(page, settings(bundle="az-standard", workdays=typed))

    assert answer.status_code == 303
    kept = program.call("PUT", here, {"floor": 1, "ceiling": 4}).json["hours"]
    assert (kept and (kept["shifts"][-1]["day"], kept["holidays"])) == left
    assert kept is None or kept["shifts"][0]["from"] == "09:00"


def test_a_pool_that_stopped_is_on_the_start_page_and_in_the_daily_mail_until_it_is_started_again(
    desk: Desk, provider: Visitor, rival: Visitor, azure: int
) -> None:
    here = f"/credentials/{azure}/pools/"
    provider.post(here, settings())
    pool_id = pool_of(desk, azure).id
    assert "needs-pool" not in str(provider.read("/start/").elements)
    with desk.sessions.begin() as session:
        now = desk.clock.now()
        session.execute(
            update(WarmPool).values(failures=3, failed_at=now, stopped_code="quota_reached", stopped_at=now)
        )

    page = provider.read("/start/")
    assert "warm pool makes" not in rival.read("/start/").text
    assert "1 warm pool makes no more desktops" in page.text and "Nothing needs" not in page.text
    assert f"{here}#pool-{pool_id}" in page.links()
    [line] = stopped_in_digest(desk)
    assert (line.name, line.about) == (pool_of(desk, azure).bundle_name, account_name(desk, azure))

    provider.post(f"{here}{pool_id}/start", {})
    assert "warm pool makes" not in provider.read("/start/").text and stopped_in_digest(desk) == []


def stopped_in_digest(desk: Desk) -> list[Line]:
    with desk.sessions() as session:
        person = session.get_one(User, desk.provider.id)
        found = read_digest(session, person, company_id=person.company_id or 0, now=desk.clock.now())
    return [line for one in found if one.topic is Topic.POOLS for line in one.lines]


def account_name(desk: Desk, credential_id: int) -> str:
    with desk.sessions() as session:
        return session.get_one(CloudCredential, credential_id).name


@both_databases
def test_what_waits_is_named_in_the_costs_by_its_pool(
    desk: Desk, provider: Visitor, program: Program, azure: int
) -> None:
    provider.post(f"/credentials/{azure}/pools/", settings())
    pool = pool_of(desk, azure)
    add_day(desk, Remainder.OTHER_MACHINES, billed=300, pool_id=pool.id)
    add_day(desk, Remainder.OTHER_MACHINES, billed=200)

    page = provider.read("/costs/?order=billed")
    assert f"Waiting in the pool of {pool.bundle_name}" in page.text and "$3.00" in page.text
    listed = {
        one["key"]: one["billed_minor"] for one in program.read("costs/")["costs"] if one["is_remainder"]
    }
    assert listed == {f"pool:{pool.id}": 300, "other_machines": 200}
    [shown] = program.read(f"cloud-credentials/{azure}/pools/")["pools"]
    assert shown["id"] == pool.id


def test_a_pool_of_a_size_that_is_not_listed_any_more_is_ended_on_its_page(
    desk: Desk, provider: Visitor, azure: int
) -> None:
    here = f"/credentials/{azure}/pools/"
    provider.read(here)
    provider.post(here, settings(budget="500"))
    inquiry = find_inquiry(desk.session, credential_id=azure, kind=InquiryKind.LIST_BUNDLES)
    assert inquiry is not None
    inquiry.answer = {"bundles": []}
    desk.session.commit()

    form = provider.read(f"{here}?bundle=az-standard")
    answer = provider.post(here, settings(floor="0", ceiling="0", budget="500"))

    assert 'value="az-standard" selected' in provider.get(f"{here}?bundle=az-standard").text or (
        'selected value="az-standard"' in provider.get(f"{here}?bundle=az-standard").text
    )
    assert form.by_id("floor")["value"] == "2"
    assert answer.status_code == 303
    assert pool_of(desk, azure).ceiling == 0
