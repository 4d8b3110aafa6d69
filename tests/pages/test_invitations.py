"""Inviting people and colleagues: by one link, which works once, for one address."""

import io
import re
from collections.abc import Callable

import pytest
from flask import Flask

from tests.desk import PASSWORD, Desk
from tests.pages.reader import Reader, Visitor
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Application, User
from webapp.services.invitations import LASTS, MOST_PEOPLE

MINA, LEO = "mina@example.com", "leo@example.com"


@pytest.fixture
def posting_id(desk: Desk) -> int:
    found = desk.add_application().job_posting_id
    desk.session.commit()
    return found


@pytest.fixture
def someone(app: Flask, desk: Desk) -> Callable[[], Visitor]:
    """Another stranger's browser each time."""
    return lambda: Visitor(app.test_client())


def invite(provider: Visitor, posting_id: int, people: str, *, file: bytes | None = None) -> tuple[int, str]:
    values: dict[str, object] = {"job": str(posting_id), "people": people}
    if file is not None:
        values["file"] = (io.BytesIO(file), "people.csv")
    answer = provider.post("/people/invite", values)
    return answer.status_code, answer.text


def links_in(page: str) -> list[str]:
    found = re.findall(r"http://localhost(/invitation/\?link=[\w-]+)", page)
    return list(dict.fromkeys(found))


def accept(visitor: Visitor, path: str, **changes: str) -> tuple[int, str]:
    values = {"name": "Mina Park", "password": PASSWORD, "link": path.partition("=")[2], **changes}
    answer = visitor.post("/invitation/", values)
    return answer.status_code, answer.location or Reader(answer.text).text


def applications_of(desk: Desk, email: str) -> list[tuple[ApplicationStatus, int]]:
    desk.session.expire_all()
    rows = desk.session.query(Application).join(Application.seeker).filter(User.email == email).all()
    found = [(row.status, row.job_posting_id) for row in rows]
    desk.session.rollback()
    return found


def test_who_accepts_is_approved_and_signed_in_without_having_applied(
    desk: Desk, provider: Visitor, posting_id: int, someone: Callable[[], Visitor]
) -> None:
    status, page = invite(provider, posting_id, f"Mina Park <{MINA}>\n{LEO}")
    links, mina = links_in(page), someone()

    shown = mina.read(links[0])

    assert (status, len(links)) == (200, 2)
    assert "Quayside has approved you for this job." in shown.text
    assert shown.find("input", name="name", value="Mina Park")
    assert accept(mina, links[0]) == (303, "/desktops/")
    assert applications_of(desk, MINA) == [(ApplicationStatus.APPROVED, posting_id)]
    assert applications_of(desk, LEO) == []


def test_an_approved_person_can_be_ordered_for_at_once(
    desk: Desk, provider: Visitor, posting_id: int, someone: Callable[[], Visitor]
) -> None:
    [link] = links_in(invite(provider, posting_id, MINA)[1])
    accept(someone(), link)

    assert "Mina Park" in provider.read(f"/jobs/{posting_id}/").text
    assert "Mina Park" in provider.read("/workspaces/new").text


def test_the_state_of_an_invitation_is_shown(
    desk: Desk, provider: Visitor, posting_id: int, someone: Callable[[], Visitor]
) -> None:
    [link] = links_in(invite(provider, posting_id, MINA)[1])
    states = [provider.read("/people/").text]
    mina = someone()
    mina.read(link)
    states.append(provider.read("/people/").text)
    mina.post("/invitation/opened", {"link": link.partition("=")[2]})
    states.append(provider.read("/people/").text)
    accept(mina, link)
    states.append(provider.read("/people/").text)

    found = [[word for word in ("Opened", "Accepted", "Expired") if word in text] for text in states]
    assert found == [[], [], ["Opened"], ["Accepted"]]


def test_a_link_works_once(provider: Visitor, posting_id: int, someone: Callable[[], Visitor]) -> None:
    [link] = links_in(invite(provider, posting_id, MINA)[1])
    accept(someone(), link)

    assert accept(someone(), link)[0] == 410
    assert someone().get(link).status_code == 410


def test_a_withdrawn_link_and_an_expired_one_are_refused_and_a_new_one_works(
    desk: Desk, provider: Visitor, posting_id: int, someone: Callable[[], Visitor], sign_in: Callable
) -> None:
    [first] = links_in(invite(provider, posting_id, MINA)[1])
    provider.post("/people/invitations/1/withdraw")
    assert someone().get(first).status_code == 410

    [second] = links_in(provider.post("/people/invitations/1/again").text)
    desk.clock.pause(LASTS.total_seconds())
    assert someone().get(second).status_code == 410
    again = Visitor(sign_in("provider@example.com"))
    assert "Expired" in again.read("/people/").text

    [third] = links_in(again.post("/people/invitations/1/again").text)
    assert accept(someone(), third)[0] == 303
    assert again.post("/people/invitations/1/again").status_code == 409


