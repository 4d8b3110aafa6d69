"""The columns of a list of people, by the words that people and programs write above them."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

from anyascii import anyascii


class Column(StrEnum):
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    USERNAME = "username"
    START = "start"
    END = "end"
    ZONE = "zone"


OF_WINDOW = frozenset({Column.START, Column.END, Column.ZONE})
"""Of a contract: they name nobody, so they alone make no header."""


_WORDS: Mapping[Column, str] = {
    Column.NAME: "name names fullname displayname completename employee employeename person people candidate"
    " candidatename applicant applicantname contact contactname participant namen vollername anzeigename"
    " vollstandigername vorundnachname vornachname vornamenachname firstandlastname nameandsurname"
    " kandidat kandidatin kandidatinnen bewerber bewerberin bewerbername mitarbeiter mitarbeiterin"
    " mitarbeitername teilnehmer teilnehmerin",
    Column.FIRST_NAME: "first firstname givenname given forename vorname vornamen rufname",
    Column.LAST_NAME: "last lastname surname familyname family nachname nachnamen familienname zuname",
    Column.EMAIL: "email emails mail mails emailaddress emailaddresses mailaddress primaryemail workemail"
    " privateemail personalemail contactemail candidateemail applicantemail emailwork emailprivate"
    " emailadresse emailadressen mailadresse emailgeschaftlich emailprivat emailkontakt smtp smtpaddress"
    " primarysmtpaddress",
    Column.USERNAME: "user username userid userlogin usernames login loginname loginid logon logonname"
    " account accountname samaccountname alias upn userprincipalname principalname signinname desiredusername"
    " wishedusername preferredusername benutzer benutzername benutzernamen benutzerkennung benutzerid"
    " benutzerkonto anmeldename anmeldung nutzer nutzername kennung konto kontoname wunschbenutzername"
    " wunschname loginkennung",
    Column.START: "start starts startdate startsat startson startofcontract begin begins begindate firstday"
    " firstworkingday contractstart contractfrom validfrom hiredate dateofhire joiningdate from von"
    " beginn startdatum anfang vertragsbeginn arbeitsbeginn erstertag ersterarbeitstag eintritt"
    " eintrittsdatum gultigab",
    Column.END: "end ends enddate endsat endson endofcontract lastday lastworkingday contractend"
    " contractuntil contractto validuntil until till bis ende enddatum vertragsende arbeitsende letztertag"
    " letzterarbeitstag austritt austrittsdatum gultigbis befristetbis",
    Column.ZONE: "zone timezone tz windowzone zeitzone",
}
_COLUMN_OF = {word: column for column, words in _WORDS.items() for word in words.split()}


def columns_of_header(cells: Sequence[str]) -> dict[int, Column]:
    """What each cell of a header names; empty if it is none. Of two for the same thing the first counts."""
    if any(has_address(cell) for cell in cells):
        return {}
    columns: dict[int, Column] = {}
    for at, cell in enumerate(cells):
        column = _COLUMN_OF.get(re.sub(r"[^a-z]", "", anyascii(cell).lower()))
        if column is not None and column not in columns.values():
            columns[at] = column
    return columns


def has_address(cell: str) -> bool:
    return "@" in cell
