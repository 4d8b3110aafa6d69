"""The contract's window in a line of a list: what is read, and what is not guessed."""

from datetime import UTC, datetime

import pytest

from tests.cases import each_case
from webapp.domain.errors import Invalid
from webapp.domain.listed_windows import ListedWindow, is_date
from webapp.domain.people_lists import read_people
from webapp.domain.windows import Window

BERLIN = "Europe/Berlin"
MARCH = datetime(2027, 2, 28, 23, 0, tzinfo=UTC)
JUNE_30 = datetime(2027, 6, 29, 22, 0, tzinfo=UTC)
AFTER_JUNE = datetime(2027, 6, 30, 22, 0, tzinfo=UTC)


@each_case(
    ("start", "end", "window"),
    [
        ("2027-03-01", "2027-06-30", Window(MARCH, AFTER_JUNE, BERLIN)),
        ("1.3.2027", "30.06.2027", Window(MARCH, AFTER_JUNE, BERLIN)),
        ("2027-03-01 00:00:00", "", Window(MARCH, None, BERLIN)),
        ("2027-03-01T08:30", "", Window(datetime(2027, 3, 1, 7, 30, tzinfo=UTC), None, BERLIN)),
        ("", "2027-06-30 00:00:00", Window(None, AFTER_JUNE, BERLIN)),
        ("2027-06-30 00:00", "30.6.2027 0:00", Window(JUNE_30, AFTER_JUNE, BERLIN)),
        ("", "30.6.2027 12:00", Window(None, datetime(2027, 6, 30, 10, 0, tzinfo=UTC), BERLIN)),
    ],
)
def test_days_are_read_as_two_countries_write_them(start: str, end: str, window: Window) -> None:
    assert ListedWindow(start, end, BERLIN).window() == window


@each_case("cell", ["3/1/2027", "2027-13-01", "30.2.2027", "soon", "2027-03-01 25:00", "1.3.27"])
def test_what_could_be_two_days_or_none_is_refused(cell: str) -> None:
    with pytest.raises(Invalid, match="cannot be read as a date") as refused:
        ListedWindow("", cell, BERLIN).window()

    assert (refused.value.code, refused.value.field) == ("window_invalid", "last_day")


def test_the_rules_of_the_contract_page_hold() -> None:
    with pytest.raises(Invalid, match="The end must be after the start"):
        ListedWindow("2027-03-02", "2027-03-01", BERLIN).window()
    with pytest.raises(Invalid, match="time zones"):
        ListedWindow("2027-03-02", "", "Berlin").window()
    with pytest.raises(Invalid, match="year"):
        ListedWindow("1927-03-02", "", BERLIN).window()


def test_a_line_without_days_says_nothing_and_the_usual_zone_fills_in() -> None:
    assert ListedWindow("", "", BERLIN).window() is None
    assert ListedWindow().in_zone(BERLIN) == ListedWindow()
    assert ListedWindow("2027-03-01").in_zone(BERLIN).window() == Window(MARCH, None, BERLIN)
    assert ListedWindow("2027-03-01", zone="UTC").in_zone(BERLIN).zone == "UTC"


@pytest.mark.parametrize("end", ["2027-06-30", "2027-06-30 12:00", ""])
def test_what_a_form_shows_again_is_the_same_window(end: str) -> None:
    window = ListedWindow("2027-03-01", end, BERLIN).window()

    assert ListedWindow.of(window).window() == window
    assert ListedWindow.of(None) == ListedWindow()


@pytest.mark.parametrize("header", ["Name;E-Mail;Start;End;Zone", "Name;E-Mail;Eintritt;Austritt;Zeitzone"])
def test_columns_of_the_contract_are_found_by_their_header(header: str) -> None:
    found = read_people(f"{header}\nMina Park;mina@example.com;1.3.2027;30.6.2027;{BERLIN}\n").people

    assert [one.window for one in found] == [ListedWindow("1.3.2027", "30.6.2027", BERLIN)]


def test_columns_of_the_contract_alone_are_no_header() -> None:
    found = read_people("Start\nEnd\n").people

    assert [one.name for one in found] == ["Start", "End"]


def test_two_lines_that_give_one_person_two_contracts_are_said() -> None:
    mina = "mina@example.com"
    lines = ["E-mail,Start", f"{mina},2027-03-01", f"{mina},2027-04-01", f"{mina},"]

    found = read_people("\n".join(lines))

    assert [one.problem for one in found.people] == [
        None,
        "This line gives another contract than line 2 to the same person.",
    ]
    assert "Line 4 repeats line 2." in found.notices


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2027-03-01;2027-03-31;", "1.3.2027;31.3.2027;"),
        ("2027-03-01 00:00:00;2027-03-31 00:00:00;UTC", "01.03.2027;31.3.2027;UTC"),
        (";2027-03-31 17:30;", ";31.3.2027 17:30:00;"),
        (";soon;", "; soon;"),
    ],
)
def test_the_same_contract_may_be_written_in_two_ways(one: str, other: str) -> None:
    lines = ["E-mail;Start;End;Zone", f"mina@example.com;{one}", f"mina@example.com;{other}"]

    found = read_people("\n".join(lines))

    assert [person.problem for person in found.people] == [None]
    assert "Line 3 repeats line 2." in found.notices


@pytest.mark.parametrize("other", ["2027-03-31 17:30;", "2027-03-31;UTC", "2027-13-31;"])
def test_another_time_zone_or_unreadable_cell_is_another_contract(other: str) -> None:
    lines = ["E-mail;End;Zone", "mina@example.com;2027-03-31;", f"mina@example.com;{other}"]

    found = read_people("\n".join(lines))

    assert "another contract than line 2" in (found.people[1].problem or "")


def test_a_day_is_known_where_no_header_names_it() -> None:
    assert is_date("1.3.2027") and is_date("2027-03-01 08:00") and not is_date("0170 123456")