def test_a_second_invitation_of_an_address_makes_a_new_link_of_the_same(
    provider: Visitor, posting_id: int, someone: Callable[[], Visitor]
) -> None:
    [first] = links_in(invite(provider, posting_id, MINA)[1])
    [second] = links_in(invite(provider, posting_id, MINA)[1])

    assert someone().get(first).status_code == 410
    assert someone().get(second).status_code == 200
    assert provider.read("/people/").text.count(MINA) == 1


def test_whoever_has_an_account_accepts_signed_in(
    desk: Desk, provider: Visitor, posting_id: int, sign_in: Callable, someone: Callable[[], Visitor]
) -> None:
    seeker = desk.add_seeker().email
    [link] = links_in(invite(provider, posting_id, seeker)[1])
    assert "You cannot sign up with this e-mail address" in accept(someone(), link)[1]

    person = Visitor(sign_in(seeker))
    assert f"You are signed in as {seeker}" in person.read(link).text
    assert person.post("/invitation/", {"link": link.partition("=")[2]}).status_code == 303
    assert applications_of(desk, seeker) == [(ApplicationStatus.APPROVED, posting_id)]


def test_a_link_in_the_hands_of_somebody_else_is_worth_nothing(
    desk: Desk, provider: Visitor, posting_id: int, sign_in: Callable
) -> None:
    [link] = links_in(invite(provider, posting_id, MINA)[1])
    other = Visitor(sign_in(desk.add_seeker().email))

    assert "but the invitation is for mina@example.com" in other.read(link).text
    assert other.post("/invitation/", {"link": link.partition("=")[2]}).status_code == 409


@pytest.mark.parametrize(
    "file",
    [
        'Name;E-Mail\r\nMina Park;mina@example.com\r\n"Brandt, Leo";leo@example.com\r\n'.encode("utf-8-sig"),
        b"mina@example.com\tMina Park\nleo@example.com\tLeo Brandt\n",
        'email,name\n"mina@example.com","Mina Park"\n"leo@example.com","Leo Brandt"\n'.encode("utf-16"),
    ],
)
def test_a_list_is_read_as_excel_writes_it(provider: Visitor, posting_id: int, file: bytes) -> None:
    page = invite(provider, posting_id, "", file=file)[1]

    assert len(links_in(page)) == 2
    assert MINA in page and LEO in page


def test_nothing_is_sent_before_the_whole_list_is_understood(provider: Visitor, posting_id: int) -> None:
    status, page = invite(provider, posting_id, f"{MINA}\nnobody at example\n{LEO}")

    assert (status, links_in(page)) == (422, [])
    assert "Line 2:" in page and MINA in page
    assert "No invitations yet" in provider.read("/people/").text


def test_who_cannot_be_invited_is_named_and_the_others_are(
    desk: Desk, provider: Visitor, posting_id: int
) -> None:
    page = invite(provider, posting_id, f"{MINA}\nprovider@example.com\n{desk.add_seeker().email}")[1]

    assert "provider@example.com: Has another account in Berth." in Reader(page).text
    assert len(links_in(page)) == 2


@pytest.mark.parametrize("job", ["9" * 30, "-1", "x", ""])
def test_an_address_that_names_no_job_shows_the_form(provider: Visitor, posting_id: int, job: str) -> None:
    assert provider.read(f"/people/invite?job={job}").find("textarea", id="people")
    assert provider.post("/people/invite", {"job": job, "people": MINA}).status_code == 422


def test_too_many_at_once_are_refused(provider: Visitor, posting_id: int) -> None:
    people = "\n".join(f"person{number}@example.com" for number in range(MOST_PEOPLE + 1))

    assert invite(provider, posting_id, people)[0] == 422


def test_a_colleague_works_for_the_company_and_nobody_else(
    desk: Desk, provider: Visitor, rival: Visitor, someone: Callable[[], Visitor]
) -> None:
    page = provider.post("/people/colleagues", {"email": " Mina@Example.com "}).text
    [link], mina = links_in(page), someone()

    assert "Join Quayside" in mina.read(link).text
    assert accept(mina, link) == (303, "/start/")

    row = desk.session.query(User).filter_by(email=MINA).one()
    assert (row.role, row.company_id) == (Role.PROVIDER, desk.provider.company_id)
    desk.session.rollback()
    assert "Mina Park" in provider.read("/people/").text
    assert "Mina Park" not in rival.read("/people/").text


def test_no_other_company_touches_an_invitation(provider: Visitor, rival: Visitor, posting_id: int) -> None:
    invite(provider, posting_id, MINA)

    assert rival.post("/people/invitations/1/again").status_code == 404
    assert rival.post("/people/invitations/1/withdraw").status_code == 404
    assert invite(rival, posting_id, MINA)[0] in (404, 422)
    assert MINA not in rival.read("/people/").text


def test_the_database_has_no_link(desk: Desk, provider: Visitor, posting_id: int) -> None:
    [link] = links_in(invite(provider, posting_id, MINA)[1])

    rows = str(desk.session.connection().exec_driver_sql("SELECT * FROM invitations").all())
    desk.session.rollback()
    assert MINA in rows and link.partition("=")[2] not in rows
