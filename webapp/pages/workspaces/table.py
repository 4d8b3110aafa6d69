"""The table of workspaces as its URL describes it: filter, order and page, and links to others."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from webapp.domain.costs.spans import day_of, month_of
from webapp.domain.ids import LARGEST_ID
from webapp.domain.lifecycle import State
from webapp.identity import company_id, service_context
from webapp.pages import live, words
from webapp.pages.fields import is_id, is_storable, searched_for
from webapp.pages.workspaces.places import Mark, mark_in
from webapp.queries import tallies
from webapp.queries import workspace_table as queries
from webapp.queries.connections import ConnectedAt, ConnectedFilter
from webapp.queries.table_costs import CostFilter, CostsAt
from webapp.queries.table_order import CONNECTED as CONNECTED_SORT
from webapp.queries.table_order import COST, NEWEST_FIRST, SORTS, Place
from webapp.queries.workspace_table import (
    MOVING,
    TROUBLE,
    TableFilter,
)

ENDED_FOR = timedelta(hours=1)
"""How long an ended workspace stays in the plain list; afterwards a filter or "ended too" finds it."""
HEADINGS = (
    ("person", "Person"),
    ("state", "State"),
    ("job", "Job"),
    ("username", "User name"),
    ("bundle", "Size"),
    ("cloud", "Cloud account"),
    (CONNECTED_SORT, "Connected"),
    (COST, "Cost this month"),
    ("ordered", "Ordered"),
)
MINOR = ("job", "cloud")
"""Columns that a narrow window leaves out; the desktop's page has them."""
COSTS = {
    CostFilter.UNPRICED: "Without a known price",
    CostFilter.STOPPED: "Stopped for a week, and still paid",
    CostFilter.FAILED: "Cannot be used, and still paid",
}
CONNECTED = {
    ConnectedFilter.NEVER: "Never",
    ConnectedFilter.NOT_FOR_7_DAYS: "Not for 7 days",
    ConnectedFilter.NOT_FOR_14_DAYS: "Not for 14 days",
    ConnectedFilter.NOT_FOR_30_DAYS: "Not for 30 days",
}
STATES = [(TROUBLE, "All that need attention"), (MOVING, "All in progress")] + [
    (state.value, said.label) for state, said in words.STATES.items()
]


@dataclass(frozen=True, slots=True)
class Address:
    """The validated query string: every value is a possible one."""

    q: str = ""
    state: str = ""
    job: int | None = None
    cloud: str = ""
    credential: int | None = None
    cost: CostFilter | None = None
    connected: ConnectedFilter | None = None
    ended: bool = False
    sort: str = NEWEST_FIRST
    mark: Mark | None = None
    """Where the page begins or ends; None for the first."""

    @property
    def is_filtered(self) -> bool:
        return self.query(ended=False, sort=NEWEST_FIRST) != {}

    def query(self, **changes: Any) -> dict[str, Any]:
        """For `url_for`: only what differs from the plain list. `changes`: members by name."""
        now = replace(self, **{"mark": None, **changes})
        given = {
            "q": now.q,
            "state": now.state,
            "job": now.job,
            "cloud": now.cloud,
            "credential": now.credential,
            "cost": now.cost.value if now.cost else None,
            "connected": now.connected.value if now.connected else None,
            "ended": 1 if now.ended else None,
            "sort": now.sort if now.sort != NEWEST_FIRST else None,
        } | ({now.mark.name: now.mark.value} if now.mark else {})
        return {name: value for name, value in given.items() if value}

    def as_filter(self, now: datetime) -> TableFilter:
        shows_ended = self.ended or bool(self.q) or self.state == State.TERMINATED
        return TableFilter(
            q=self.q,
            state=self.state,
            job_id=self.job,
            cloud=self.cloud,
            credential_id=self.credential,
            costs=CostsAt(self.cost, now) if self.cost else None,
            connected=ConnectedAt(self.connected, now) if self.connected else None,
            ended_since=None if shows_ended else now - ENDED_FOR,
        )


@dataclass(frozen=True, slots=True)
class Heading:
    """A column heading: a click sorts by this column, a second click reverses the order."""

    label: str
    href: str
    sorted: str | None
    """`ascending`, `descending`, or None when the table is not sorted by it."""
    is_minor: bool
    is_number: bool


