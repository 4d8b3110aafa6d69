"""Who may found a company, and that none looks like another."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.desk import PASSWORD
from tests.services.conftest import StandingClock
from webapp.domain.errors import Conflict
from webapp.models import Company, User
from webapp.services import founding
from webapp.services.context import ServiceContext
from webapp.services.founding import SignUpClosed

WEEK = timedelta(days=7)


def found(office: ServiceContext, name: str = "Harbour", *, link: str = "") -> User:
    return founding.found_company(
        office,
        company_name=name,
        name="Eve",
        email=f"{name.lower()}@example.com",
        password=PASSWORD,
        link_token=link,
    )


@pytest.fixture
def closed(office: ServiceContext) -> ServiceContext:
    return replace(office, settings=replace(office.settings, sign_up="closed"))


@pytest.fixture
def invited(office: ServiceContext) -> ServiceContext:
    return replace(office, settings=replace(office.settings, sign_up="invited"))


@pytest.mark.parametrize("look", ["QUAYSIDE", "Quays1de", "Quауside"])  # noqa: RUF001 Cyrillic
def test_a_company_that_looks_like_another_is_refused(
    office: ServiceContext, provider: User, look: str
) -> None:
    with pytest.raises(Conflict) as caught:
        founding.found_company(
            office, company_name=look, name="Eve", email="eve@example.com", password=PASSWORD
        )

    assert (caught.value.code, caught.value.field) == ("company_exists", "company_name")


def test_a_company_that_gets_another_name_gets_its_look(office: ServiceContext, provider: User) -> None:
    company = office.session.get_one(Company, provider.company_id)
    company.name = "Harbour"
    office.session.commit()

    with pytest.raises(Conflict):
        found(office, "HARBOUR")
    assert founding.found_company(
        office, company_name="Quayside", name="Eve", email="eve@example.com", password=PASSWORD
    )


def test_where_it_is_closed_the_first_company_needs_a_link_and_others_the_operator(
    closed: ServiceContext,
) -> None:
    with pytest.raises(SignUpClosed):
        found(closed)
    link = founding.make_set_up_link(closed, lasts=WEEK)

    assert found(closed, link=link).company_id
    with pytest.raises(SignUpClosed):
        founding.make_set_up_link(closed, lasts=WEEK)


def test_where_it_is_closed_a_link_of_before_founds_no_second_company(closed: ServiceContext) -> None:
    first, second = (founding.make_set_up_link(closed, lasts=WEEK) for _ in range(2))
    found(closed, link=first)

    assert not founding.may_found(closed, link_token=second)
    with pytest.raises(SignUpClosed):
        found(closed, "Quayside", link=second)


def test_a_link_founds_one_company(invited: ServiceContext) -> None:
    link = founding.make_set_up_link(invited, lasts=WEEK)
    found(invited, link=link)

    with pytest.raises(SignUpClosed, match="a company was created with it"):
        found(invited, "Pier", link=link)
    assert not founding.may_found(invited, link_token=link)


def test_a_link_ends_with_its_time(invited: ServiceContext, standing_clock: StandingClock) -> None:
    link = founding.make_set_up_link(invited, lasts=WEEK)

    standing_clock.elapsed += WEEK

    with pytest.raises(SignUpClosed):
        found(invited, link=link)


def test_a_sign_up_that_fails_does_not_use_the_link_up(invited: ServiceContext, seeker: User) -> None:
    link = founding.make_set_up_link(invited, lasts=WEEK)
    with pytest.raises(Conflict):
        founding.found_company(
            invited, company_name="Pier", name="Eve", email=seeker.email, password=PASSWORD, link_token=link
        )

    assert found(invited, "Pier", link=link)


@pytest.mark.parametrize("link", ["", "made up", "x" * 10_000])
def test_a_link_that_nobody_made_is_refused(invited: ServiceContext, link: str) -> None:
    founding.make_set_up_link(invited, lasts=WEEK)

    with pytest.raises(SignUpClosed):
        found(invited, link=link)


def test_the_database_has_no_link(invited: ServiceContext) -> None:
    link = founding.make_set_up_link(invited, lasts=WEEK)

    rows = invited.session.connection().exec_driver_sql("SELECT * FROM set_up_links").all()
    assert rows and link not in str(rows)
