"""Lists of people for a group order, pasted and as a file, as programs give them."""

import io
import json
from pathlib import Path

import pytest

from tests.desk import UBUNTU, Desk
from tests.pages.reader import Reader, Visitor
from tests.pages.test_names_of_people import apply
from webapp.domain.people_lists import read_people

LISTS = Path(__file__).with_name("lists")
PEOPLE = {
    "mina@hire.example": "Mina Park",
    "leo@hire.example": "Leo Brandt",
    "jose@hire.example": "José Núñez",
    "sahin@hire.example": "Şahin Yıldız",
    "anna@hire.example": "Anna Petrova",
}
GUESSES = {
    "mina@hire.example": "mina.park",
    "leo@hire.example": "leo.brandt",
    "jose@hire.example": "jose.nunez",
    "sahin@hire.example": "sahin.yildiz",
    "anna@hire.example": "anna.petrova",
}
MINA, LEO, JOSE, SAHIN, ANNA = PEOPLE
BOTH = [(MINA, None), (LEO, None)]
Row = tuple[str, str | None]
"""The address of the person, or the words of somebody unknown; the user name, or None for the guess."""

TABLE: dict[str, tuple[str, list[Row], str]] = {
    "a byte order mark": (f"\ufeff{MINA};mina.p", [(MINA, "mina.p")], ""),
    "a header": (f"E-mail;User name\n{MINA};mina.p", [(MINA, "mina.p")], "Line 1 is the header."),
    "name and address": (f"Mina Park;{MINA}", [(MINA, None)], ""),
    "a zero-width space": (f"{MINA}\u200b", [(MINA, None)], ""),
    "letters in parts": ("Jose\u0301 Nu\u0301n\u0303ez", [(JOSE, None)], ""),
    "capitals": ("ŞAHIN YILDIZ", [(SAHIN, None)], "listed as “ŞAHIN YILDIZ”"),
    "empty cells": (f"{MINA};;", [(MINA, None)], ""),
    "another alphabet": ("Анна Петрова", [(ANNA, None)], "listed as “Анна Петрова”"),
    "Outlook's recipients": (f"Mina Park <{MINA}>; Leo Brandt <{LEO}>", BOTH, ""),
    "Outlook's with commas": (f"To: Park, Mina <{MINA}>; Brandt, Leo <{LEO}>;", BOTH, ""),
    "quoted recipients": (f"\"Park, Mina\" <{MINA}>, 'Leo Brandt' <{LEO}>", BOTH, ""),
    "addresses in one line": (f"{MINA}, {LEO}; mailto:{ANNA}", [*BOTH, (ANNA, None)], ""),
    "an address as its name": (f"{MINA} <{MINA}>", [(MINA, None)], ""),
    "a mailbox and a user name": (f"Mina Park <{MINA}>, mina.p", [(MINA, "mina.p")], ""),
    "brackets": (f"Mina Park ({MINA})\nLeo Brandt - {LEO}", BOTH, ""),
    "pipes": (f"Mina Park | {MINA} | mina.p\nLeo Brandt | {LEO} |", [(MINA, "mina.p"), (LEO, None)], ""),
    "a table of Excel": (
        f"Vorname\tNachname\tE-Mail-Adresse\tTelefon\nMina\tPark\t{MINA}\t030 1\nLeo\tBrandt\t{LEO}\t030 2",
        BOTH,
        "Not used: “Telefon”.",
    ),
    "a title above": (
        f"March intake;;\nCandidate Name;Stage;Email\nMina Park;Hired;{MINA}",
        [("March intake", ""), (MINA, None)],
        "Line 1: Nobody with this name",
    ),
    "columns in another order": (f"Benutzername,Mail,Name\nmina.p,{MINA},Mina Park", [(MINA, "mina.p")], ""),
    "addresses under another word": (f"Name,Kontaktdaten\nMina Park,{MINA}", [(MINA, None)], "in column 2"),
    "the line of Excel": (f"sep=;\nName;E-Mail\nMina Park;{MINA}", [(MINA, None)], ""),
    "a line break in quotes": (
        f'Name,Email,User\n"Mina\nPark",{MINA},mina.p\n"Leo Brandt",{LEO},\nNobody Known,,',
        [(MINA, "mina.p"), (LEO, None), ("Nobody Known", "")],
        "Line 5: Nobody with this name",
    ),
    "a quotation mark that stays open": (f'"Mina Park;{MINA}\n{LEO}', BOTH, ""),
    "address before name": (f"{MINA};Mina Park\n{LEO};Leo Brandt", BOTH, ""),
    "numbered lines": (f"1;Mina Park;{MINA}\n2;Leo Brandt;{LEO}", BOTH, ""),
    "a telephone number": (f"Mina Park;{MINA};+49 30 1234", [(MINA, None)], "not used: “+49 30 1234”"),
    "no header for two words": (f"Mina,Park,{MINA}", [(MINA, None)], ""),
    "the last name first": ("Park, Mina\nBrandt, Leo", BOTH, ""),
    "a name and a user name": ("Mina Park, mina.p", [(MINA, "mina.p")], ""),
    "a place": (f"Mina Park;{MINA};Berlin", [(MINA, None)], "not used: “Berlin”"),
    "a first name": (f"{MINA};Mina", [(MINA, None)], "listed as “Mina”"),
    "names in one column": (f"Vor- und Nachname;E-Mail *\nMina Park;{MINA}", [(MINA, None)], ""),
    "small letters, the last name first": ("park, mina", [(MINA, None)], ""),
    "somebody else's name": (f"Leo Brandt;{MINA}", [(MINA, None)], "listed as “Leo Brandt”"),
    "a person twice": (f"{MINA}\n{LEO}\n Mina Park <{MINA.upper()}>", BOTH, "Line 3 repeats line 1."),
    "a user name in the second": (f"{MINA}\n{MINA};mina.p", [(MINA, "mina.p")], "its user name is used"),
    "two user names": (f"{MINA};a\n{MINA};b", [(MINA, "a"), (MINA, "b")], "is on the list twice"),
    "two addresses": (
        f"Mina Park;{MINA};{LEO}",
        [(f"Mina Park;{MINA};{LEO}", "")],
        "Line 1: There are two e-mail addresses",
    ),
    "a broken address": ("Mina Park;mina@", [("Mina Park;mina@", "")], "Line 1: The e-mail address in this"),
    "a wrong address below a header": (
        f"Name;E-Mail\n{MINA};\nLeo Brandt;leo(at)hire",
        [(MINA, None), ("Leo Brandt;leo(at)hire", "")],
        "Line 3: “leo(at)hire” is not an e-mail address.",
    ),
    "columns of which nobody says what they are": (
        "Mina;Park;Sales",
        [("Mina;Park;Sales", "")],
        "Line 1: Berth does not know which column is what.",
    ),
    "a sum": (f"{MINA}\n---\n\n12", [(MINA, None), ("---", ""), ("12", "")], "Line 4: There is neither"),
    "an address is no user name": (f"Login\n{MINA}", [(MINA, None)], ""),
}
FILES: dict[str, tuple[bytes, list[Row], str]] = {
    "UTF-16 of Excel": (f"Name\tE-Mail\r\nJosé Núñez\t{JOSE}\r\n".encode("utf-16"), [(JOSE, None)], ""),
    "UTF-16 without a mark": (f"Name\tE-Mail\r\nJosé\t{JOSE}\r\n".encode("utf-16-le"), [(JOSE, None)], ""),
    "Windows-1252": ("Name;Konto\r\nJosé Núñez;jn\r\n".encode("cp1252"), [(JOSE, "jn")], "does not say its"),
    "UTF-8": (f"Name;E-Mail\r\nJosé Núñez;{JOSE}\r\n".encode("utf-8-sig"), [(JOSE, None)], ""),
}