class Table(TypedDict):
    """What `workspaces/_rows.html` needs, and how its version is named."""

    address: Address
    rows: list[queries.TableRow]
    found: int
    """How many there are in all, at most MOST_COUNTED + 1."""
    found_text: str
    first_row: int
    has_before: bool
    has_more: bool
    poll_s: int | None
    etag: str


class TablePage(Table):
    """The table with the filter's choices, the column headings and links to other pages."""

    headings: list[Heading]
    states: list[tuple[str, str]]
    costs: dict[CostFilter, str]
    connected: dict[ConnectedFilter, str]
    jobs: list[tuple[int, str]]
    page_before: str | None
    page_after: str | None


def address_of(values: "MultiDict[str, str]") -> Address:
    sort, state = values.get("sort", ""), values.get("state", "")
    sort = sort if sort.removeprefix("-") in SORTS else NEWEST_FIRST
    return Address(
        q=searched_for(values, "q"),
        state=state if state in dict(STATES) else "",
        job=number_in(values, "job", LARGEST_ID),
        cloud="".join(filter(is_storable, values.get("cloud", "")))[:16],
        credential=number_in(values, "credential", LARGEST_ID),
        cost=next((one for one in CostFilter if one.value == values.get("cost")), None),
        connected=next((one for one in ConnectedFilter if one.value == values.get("connected")), None),
        ended="ended" in values,
        sort=sort,
        mark=mark_in(values.get("before", ""), sort=sort, is_end=True)
        or mark_in(values.get("after", ""), sort=sort, is_end=False),
    )


def table_etag(address: Address) -> str:
    """One small sum, not the list: whatever a list shows increments the company's version."""
    version = tallies.read_version(service_context().session, company_id=company_id())
    now = service_context().clock.now()
    return live.etag_of("workspaces", address, version, live.five_minutes(now))


def table_context(address: Address, etag: str) -> Table:
    """`etag` was read before."""
    now, mark = service_context().clock.now(), address.mark
    found = queries.read_table(
        service_context().session,
        address.as_filter(now),
        company_id=company_id(),
        month=this_month(now),
        sort=address.sort,
        place=mark.place if mark else None,
    )
    first_row = 1
    if mark is not None and found.has_before:
        first_row = max(mark.number - len(found.rows), 1) if mark.place.is_end else mark.number + 1
    return {
        "address": address,
        "rows": found.rows,
        "found": found.found,
        "found_text": words.at_most(found.found),
        "first_row": first_row,
        "has_before": found.has_before,
        "has_more": found.has_more,
        "poll_s": live.poll_s(found.rows, now=now),
        "etag": etag,
    }


def page_context() -> TablePage:
    address = address_of(request.args)
    table = table_context(address, table_etag(address))
    rows, first_row = table["rows"], table["first_row"]
    before = _page(address, rows[0], first_row, is_end=True) if rows and table["has_before"] else None
    after = _page(address, rows[-1], first_row + len(rows) - 1) if rows and table["has_more"] else None
    return TablePage(
        page_before=before,
        page_after=after,
        headings=[_heading(address, name, label) for name, label in HEADINGS],
        states=STATES,
        costs=COSTS,
        connected=CONNECTED,
        jobs=queries.list_job_titles(
            service_context().session,
            company_id=company_id(),
            chosen_ids=[address.job] if address.job else (),
        ),
        **table,
    )


def this_month(now: datetime) -> date:
    """Whose costs the table shows."""
    return month_of(day_of(now))


def whole_number(name: str) -> int | None:
    """An id from the URL; None if it is not one."""
    return number_in(request.args, name, LARGEST_ID)


def _page(address: Address, row: queries.TableRow, number: int, *, is_end: bool = False) -> str:
    """The page after, or before, this row."""
    mark = Mark(Place(row.key, is_end=is_end), number)
    return url_for("workspaces.index", **address.query(mark=mark))


def _heading(address: Address, name: str, label: str) -> Heading:
    other = f"-{name}" if address.sort == name else name
    ways = {name: "ascending", f"-{name}": "descending"}
    href = url_for("workspaces.index", **address.query(sort=other))
    return Heading(label, href, ways.get(address.sort), is_minor=name in MINOR, is_number=name == COST)


def number_in(values: "MultiDict[str, str]", name: str, largest: int) -> int | None:
    """From 1 to `largest`; None for anything else."""
    text = values.get(name, "")
    return int(text) if is_id(text) and 0 < int(text) <= largest else None
