"""Contracts in pasted lists: of people who are invited, and of a group order."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests.conftest import both_databases
from tests.desk import Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.test_cohorts import choice, hire, ordered, sent_on
from tests.pages.test_invitations import accept, invite, links_in
from webapp.models import Application, CohortRow, Invitation
from webapp.services import cohorts

HEADER = "Name;E-Mail;Start;Ende;Zeitzone\n"
STARTS, ENDS = datetime(2026, 11, 30, 23, 0, tzinfo=UTC), datetime(2027, 2, 28, 23, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
MINA = f"Mina Park;mina@example.com;1.12.2026;28.02.2027;{BERLIN}\n"


@pytest.fixture
def someone(app: Flask) -> Callable[[], Visitor]:
    return lambda: Visitor(app.test_client())


def windows(desk: Desk) -> list[tuple[datetime | None, datetime | None, str | None]]:
    with desk.sessions() as session:
        found = session.scalars(select(Application).order_by(Application.id)).all()
        return [(one.starts_at, one.ends_at, one.window_zone) for one in found]


def test_who_is_invited_with_a_contract_has_it_from_the_approval_on(
    desk: Desk, provider: Visitor, someone: Callable[[], Visitor]
) -> None:
    status, page = invite(provider, desk.posting_id, f"{HEADER}{MINA}Leo Brandt;leo@example.com;;;\n")
    for link in links_in(page):
        accept(someone(), link)

    assert status == 200
    assert windows(desk) == [(STARTS, ENDS, BERLIN), (None, None, None)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Leo;leo@example.com;soon;;", "Line 3: “soon” cannot be read as a date."),
        ("Leo;leo@example.com;2027-01-01;2026-12-31;", "Line 3: The end must be after the start."),
        ("Leo;leo@example.com;;2026-11-01;", "Line 3: The end must be in the future."),
        ("Leo;leo@example.com;2027-01-01;;Berlin", "Line 3: Choose one of these time zones."),
        ("Mina;mina@example.com;2027-01-01;;", "Line 3: This line gives another contract than line 2"),
    ],
)
def test_one_bad_line_is_said_and_nobody_is_invited(
    desk: Desk, provider: Visitor, line: str, said: str
) -> None:
    status, page = invite(provider, desk.posting_id, HEADER + MINA + line)

    assert status == 422 and said in Reader(page).text
    with desk.sessions() as session:
        assert session.scalars(select(Invitation)).all() == []


def test_a_day_without_a_column_name_is_not_lost_in_silence(desk: Desk, provider: Visitor) -> None:
    status, page = invite(provider, desk.posting_id, "Mina Park;mina@example.com;2027-01-01\n")

    assert status == 422 and "Line 1: Berth does not know what the date “2027-01-01” is." in Reader(page).text


@pytest.fixture
def two(desk: Desk, provider: Visitor) -> list[int]:
    """Applications of Mina Park and Leo Brandt, whom nobody has given a contract."""
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")
    made = hire(desk, ["Mina Park", "Leo Brandt"])
    desk.session.commit()
    return made


LIST = f"Name;Start;Ende;Zeitzone\nMina Park;2026-12-01;2027-02-28;{BERLIN}\nLeo Brandt;;;\n"


@both_databases
def test_a_group_order_gives_each_person_the_contract_of_the_list(
    desk: Desk, provider: Visitor, two: list[int]
) -> None:
    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted=LIST)).text)
    assert windows(desk) == [(None, None, None)] * 2
    provider.post("/cohorts/", sent_on(dry))

    assert dry.headings == ["2 of 2 can be ordered"]
    assert (dry.by_id("start-1")["value"], dry.by_id("zone-1")["value"]) == ("2026-12-01", BERLIN)
    assert windows(desk) == [(STARTS, ENDS, BERLIN), (None, None, None)]
    assert [(row.starts_at, row.ends_at) for row in ordered(desk)] == [(STARTS, ENDS), (None, None)]


def test_a_list_without_contracts_asks_for_none(desk: Desk, provider: Visitor, two: list[int]) -> None:
    dry = provider.post("/cohorts/check", choice(desk, pasted="Mina Park\n")).text

    assert "start-1" not in dry and "Contract" not in dry


def test_a_contract_that_cannot_be_read_stops_the_order_until_it_is_corrected(
    desk: Desk, provider: Visitor, two: list[int]
) -> None:
    pasted = LIST.replace("Leo Brandt;;;", "Leo Brandt;3/1/2027;;")
    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted=pasted)).text)

    again = provider.post("/cohorts/", sent_on(dry))

    assert "Line 3: “3/1/2027” cannot be read as a date." in dry.text
    assert "The contract of 1 person cannot be read." in dry.text and not dry.find(
        "button", id="order-cohort"
    )
    assert again.status_code == 422 and ordered(desk) == [] and windows(desk) == [(None, None, None)] * 2
    assert "Row 2: “3/1/2027” cannot be read as a date." in Reader(again.text).text
    corrected = sent_on(Reader(again.text)) | {"start-2": "2027-01-03"}
    assert provider.post("/cohorts/", corrected).status_code == 303
    assert len(ordered(desk)) == 2
    # Without a zone it is the provider's own.
    assert windows(desk)[1] == (datetime(2027, 1, 3, tzinfo=UTC), None, "UTC")


def test_an_end_in_the_past_skips_its_person_and_a_retry_does_not_forget_it(
    desk: Desk, provider: Visitor, two: list[int]
) -> None:
    pasted = LIST.replace("Leo Brandt;;;", "Leo Brandt;;2026-11-01;")
    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted=pasted)).text)
    location = provider.post("/cohorts/", sent_on(dry)).location or ""
    provider.post(f"{location}retry")

    assert "Line 3: The end must be in the future." in dry.text
    assert len(ordered(desk)) == 1 and windows(desk)[1] == (None, None, None)
    with desk.sessions() as session:
        assert session.scalars(select(CohortRow.code)).all() == [None, "window_invalid"]


def test_who_has_a_contract_that_is_over_is_skipped_before_the_press(
    desk: Desk, provider: Visitor, two: list[int]
) -> None:
    with desk.sessions.begin() as session:
        session.get_one(Application, two[1]).ends_at = desk.clock.now()

    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted="Mina Park\nLeo Brandt\n")).text)

    assert dry.headings == ["1 of 2 can be ordered"]
    assert "Line 2: The contract of this person has ended." in dry.text


def test_an_order_that_is_refused_changes_no_contract(
    desk: Desk, provider: Visitor, two: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    dry = Reader(provider.post("/cohorts/check", choice(desk, pasted=LIST)).text)
    desk.order(username=re.sub("@.*", "", str(dry.by_id("username-1")["value"])))
    desk.session.commit()
    monkeypatch.setattr(cohorts, "plan", _blind(cohorts.plan))

    provider.post("/cohorts/", sent_on(dry))

    assert windows(desk)[0] == (None, None, None)
    with desk.sessions() as session:
        assert session.scalars(select(CohortRow.code)).all() == ["username_taken", None]


def _blind(plan: Callable[..., list[cohorts.PlannedRow]]) -> Callable[..., list[cohorts.PlannedRow]]:
    """As if the other order had come a moment later."""

    def planned(*given: object, **named: object) -> list[cohorts.PlannedRow]:
        return [replace(row, code=None, message=None) for row in plan(*given, **named)]

    return planned
