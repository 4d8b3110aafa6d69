"""Weekly hours that a job or its profile gives: taken over by contracts and by orders made from it."""

from dataclasses import replace

from sqlalchemy import update

from tests.conftest import both_databases
from tests.desk import Desk
from tests.engine.hours.story import office_hours
from tests.services.test_profile_differences import catch_up, older
from tests.services.test_profile_orders import application, approve, desktops, give, press, waiting, write
from tests.services.test_profiles import change, company, make
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.hours.week import Hours
from webapp.domain.windows import Window
from webapp.models import JobPosting, User
from webapp.services import windows
from webapp.services.contract_defaults import set_defaults
from webapp.services.hiring import approve_known
from webapp.services.profiles import ProfileRequest

pytestmark = both_databases

OFFICE, MORNINGS = office_hours(), office_hours("8–12")


def job_gives(desk: Desk, defaults: ContractDefaults) -> None:
    set_defaults(desk.context, desk.posting_id, defaults, company_id=company(desk))


def set_hours(desk: Desk, application_id: int, hours: Hours | None) -> None:
    """As on the contract's page."""
    about = {"company_id": company(desk), "actor": desk.actor, "may_end": True}
    windows.set_window(desk.context, application_id, Window(None, None, "UTC"), hours=hours, **about)


def live_in(desk: Desk, application_id: int, zone: str) -> None:
    own = update(User).where(User.id == application(desk, application_id).seeker_id)
    write(desk, own.values(time_zone=zone))


def hours_of(desk: Desk, application_id: int) -> tuple[Hours | None, bool]:
    """And whether they came from the defaults."""
    found = application(desk, application_id)
    return found.hours, found.has_default_hours


def test_a_profile_keeps_its_hours_and_other_hours_are_another_version_for_desktops(desk: Desk) -> None:
    profile = make(desk, defaults=ContractDefaults(days=30, hours=OFFICE, in_own_zone=True))

    kept = ProfileRequest.of(profile).defaults
    versions = []
    for hours in (OFFICE, MORNINGS, None):
        defaults = replace(kept, hours=hours, in_own_zone=hours is not None)
        now = change(desk, profile, defaults=defaults)
        versions.append((now.version, now.desktop_version))

    assert (kept.days, kept.hours, kept.in_own_zone) == (30, OFFICE, True)
    assert versions == [(1, 1), (2, 2), (3, 3)]


def test_whoever_is_approved_gets_the_hours_of_the_profile_with_its_window(desk: Desk) -> None:
    give(desk, defaults=ContractDefaults(days=30, hours=OFFICE))

    decided = approve(desk, waiting(desk))

    assert hours_of(desk, decided.id) == (OFFICE, True)
    assert decided.has_default_window and decided.ends_at is not None


def test_an_order_by_the_profile_takes_its_hours_as_they_are_now_and_the_desktop_runs_by_them(
    desk: Desk,
) -> None:
    profile = give(desk)
    before = desk.add_application().id
    change(desk, profile, defaults=ContractDefaults(hours=OFFICE))
    later = approve(desk, waiting(desk)).id
    change(desk, profile, defaults=ContractDefaults(hours=MORNINGS))

    made = [desk.row(press(desk, one).id) for one in (before, later)]

    assert [one.hours for one in made] == [MORNINGS] * 2
    assert [hours_of(desk, one) for one in (before, later)] == [(MORNINGS, True)] * 2


def test_an_approval_that_orders_gives_the_desktop_the_hours(desk: Desk) -> None:
    give(desk, defaults=ContractDefaults(hours=OFFICE), orders_on_approval=True)

    decided = approve(desk, waiting(desk))

    [row] = [one for one in desktops(desk) if one.application_id == decided.id]
    assert row.hours == OFFICE


def test_hours_that_somebody_has_set_or_taken_away_are_kept(desk: Desk) -> None:
    give(desk, defaults=ContractDefaults(hours=OFFICE))
    mornings, none = (approve(desk, waiting(desk)).id for _ in range(2))
    set_hours(desk, mornings, MORNINGS)
    set_hours(desk, none, None)

    made = [desk.row(press(desk, one).id) for one in (mornings, none)]

    assert [one.hours for one in made] == [MORNINGS, None]
    assert [hours_of(desk, one) for one in (mornings, none)] == [(MORNINGS, False), (None, False)]


def test_an_order_that_is_not_by_the_profile_changes_no_hours(desk: Desk) -> None:
    give(desk, defaults=ContractDefaults(hours=OFFICE))
    decided = approve(desk, waiting(desk)).id
    job_gives(desk, ContractDefaults(hours=MORNINGS))

    made = desk.row(desk.order(application_id=decided))

    assert made.hours == OFFICE


def test_the_hours_of_the_job_come_before_those_of_its_profile_and_its_window_apart_from_them(
    desk: Desk,
) -> None:
    give(desk, defaults=ContractDefaults(days=30, hours=OFFICE))
    job_gives(desk, ContractDefaults(hours=MORNINGS))
    first = approve(desk, waiting(desk)).id
    job_gives(desk, ContractDefaults(days=7))
    second = approve(desk, waiting(desk)).id

    ends = [application(desk, one).ends_at for one in (first, second)]

    assert [hours_of(desk, one)[0] for one in (first, second)] == [MORNINGS, OFFICE]
    assert ends[0] is not None and ends[1] is not None and ends[0] > ends[1]


def test_hours_are_meant_in_the_zone_that_each_person_has_chosen_where_the_profile_says_so(
    desk: Desk,
) -> None:
    give(desk, defaults=ContractDefaults(hours=OFFICE, in_own_zone=True))
    lisbon, nowhere = waiting(desk), waiting(desk)
    live_in(desk, lisbon, "Europe/Lisbon")

    for one in (lisbon, nowhere):
        approve(desk, one)

    assert hours_of(desk, lisbon) == (replace(OFFICE, zone="Europe/Lisbon"), True)
    assert hours_of(desk, nowhere) == (OFFICE, True)
    assert desk.row(press(desk, lisbon).id).hours == replace(OFFICE, zone="Europe/Lisbon")


def test_whoever_is_hired_by_an_address_gets_them_too(desk: Desk) -> None:
    job_gives(desk, ContractDefaults(hours=OFFICE))
    known = desk.add_application(posting_id=desk.open_posting(desk.provider))
    person = desk.session.get_one(User, known.seeker_id)
    job = desk.session.get_one(JobPosting, desk.posting_id)

    hired = approve_known(desk.context, job, person, desk.provider, Window(None, None, "UTC"))
    desk.session.commit()

    assert hours_of(desk, hired.id) == (OFFICE, True)


def test_desktops_with_older_hours_are_listed_and_can_follow_but_not_those_with_their_own(
    desk: Desk,
) -> None:
    profile = give(desk, defaults=ContractDefaults(hours=OFFICE))
    followed, own = (press(desk, approve(desk, waiting(desk)).id) for _ in range(2))
    set_hours(desk, own.application_id, None)
    change(desk, profile, defaults=ContractDefaults(hours=MORNINGS))

    found = {one.workspace.id: one.hours for one in older(desk, profile) if one.has_other_hours}
    catch_up(desk, profile, followed.id)

    assert found == {followed.id: MORNINGS}
    assert desk.row(followed.id).hours == MORNINGS
    assert hours_of(desk, followed.application_id) == (MORNINGS, True)
    assert [one.workspace.id for one in older(desk, profile)] == [own.id]
