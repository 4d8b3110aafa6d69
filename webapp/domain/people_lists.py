"""Lists of people as Excel, Outlook and hiring tools give them: name, e-mail address, user name, contract.

What is not understood is said by line. Nothing is guessed silently: an address is never a user name.
"""

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from webapp.domain.list_columns import OF_WINDOW, Column, columns_of_header, has_address
from webapp.domain.list_records import Record, records_of, separator_of, tidy
from webapp.domain.listed_windows import LONGEST_CELL, LONGEST_ZONE, ListedWindow
from webapp.domain.person_names import name_key

MOST_RECORDS = 1_000
"""Far more than can be ordered for: the rest of a longer list is not read."""
LONGEST_LINE = 20_000
FIRST_LINES = 5
"""Where a header may stand: some tools write a title above it."""
_SIGN = r"[^\s<>;,|\"'()\[\]@]"
_ADDRESS = rf"{_SIGN}{{1,64}}@{_SIGN}{{1,190}}\.(?:(?!\.){_SIGN}){{2,63}}"
ADDRESS = re.compile(_ADDRESS)
_MAILBOX = re.compile(
    rf"""(?P<name>"[^"]{{0,200}}"|[^<>;"@]{{0,200}}?)\s?<(?:mailto:)?(?P<marked>{_ADDRESS})>"""
    rf"|(?:mailto:)?(?P<bare>{_ADDRESS})"
)
"""Each part is bounded, so that a long line costs no more than it is long."""
_ADD_HEADER = "Add a first line with the columns’ names."
_PREFIX = re.compile(r"^(?:to|cc|bcc|from|an|von)\s*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One person of a list. Without `problem`, an address or a name is there."""

    line: int
    """Where the person begins, counted from 1."""
    name: str = ""
    email: str = ""
    username: str | None = None
    other_name: str = ""
    """“Mina Park” for a line “Park, Mina”, whose second word may also be a user name."""
    unused: tuple[str, ...] = ()
    """What else stands in the line."""
    window: ListedWindow = ListedWindow()
    """Of the contract; only where a header names its columns."""
    problem: str | None = None
    """Why the line names nobody; `name` is the line itself."""


@dataclass(frozen=True, slots=True)
class PeopleList:
    people: list[ListedPerson] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    """What was left out as a whole: the header, columns, repeated lines."""


def read_people(text: str) -> PeopleList:
    """Every person of a list, once. Never raises."""
    written = (one for one in records_of(text, separator_of(text)) if any(one.cells))
    records = list(itertools.islice(written, MOST_RECORDS))
    header = _header_of(records)
    if header is not None:
        header = header[0], _with_addresses(header[1], records[header[0] + 1 :])
    found: list[ListedPerson] = []
    for place, record in enumerate(records):
        if header is None or place < header[0]:
            found += _people_of(record)
        elif place > header[0]:
            found += [_by_header(record, header[1])]
    people, repeated = _once(found)
    return PeopleList(people, _notices_of_header(records, header) + repeated)


def _header_of(records: list[Record]) -> tuple[int, Mapping[int, Column]] | None:
    """The place of the header, and what it names; the first line needs one known word, later ones two."""
    for place, record in enumerate(records[:FIRST_LINES]):
        columns = columns_of_header(record.cells)
        if len(set(columns.values()) - OF_WINDOW) > (0 if place == 0 or len(columns) > 1 else 1):
            return place, columns
    return None


def _with_addresses(columns: Mapping[int, Column], records: list[Record]) -> Mapping[int, Column]:
    """A column without a known name that holds addresses is theirs, if no other is."""
    if Column.EMAIL in columns.values():
        return columns
    holding = {
        at
        for one in records
        for at, cell in enumerate(one.cells)
        if ADDRESS.fullmatch(cell) and at not in columns
    }
    return {**columns, holding.pop(): Column.EMAIL} if len(holding) == 1 else columns


def _by_header(record: Record, columns: Mapping[int, Column]) -> ListedPerson:
    cells = {columns[at]: cell for at, cell in enumerate(record.cells) if at in columns and cell}
    name = cells.get(Column.NAME) or " ".join(
        filter(None, (cells.get(Column.FIRST_NAME), cells.get(Column.LAST_NAME)))
    )
    email, username = cells.get(Column.EMAIL, ""), cells.get(Column.USERNAME)
    if marked := _MAILBOX.fullmatch(email or name):  # perhaps with the name: “Mina Park <mina@…>”
        name = _bare_name(marked) if marked["marked"] or not email else name
        email = marked["marked"] or marked["bare"]
    elif not email and username and ADDRESS.fullmatch(username):
        email, username = username, None
    if email and not ADDRESS.fullmatch(email):
        return _unclear(record, f"“{email[:60]}” is not an e-mail address.")
    if not name and not email:
        return _unclear(record, "There is neither a name nor an e-mail address in this line.")
    window = ListedWindow(
        cells.get(Column.START, "")[:LONGEST_CELL],
        cells.get(Column.END, "")[:LONGEST_CELL],
        cells.get(Column.ZONE, "")[:LONGEST_ZONE],
    )
    return ListedPerson(record.line, name=name, email=email, username=username, window=window)


def _people_of(record: Record) -> list[ListedPerson]:
    """The people of a line without a header: one, or several as a mail program lists them."""
    if len(record.text) > LONGEST_LINE:
        return [_unclear(record, "This line is too long. Put each person on a line.")]
    if people := _mailboxes(record):
        return people
    cells = [cell for one in record.cells for cell in _parted(one)]
    places = [at for at, cell in enumerate(cells) if ADDRESS.fullmatch(cell)]
    if len(places) > 1:
        return [_unclear(record, f"There are two e-mail addresses in this line. {_ADD_HEADER}")]
    if not places:
        return [_without_address(record)]
    before = [cell for cell in cells[: places[0]] if cell and not cell.isdecimal()]
    after = [cell for cell in cells[places[0] + 1 :] if cell]
    return [_around_address(record, cells[places[0]], before, after)]


def _parted(cell: str) -> list[str]:
    """“Mina Park (mina@…)” as two cells; any other cell as it is."""
    found = _MAILBOX.search(cell) if has_address(cell) else None
    if found is None or len(_MAILBOX.findall(cell)) > 1:
        return [cell]
    around = (cell[: found.start()], _bare_name(found), found["marked"] or found["bare"], cell[found.end() :])
    return [part for one in around if (part := one.strip(" ()[]<>,;:-"))]


def _mailboxes(record: Record) -> list[ListedPerson]:
    """“Mina Park <mina@…>; Leo Brandt <leo@…>”, also without names. Empty if something else is there."""
    if not has_address(record.text):
        return []
    text = _PREFIX.sub("", record.text).strip()
    found = list(_MAILBOX.finditer(text))
    rest = tidy(re.sub(r"[;,|]", " ", _MAILBOX.sub(" ", text)))
    username = None
    if len(found) == 1 and found[0]["marked"] and _is_username(rest) and text.endswith(rest):
        username, rest = rest or None, ""
    if not found or rest:
        return []
    return [
        ListedPerson(
            record.line,
            name=_bare_name(one),
            email=one["marked"] or one["bare"],
            username=username,
        )
        for one in found
    ]


def _bare_name(mailbox: re.Match[str]) -> str:
    return (mailbox["name"] or "").strip(" ,;|\"'")


def _around_address(record: Record, email: str, before: list[str], after: list[str]) -> ListedPerson:
    """Before an address stands the name, in one cell or two; after it the user name, or the name."""
    name, unused = (" ".join(before), []) if len(before) <= 2 else ("", before)
    names = [cell for cell in after if not _is_username(cell)]
    usernames = [cell for cell in after if _is_username(cell)]
    if not name and len(names) == 1 and not _is_number(names[0]):
        name, names = names[0], []
    username = usernames.pop() if len(usernames) == 1 else None
    return ListedPerson(
        record.line, name=name, email=email, username=username, unused=(*unused, *names, *usernames)
    )


def _without_address(record: Record) -> ListedPerson:
    cells = [cell for cell in record.cells if cell]
    if has_address(record.text):
        return _unclear(record, "The e-mail address in this line cannot be read.")
    if not any(map(str.isalpha, cells[0])):
        return _unclear(record, "There is neither a name nor an e-mail address in this line.")
    if len(cells) == 1:
        return ListedPerson(record.line, name=cells[0])
    if len(cells) == 2 and _is_username(cells[1]):
        return ListedPerson(
            record.line, name=cells[0], username=cells[1], other_name=f"{cells[1]} {cells[0]}"
        )
    if len(cells) == 2 and not _is_number(cells[1]):  # “Park, Mina Maria”
        return ListedPerson(record.line, name=f"{cells[1]} {cells[0]}")
    return _unclear(record, f"Berth does not know which column is what. {_ADD_HEADER}")


def _unclear(record: Record, problem: str) -> ListedPerson:
    return ListedPerson(record.line, name=record.text, problem=problem)


def _is_username(cell: str) -> bool:
    """One word; “Berlin”, with a capital only in front, is rather a name or a place."""
    return not re.search(r"[\s@]", cell) and not _is_number(cell) and not (cell.isalpha() and cell.istitle())


def _is_number(cell: str) -> bool:
    """A telephone number or a date; a number without signs may be a user name."""
    return bool(re.fullmatch(r"[+(]?[\d\s()/.:-]*", cell)) and not cell.isdecimal()


def _once(people: list[ListedPerson]) -> tuple[list[ListedPerson], list[str]]:
    """Each person once. The same person with another user name stays, and is refused later."""
    seen: dict[str, ListedPerson] = {}
    kept: list[ListedPerson] = []
    repeated: list[str] = []
    for one in people:
        key = one.email.lower() or name_key(one.name) or one.name
        first = seen.setdefault(key, one)
        if first is not one and one.problem is None and _is_other_contract(one, first):
            said = f"This line gives another contract than line {first.line} to the same person."
            kept.append(replace(one, problem=said))
        elif first is not one and one.problem is None and one.username in (None, first.username):
            if first.line != one.line:
                repeated.append(f"Line {one.line} repeats line {first.line}.")
        elif first is not one and first.username is None and first.email:
            kept[kept.index(first)] = seen[key] = replace(first, username=one.username)
            repeated.append(f"Line {one.line} repeats line {first.line}; its user name is used.")
        else:
            kept.append(one)
    return kept, repeated


def _is_other_contract(one: ListedPerson, first: ListedPerson) -> bool:
    return one.window.is_given and not one.window.is_same(first.window)


def _notices_of_header(records: list[Record], header: tuple[int, Mapping[int, Column]] | None) -> list[str]:
    if header is None:
        return []
    place, columns = header
    ignored = [f"“{cell}”" for at, cell in enumerate(records[place].cells) if cell and at not in columns]
    said = [f"Line {records[place].line} is the header."]
    said += [
        f"The e-mail addresses are those in column {at + 1}."
        for at, column in columns.items()
        if column is Column.EMAIL and at not in columns_of_header(records[place].cells)
    ]
    return [*said, f"Not used: {', '.join(ignored)}."] if ignored else said