@pytest.fixture
def review(desk: Desk, provider: Visitor) -> "Review":
    provider.post(f"/credentials/{desk.credential_id}/bundles/refresh")
    return Review(desk, provider)


class Review:
    """The review of a group order whose people come from a list."""

    def __init__(self, desk: Desk, provider: Visitor) -> None:
        self.desk, self.provider = desk, provider
        self.emails = {str(apply(desk, name, email)): email for email, name in PEOPLE.items()}

    def page(self, pasted: str = "", content: bytes = b"") -> Reader:
        choice = {"name": "All", "credential_id": self.desk.credential_id, "bundle_id": UBUNTU}
        sent = {"file": (io.BytesIO(content), "people.csv")} if content else {}
        choice |= {"pattern": "{first}.{last}", "pasted": pasted, **sent}
        return Reader(self.provider.post("/cohorts/check", choice).text)

    def rows(self, page: Reader) -> list[Row]:
        fields = [page.find("input", name=name) for name in ("application", "words", "username")]
        rows: list[Row] = []
        for application, words, username in zip(*fields, strict=True):
            email = self.emails.get(str(application["value"]), str(words["value"]))
            name = str(username["value"])
            rows.append((email, None if name == GUESSES.get(email) else name))
        return rows


def test_what_programs_give_is_read_and_the_rest_is_said_by_line(review: Review) -> None:
    for kind, (text, wanted, said) in TABLE.items():
        page = review.page(pasted=text)
        assert (kind, review.rows(page)) == (kind, wanted)
        assert said in page.text, kind

        page = review.page(content=text.encode())
        assert (kind, review.rows(page)) == (kind, wanted)
        assert said.replace(":", " of the file:", 1) in page.text or said in page.text, kind


def test_files_are_read_in_the_encoding_they_were_saved_in(review: Review) -> None:
    for kind, (content, wanted, said) in FILES.items():
        page = review.page(content=content)
        assert (kind, review.rows(page)) == (kind, wanted)
        assert said in page.text, kind

    for content, said in (
        (b"PK\x03\x04" + bytes(50), "This is an Excel workbook. Save it as"),
        (b"%PDF-1.7 \x00", "This is not a text file."),
        (b"a" * 170_000, "Choose a file of at most 160 KB."),
    ):
        assert said in review.page(content=content).text


def test_a_list_of_each_kind_says_of_whom_it_speaks(review: Review) -> None:
    """The lists beside this file, with the name, address and user name that stand in them."""
    for name, wanted in json.loads((LISTS / "expected.json").read_text()).items():
        content = (LISTS / name).read_bytes()
        found = read_people(content.decode()).people
        said = [
            {key: value for key in ("name", "email", "username") if (value := getattr(one, key))}
            for one in found
        ]
        assert (name, said) == (name, wanted)

        wanted_rows = [(one["email"], one.get("username")) for one in wanted]
        assert (name, review.rows(review.page(pasted=content.decode()))) == (name, wanted_rows)
        assert (name, review.rows(review.page(content=content))) == (name, wanted_rows)


def test_a_long_line_costs_no_more_than_it_is_long() -> None:
    """Quadratic, each of these would take minutes."""
    long = ("a" * 40_000, "a" * 39_998 + "@<", "a@" * 20_000, '"' * 40_000, "a.b@c." * 6_000, "<@" * 20_000)
    for text in (*long, "a," * 20_000, "a\n" * 80_000, '"\n' * 80_000):
        read_people(text)
