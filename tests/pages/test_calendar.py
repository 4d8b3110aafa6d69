"""The calendar of starts and ends: a secret address, what it shows to whom, and its end."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.reader import Visitor
from tests.plans import noted, plans_of
from tests.windows import DAY, HOUR, have_window, set_window
from webapp.domain.roles import CompanyRole
from webapp.logging import JsonFormatter
from webapp.models import Application, CalendarFeed, JobPosting, User, UserPosting
from webapp.queries import calendar as queries
from webapp.services import operator

ADDRESS = re.compile(r"/calendar/[0-9a-f]{64}\.ics")


def address_of(visitor: Visitor) -> str:
    page = visitor.post("/account/calendar/make")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    (found,) = ADDRESS.findall(page.text)
    return str(found)


def read(app: Flask, address: str, tag: str = "") -> TestResponse:
    """As a calendar: without cookies."""
    return app.test_client().get(address, headers={"If-None-Match": tag})


def events(app: Flask, address: str) -> list[Any]:
    answer = read(app, address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    found: Any = Calendar.from_ical(answer.data)  # its types are those of any component
    return list(found.walk("VEVENT"))


def summaries(app: Flask, address: str) -> list[str]:
    return [str(one["SUMMARY"]) for one in events(app, address)]


@pytest.fixture
def hired(desk: Desk) -> Iterator[int]:
    """The application of somebody who starts tomorrow and ends in thirty days."""
    application_id = desk.add_application().id
    set_window(desk, application_id, starts=DAY, ends=30 * DAY)
    desk.session.rollback()
    yield application_id


def name_and_job(desk: Desk, application_id: int) -> tuple[str, str]:
    with desk.sessions() as session:
        application = session.get_one(Application, application_id)
        person = session.get_one(User, application.seeker_id)
        return person.name, session.get_one(JobPosting, application.job_posting_id).title


@both_databases
def test_a_calendar_reads_who_starts_and_who_ends(
    app: Flask, desk: Desk, provider: Visitor, hired: int
) -> None:
    address, (name, job) = address_of(provider), name_and_job(desk, hired)

    start, end = events(app, address)

    assert [str(start["SUMMARY"]), str(end["SUMMARY"])] == [f"{name} starts · {job}", f"{name} ends · {job}"]
    with desk.sessions() as session:
        window = session.get_one(Application, hired).window
    at = [one.replace(microsecond=0) for one in (window.starts_at, window.ends_at) if one]
    assert [start.decoded("DTSTART"), end.decoded("DTSTART")] == at
    assert b"DTSTART:" + at[0].strftime("%Y%m%dT%H%M%SZ").encode() in read(app, address).data
    assert start["UID"] != end["UID"]


@both_databases
def test_a_changed_contract_is_the_same_event_with_a_higher_number(
    app: Flask, desk: Desk, provider: Visitor, hired: int
) -> None:
    address = address_of(provider)
    before = events(app, address)

    set_window(desk, hired, starts=2 * DAY, ends=31 * DAY)

    after = events(app, address)
    assert [one["UID"] for one in after] == [one["UID"] for one in before]
    assert [one["SEQUENCE"] for one in before] == [1, 1]
    assert [one["SEQUENCE"] for one in after] == [2, 2]
    assert after[0].decoded("DTSTART") == before[0].decoded("DTSTART") + DAY


def test_the_address_is_shown_once_and_kept_as_a_hash(app: Flask, desk: Desk, provider: Visitor) -> None:
    address = address_of(provider)

    assert not ADDRESS.search(provider.get("/account/calendar/").text)
    assert "Nobody has read it yet" in provider.read("/account/calendar/").text
    with desk.sessions() as session:
        assert session.scalars(select(CalendarFeed.token_hash)).one() not in address
    assert read(app, address).status_code == 200
    assert "Last read" in provider.read("/account/calendar/").text


def test_a_new_address_ends_the_old_one_and_ending_it_the_new_one(app: Flask, provider: Visitor) -> None:
    old, new = address_of(provider), address_of(provider)
    assert (read(app, old).status_code, read(app, new).status_code) == (404, 200)

    assert provider.post("/account/calendar/end").status_code == 303

    assert read(app, new).status_code == 404
    assert "No address yet" in provider.read("/account/calendar/").text
    assert provider.post("/account/calendar/end").status_code == 303


@pytest.mark.parametrize("text", ["0" * 64, "x", "%00", "..%2f", "0" * 4000])
def test_an_address_that_nobody_has_made_is_not_found(app: Flask, provider: Visitor, text: str) -> None:
    address_of(provider)

    assert read(app, f"/calendar/{text}.ics").status_code == 404


def test_of_another_company_nothing_is_read(
    app: Flask, provider: Visitor, rival: Visitor, hired: int
) -> None:
    own, foreign = address_of(provider), address_of(rival)

    assert len(summaries(app, own)) == 2
    assert summaries(app, foreign) == []
    assert rival.post("/account/calendar/end").status_code == 303
    assert read(app, own).status_code == 200


@both_databases
def test_a_recruiter_of_some_jobs_reads_these_alone(
    app: Flask, desk: Desk, provider: Visitor, hired: int
) -> None:
    other = desk.open_posting(desk.provider)
    desk.session.commit()
    address = address_of(provider)
    assert len(summaries(app, address)) == 2
    with desk.sessions.begin() as session:
        person = session.get_one(User, desk.provider.id)
        person.company_role, person.is_limited_to_postings = CompanyRole.RECRUITER, True
        session.add(UserPosting(user_id=person.id, job_posting_id=other))

    assert summaries(app, address) == []
    with desk.sessions.begin() as session:
        session.execute(update(Application).where(Application.id == hired).values(job_posting_id=other))
    assert len(summaries(app, address)) == 2


def test_whoever_may_not_read_the_work_any_more_reads_no_calendar(
    app: Flask, desk: Desk, provider: Visitor, hired: int
) -> None:
    address = address_of(provider)

    with desk.sessions.begin() as session:
        session.get_one(User, desk.provider.id).company_role = CompanyRole.FINANCE
    assert read(app, address).status_code == 404
    with desk.sessions.begin() as session:
        session.get_one(User, desk.provider.id).company_role = CompanyRole.AUDITOR
    assert read(app, address).status_code == 200
    with desk.sessions.begin() as session:
        session.get_one(User, desk.provider.id).is_active = False
    assert read(app, address).status_code == 404


def test_people_who_are_hired_have_no_such_calendar(seeker: Visitor, desk: Desk) -> None:
    assert seeker.get("/account/calendar/").status_code == 403
    assert seeker.post("/account/calendar/make").status_code == 403
    assert "calendar" not in seeker.get("/account/").text
    with desk.sessions() as session:
        assert session.scalars(select(CalendarFeed.id)).all() == []


def test_names_cannot_add_anything_to_the_calendar(
    app: Flask, desk: Desk, provider: Visitor, hired: int
) -> None:
    hostile = "Eve\r\nEND:VEVENT\nATTACH:http://evil.example/, ; \\n\u2028x"
    with desk.sessions.begin() as session:
        application = session.get_one(Application, hired)
        session.get_one(User, application.seeker_id).name = hostile

    found = events(app, address_of(provider))

    assert len(found) == 2
    assert all("ATTACH" not in one for one in found)
    assert str(found[0]["SUMMARY"]).startswith("Eve END:VEVENT ATTACH:http://evil.example/, ; \\n x starts")


def test_only_approved_contracts_around_now_are_read(app: Flask, desk: Desk, provider: Visitor) -> None:
    far, ended, rejected = (desk.add_application().id for _ in range(3))
    set_window(desk, far, starts=queries.AROUND + HOUR)
    have_window(desk, ended, starts=-queries.AROUND - HOUR, ends=-DAY)
    set_window(desk, rejected, starts=DAY)
    with desk.sessions.begin() as session:
        session.execute(update(Application).where(Application.id == rejected).values(status="rejected"))

    (one,) = events(app, address_of(provider))

    assert one["UID"].startswith(f"application-{ended}-end@")


def test_what_is_to_come_is_kept_before_what_was(
    app: Flask, desk: Desk, provider: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    was, soon, later = (desk.add_application().id for _ in range(3))
    set_window(desk, was, starts=-DAY)
    set_window(desk, soon, ends=DAY)
    set_window(desk, later, starts=2 * DAY)
    monkeypatch.setattr(queries, "MOST_MOMENTS", 2)

    found = [one["UID"].partition("@")[0] for one in events(app, address_of(provider))]

    assert found == [f"application-{soon}-end", f"application-{later}-start"]


def test_an_unchanged_calendar_is_not_sent_again_and_no_proxy_keeps_it(
    app: Flask, desk: Desk, provider: Visitor, hired: int
) -> None:
    address = address_of(provider)
    first = read(app, address)
    tag = first.headers["ETag"]

    desk.clock.pause(HOUR.total_seconds())
    again = read(app, address, tag=tag)

    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.data) == (304, b"")
    set_window(desk, hired, starts=3 * DAY)
    assert read(app, address, tag=tag).status_code == 200


def test_a_new_address_needs_a_fresh_proof(desk: Desk, provider: Visitor) -> None:
    desk.clock.pause(HOUR.total_seconds())

    asked = provider.post("/account/calendar/make")

    assert asked.status_code == 303 and "/account/prove/" in asked.location
    with desk.sessions() as session:
        assert session.scalars(select(CalendarFeed.id)).all() == []


def test_the_address_stands_in_no_line_of_the_log(
    provider: Visitor,
) -> None:
    address = address_of(provider)
    record = logging.makeLogRecord({"msg": "request", "path": address})
    line = JsonFormatter().format(record)

    assert "/calendar/[redacted].ics" in line


def test_a_disabled_colleague_gets_no_calendar_back_by_being_enabled(
    app: Flask, desk: Desk, provider: Visitor, rival: Visitor
) -> None:
    address = address_of(provider)

    with desk.sessions() as session:
        operating = session.scalars(select(User).where(User.id != desk.provider.id)).first()
    assert operating is not None
    operator.disable_person(desk.context, desk.provider.id, by=operating)
    operator.enable_person(desk.context, desk.provider.id)

    assert read(app, address).status_code == 404


def test_the_contracts_around_now_are_found_by_their_indexes(desk: Desk) -> None:
    with noted(desk.database, "SELECT") as asked:
        queries.list_moments(desk.session, company_id=desk.provider.company_id or 0, now=desk.clock.now())

    plans = ["\n".join(steps) for steps in plans_of(desk.session, asked)]
    used = [
        name for plan in plans for name in ("ix_applications_starts", "ix_applications_ends") if name in plan
    ]
    assert used == ["ix_applications_starts"] * 2 + ["ix_applications_ends"] * 2
    assert not any("TEMP B-TREE" in plan for plan in plans)
