"""A form changes what it asks for: nothing else that is sent with it, and only from its body."""

import pytest
from sqlalchemy import select

from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.roles import Role
from webapp.models import Company, JobPosting, User

MORE = {
    "role": "provider",
    "company_role": "auditor",
    "company_id": "1",
    "company": "1",
    "is_active": "0",
    "id": "1",
    "user_id": "1",
    "password_hash": "x",
    "needs_second_factor": "1",
}


def person(desk: Desk, email: str) -> User:
    desk.session.expire_all()
    return desk.session.scalars(select(User).where(User.email == email)).one()


def test_who_signs_up_chooses_neither_role_nor_company(desk: Desk, stranger: Visitor) -> None:
    body = {"name": "Eve", "email": "eve@example.com", "password": "seven herons over the quay"}

    assert stranger.post("/sign-up/person", {**MORE, **body}).status_code == 303

    made = person(desk, "eve@example.com")
    assert (made.role, made.company_role, made.company_id, made.is_active) == (Role.SEEKER, None, None, True)
    assert made.password_hash.startswith("$argon2id$")


def test_a_new_posting_is_of_ones_own_company(desk: Desk, rival: Visitor) -> None:
    body = {"title": "Analyst", "location": "Remote", "description": "Answer questions."}

    rival.post("/jobs/", {**MORE, **body, "status": "closed"})

    made = desk.session.scalars(select(JobPosting).order_by(JobPosting.id.desc())).first()
    assert made is not None
    assert (desk.session.get_one(Company, made.company_id).name, made.status.value) == ("Rival", "open")


def test_a_new_password_changes_no_other_field(desk: Desk, provider: Visitor) -> None:
    before = person(desk, desk.provider.email)
    kept = (before.id, before.role, before.company_role, before.company_id, before.email)
    desk.session.rollback()
    body = {"current": "correct horse battery", "password": "seven herons over the quay"}

    assert (
        provider.post("/account/password", {**MORE, **body, "email": "other@example.com"}).status_code == 303
    )

    after = person(desk, desk.provider.email)
    assert (after.id, after.role, after.company_role, after.company_id, after.email) == kept
    assert after.is_active


def test_what_stands_in_the_address_is_no_field_of_the_form(provider: Visitor) -> None:
    answer = provider.post("/jobs/?title=Analyst&description=x", {"location": "Remote"})

    assert answer.status_code == 422
    assert Reader(answer.text).error_of("title")


@pytest.mark.parametrize(("titles", "kept"), [(["First", "Second"], "First"), (["", "Second"], None)])
def test_a_field_that_is_sent_twice_counts_once(
    desk: Desk, provider: Visitor, titles: list[str], kept: str | None
) -> None:
    """The first: what was checked is what is stored."""
    body = {"title": titles, "location": "Remote", "description": "Answer questions."}

    answer = provider.post("/jobs/", body)

    newest = desk.session.scalars(select(JobPosting.title).order_by(JobPosting.id.desc())).first()
    assert answer.status_code == (303 if kept else 422)
    assert (newest == kept) is bool(kept) and newest != "Second"


def test_a_cookie_is_no_field_and_no_filter(provider: Visitor) -> None:
    provider.client.set_cookie("q", "nothing-like-it")
    provider.client.set_cookie("title", "Analyst")

    assert "nothing-like-it" not in provider.get("/workspaces/").text
    assert provider.post("/jobs/", {"location": "Remote"}).status_code == 422
