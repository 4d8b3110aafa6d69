"""Group orders by a profile: everybody gets what was reviewed, and the desktops remember by which version."""

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.desk import WINDOWS, Desk
from tests.engine.hours.story import office_hours
from tests.services.test_default_hours import job_gives, live_in, set_hours
from tests.services.test_profile_orders import desktops, write
from tests.services.test_profiles import change, company, make
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.costs.money import Money
from webapp.domain.errors import Conflict, Invalid
from webapp.models import Cohort, CohortRow, Company, Profile
from webapp.services import profiles
from webapp.services.cohort_plan import Entry
from webapp.services.cohort_review import Review, as_reviewed, review
from webapp.services.cohorts import CohortRequest, order_cohort, retry

pytestmark = both_databases

OFFICE, MORNINGS = office_hours(), office_hours("8–12")


def request_by(profile: Profile) -> CohortRequest:
    return CohortRequest.by(profile, key=uuid.uuid4().hex, name="March intake")


def people(desk: Desk, count: int = 2) -> list[Entry]:
    return [Entry(desk.add_application().id) for _ in range(count)]


def looked_at(desk: Desk, request: CohortRequest, entries: list[Entry]) -> Review:
    return review(desk.context, request, entries, pattern="", company_id=company(desk))


def order(desk: Desk, request: CohortRequest, entries: list[Entry]) -> Cohort:
    named = as_reviewed(entries, looked_at(desk, request, entries).rows)
    return order_cohort(desk.context, request, named, company_id=company(desk), actor=desk.actor)


def refusals(desk: Desk) -> list[str | None]:
    desk.session.commit()
    with desk.sessions() as session:
        return list(session.scalars(select(CohortRow.code).order_by(CohortRow.place)))


def limit(desk: Desk, most: int | None) -> None:
    write(desk, update(Company).values(most_desktops=most))


def test_everybody_gets_what_the_profile_gives_and_the_desktops_remember_it(desk: Desk) -> None:
    defaults = ContractDefaults(hours=OFFICE)
    profile = make(desk, username_pattern="{mailbox}", defaults=defaults)

    made = order(desk, request_by(profile), people(desk))

    rows = desktops(desk)
    assert [(one.bundle_id, one.profile_id, one.profile_version) for one in rows] == [
        (desk.stage.bundle_id, profile.id, 1)
    ] * 2
    assert [one.username for one in rows] == ["seeker1", "seeker2"]
    assert [one.hours for one in rows] == [OFFICE] * 2
    assert (made.profile_id, made.profile_version, made.is_in_time) == (profile.id, 1, True)


def test_the_review_says_price_and_hours_of_each_and_changes_nothing(desk: Desk) -> None:
    profile = make(desk, defaults=ContractDefaults(hours=OFFICE, in_own_zone=True))
    entries = people(desk, 3)
    ids = [one.application_id or 0 for one in entries]
    set_hours(desk, ids[0], MORNINGS)
    live_in(desk, ids[1], "Europe/Lisbon")

    found = looked_at(desk, request_by(profile), entries)

    assert [row.hours for row in found.rows] == [MORNINGS, replace(OFFICE, zone="Europe/Lisbon"), OFFICE]
    assert found.rates is not None and found.profile is not None
    assert desktops(desk) == []


def test_hours_of_the_job_come_before_those_of_the_profile_here_too(desk: Desk) -> None:
    profile = make(desk, defaults=ContractDefaults(hours=OFFICE))
    job_gives(desk, ContractDefaults(hours=MORNINGS))

    order(desk, request_by(profile), people(desk, 1))

    assert [one.hours for one in desktops(desk)] == [MORNINGS]


def test_what_is_dearer_than_the_profile_allows_is_refused_in_the_review(desk: Desk) -> None:
    profile = make(desk, month_cap=Money("USD", 1))

    with pytest.raises(Conflict) as refused:
        looked_at(desk, request_by(profile), people(desk))

    assert refused.value.code == "profile_cap_reached"


def test_a_profile_that_was_changed_after_the_review_orders_nothing(desk: Desk) -> None:
    profile = make(desk)
    request, entries = request_by(profile), people(desk)
    change(desk, profile, name="Data")

    with pytest.raises(Conflict) as refused:
        order_cohort(desk.context, request, entries, company_id=company(desk), actor=desk.actor)

    assert refused.value.code == "profile_changed"
    assert desktops(desk) == []


def test_whoever_is_retried_gets_the_same_or_is_refused_after_a_change_of_what_it_gives(desk: Desk) -> None:
    profile = make(desk, defaults=ContractDefaults(hours=OFFICE))
    limit(desk, 1)
    made = order(desk, request_by(profile), people(desk, 3))
    before = refusals(desk)

    limit(desk, 2)
    change(desk, profile, name="Data")
    about = {"company_id": company(desk), "actor": desk.actor}
    retry(desk.context, made.id, {}, **about)
    renamed = refusals(desk)
    limit(desk, None)
    change(desk, profile, bundle_id=WINDOWS, workspace_type="windows")
    retry(desk.context, made.id, {}, **about)

    assert before == [None, "desktop_limit_reached", "desktop_limit_reached"]
    assert renamed == [None, None, "desktop_limit_reached"]
    assert refusals(desk) == [None, None, "profile_changed"]
    assert {(one.bundle_id, one.hours) for one in desktops(desk)} == {(desk.stage.bundle_id, OFFICE)}


def test_with_an_archived_profile_or_that_of_another_company_nothing_is_ordered(desk: Desk) -> None:
    profile = make(desk)
    request, entries = request_by(profile), people(desk)
    stranger = desk.add_provider("stranger@example.com", company="Elsewhere").company_id or 0
    desk.session.commit()

    with pytest.raises(Invalid) as foreign:
        review(desk.context, request, entries, pattern="", company_id=stranger)
    profiles.archive_profile(desk.context, profile.id, company_id=company(desk))
    with pytest.raises(Invalid) as archived:
        looked_at(desk, request, entries)

    assert (foreign.value.code, archived.value.code) == ("profile_not_found", "profile_not_found")
