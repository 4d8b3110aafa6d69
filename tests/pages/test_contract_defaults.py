"""The contract defaults of a job on its page: set, shown before the press, and taken over with it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.desk import Desk
from tests.pages.conftest import SignIn
from tests.pages.counting import counted_queries
from tests.pages.reader import Visitor
from tests.pages.test_cohorts import hire
from tests.pages.test_invitations import MINA, accept, invite, links_in
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.windows import Window
from webapp.models import Application, JobPosting, User

TYPED = {"zone": "Europe/Berlin", "days": "90", "last_day": "2027-06-30"}
JUNE = datetime(2027, 6, 30, 22, tzinfo=UTC)
FEBRUARY = datetime(2027, 2, 21, 23, tzinfo=UTC)
"""The end of the 90th day, if 24 November is the first."""


def set_defaults(provider: Visitor, **changes: str) -> None:
    assert provider.post("/jobs/1/contract", TYPED | changes).status_code == 303


def window_of(desk: Desk, application_id: int) -> tuple[Window, bool]:
    with desk.sessions() as session:
        one = session.get_one(Application, application_id)
        return one.window, one.has_default_window


def test_they_are_typed_shown_and_typed_again(desk: Desk, provider: Visitor) -> None:
    before = provider.read("/jobs/1/").text
    set_defaults(provider, first_day="2027-04-01", first_time="08:00")

    after = provider.read("/jobs/1/").text
    form = provider.get("/jobs/1/contract").text

    assert "contracts have no start and no end" in before
    words = "from 1 Apr 2027, 08:00 for 90 days, until 30 Jun 2027 at the latest (Europe/Berlin)"
    assert f"Contracts run {words}" in after
    for value in ("2027-04-01", "08:00", "90", "2027-06-30"):
        assert f'value="{value}"' in form
    empty = dict.fromkeys(("first_day", "first_time", "days", "last_day", "last_time"), "")
    provider.post("/jobs/1/contract", {"zone": "Europe/Berlin"} | empty)
    assert "contracts have no start and no end" in provider.read("/jobs/1/").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"zone": "Nowhere"}, "Choose one of these time zones."),
        ({"zone": "UTC", "days": "0"}, "from 1 to 3650"),
        ({"zone": "UTC", "days": "many"}, "Not a valid integer value."),
        ({"zone": "UTC", "last_day": "2026-11-23"}, "The end must be in the future."),
        ({"zone": "UTC", "first_day": "2027-02-02", "last_day": "2027-02-01"}, "must be after the start"),
        ({"zone": "UTC", "last_time": "17:00"}, "Enter the day as well as the time."),
    ],
)
def test_what_cannot_be_meant_is_said_and_changes_nothing(
    desk: Desk, provider: Visitor, typed: dict[str, str], said: str
) -> None:
    answer = provider.post("/jobs/1/contract", typed)

    assert answer.status_code == 422 and said in answer.text
    with desk.sessions() as session:
        assert session.get_one(JobPosting, 1).contract_defaults.is_empty


def test_the_contract_is_shown_before_the_press_and_is_that_of_the_press(
    desk: Desk, provider: Visitor
) -> None:
    served = desk.add_application().id
    ids = hire(desk, ["Wanda Waiting", "Olga Other", "Nora Next"], is_approved=False)
    assert "Whoever you approve now" not in provider.read("/jobs/1/").text
    set_defaults(provider)

    with counted_queries() as queries:
        page = provider.read("/jobs/1/").text
    provider.post(f"/applications/{ids[0]}/approve")
    provider.post("/jobs/1/approve", {"application_id": [str(one) for one in ids[1:]]})

    assert "Whoever you approve now gets a contract until 21 Feb 2027 (Europe/Berlin)" in page
    assert len(queries) <= 6
    given = (Window(None, FEBRUARY, "Europe/Berlin"), True)
    assert [window_of(desk, one) for one in ids] == [given] * 3
    assert window_of(desk, served) == (Window(), False), "what is approved already stays"
    assert "from the job’s defaults" in provider.read("/jobs/1/").text
    assert "These dates came with the approval" in provider.read(f"/contracts/{ids[0]}/").text
    assert "has default window false → true" in provider.read("/trail/").text


def test_with_an_end_that_has_passed_nobody_is_approved_or_invited(
    desk: Desk, provider: Visitor, sign_in: SignIn
) -> None:
    [waiting] = hire(desk, ["Wanda Waiting"], is_approved=False)
    set_defaults(provider, last_day="2026-11-24", days="")
    desk.clock.pause(timedelta(hours=20).total_seconds())
    provider = Visitor(sign_in("provider@example.com"))

    page = provider.read("/jobs/1/").text
    pressed = provider.post(f"/applications/{waiting}/approve")
    several = provider.post("/jobs/1/approve", {"application_id": [str(waiting)]})
    invited, text = invite(provider, 1, MINA)

    assert "The end has passed" in page and "Whoever you approve now" not in page
    assert (pressed.status_code, several.status_code, invited) == (409, 409, 409)
    assert "has passed. Change it on the job’s page first." in text
    assert window_of(desk, waiting) == (Window(), False)
    assert "Awaiting decision" in provider.read("/jobs/1/").text


def test_whoever_is_invited_gets_it_counted_from_the_day_on_which_they_accept(
    desk: Desk, provider: Visitor, stranger: Visitor
) -> None:
    set_defaults(provider)
    shown = provider.read("/people/invite").text
    [link] = links_in(invite(provider, 1, MINA)[1])
    desk.clock.pause(timedelta(days=2).total_seconds())

    accept(stranger, link)

    assert "contract for 90 days from the approval on, until 30 Jun 2027 at the latest" in shown
    with desk.sessions() as session:
        accepted = session.query(Application).join(Application.seeker).filter(User.email == MINA).one()
    expected = Window(None, FEBRUARY + timedelta(days=2), "Europe/Berlin")
    assert window_of(desk, accepted.id) == (expected, True)


def test_of_another_company_no_job_is_found(desk: Desk, provider: Visitor, rival: Visitor) -> None:
    assert rival.get("/jobs/1/contract").status_code == 404
    assert rival.post("/jobs/1/contract", TYPED).status_code == 404


def test_hours_are_typed_shown_and_those_of_whoever_is_approved(desk: Desk, provider: Visitor) -> None:
    [waiting] = hire(desk, ["Wanda Waiting"], is_approved=False)
    typed = {"zone": "Europe/Berlin", "workdays": "9–17", "friday": "9–13", "in_own_zone": "1"}

    provider.post("/jobs/1/contract", typed)
    page, form = provider.read("/jobs/1/").text, provider.get("/jobs/1/contract").text
    provider.post(f"/applications/{waiting}/approve")
    unclear = provider.post("/jobs/1/contract", {"zone": "Europe/Berlin", "workdays": "early"})

    said = "Mon–Thu 9:00–17:00, Fri 9:00–13:00, in each person’s own time zone, else Europe/Berlin"
    assert f"Their desktops run {said}." in page and "Change the defaults…" in page
    assert 'value="9:00–17:00"' in form and 'name="in_own_zone" value="1" checked' in form
    contract = provider.get(f"/contracts/{waiting}/").text
    assert "The working hours came from the job or its profile." in contract and "9:00–13:00" in contract
    assert unclear.status_code == 422 and "is not understood" in unclear.text
    provider.post(f"/contracts/{waiting}/", {"zone": "Europe/Berlin", "workdays": "10–14", "friday": ""})
    assert "came from the job" not in provider.read(f"/contracts/{waiting}/").text


def test_an_end_to_the_second_that_has_passed_stays_while_other_fields_are_saved(
    desk: Desk, provider: Visitor
) -> None:
    posting = desk.session.get_one(JobPosting, 1)
    end = desk.clock.now().replace(minute=59, second=59, microsecond=0)
    posting.contract_defaults = ContractDefaults("UTC", ends_at=end)
    desk.session.commit()
    desk.clock.pause(2 * 3600)
    page = provider.read("/jobs/1/contract")
    shown = {name: page.by_id(name)["value"] for name in ("last_day", "last_time")}

    answer = provider.post("/jobs/1/contract", {"zone": "UTC", "days": "30", **shown})

    assert answer.status_code == 303
    desk.session.rollback()
    assert desk.session.get_one(JobPosting, 1).default_ends_at == end
