"""What a group order would do, row by row. Reads only; a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from webapp.domain.errors import Invalid
from webapp.domain.listed_windows import ListedWindow
from webapp.domain.people_lists import ListedPerson
from webapp.domain.person_names import name_key
from webapp.domain.plain_text import plain
from webapp.domain.roles import ApplicationStatus
from webapp.domain.windows import Window
from webapp.models import Application, CloudCredential, Profile
from webapp.providers.registry import get_provider
from webapp.queries import cohorts as queries
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import hours_by
from webapp.services.planned_names import checked_names, checked_twice, named_apart
from webapp.services.planned_rows import PlannedRow
from webapp.services.window_refusals import check_new_window
from webapp.services.windows import CONTRACT_ENDED

MOST_PEOPLE = 200
SAID_LINES = 5
"""Lines that one sentence names."""
Refusal = tuple[str, str]
"""Its code, and the sentence."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the order: an application, or text that should name one; perhaps with a user name."""

    application_id: int | None = None
    words: str = ""
    """An e-mail address, or a name."""
    username: str | None = None
    is_new_user: bool = False
    """Is the user to be made in the directory?"""
    window: Window | None = None
    """Of the contract; None leaves it as it is."""
    window_problem: Refusal | None = None
    """Why the window that was given cannot be meant."""
    where: str = ""
    """The line, for people: “Line 3”. Empty if it comes from no list."""
    listed: ListedPerson | None = None
    """All of the line, if it comes from a list."""
    typed: ListedWindow = ListedWindow()
    """The window as it was written."""

    def with_window(self, typed: ListedWindow) -> "Entry":
        try:
            return replace(self, typed=typed, window=typed.window(), window_problem=None)
        except Invalid as error:
            return replace(self, typed=typed, window=None, window_problem=(error.code, error.message))


def entries_of(
    people: Sequence[ListedPerson], where: str = "Line {}", *, zone: str = "UTC", makes_users: bool = False
) -> list[Entry]:
    """`zone`: of windows without one. `makes_users`: for people to whom the list gives no user name."""
    return [
        Entry(
            words=(one.email or one.name)[:254],
            username=one.username[:128] if one.username else None,
            is_new_user=makes_users and not one.username,
            where=where.format(one.line),
            listed=one,
        ).with_window(one.window.in_zone(zone))
        for one in people
    ]


def plan(
    context: ServiceContext,
    entries: Sequence[Entry],
    *,
    pattern: str,
    credential: CloudCredential,
    company_id: int,
    profile: Profile | None = None,
) -> list[PlannedRow]:
    """What would happen to each, in order: the person, the user name, and any reason against it.

    `profile`: by which it is ordered, and which gives its hours.
    """
    ids = {one.application_id for one in entries if one.application_id is not None}
    emails = {one.words.lower() for one in entries if "@" in one.words}
    keys = {key for one in entries for key in _name_keys(one)}
    known = queries.list_candidates(
        context.session, company_id=company_id, ids=ids, emails=emails, name_keys=keys
    )
    served = queries.list_served(context.session, [one.id for one in known])
    applicants = _Applicants.of(known, served, context.clock.now())
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)

    def named(one: Application, number: int) -> str:
        return usernames.made_by(pattern, name=one.seeker.name, email=one.seeker.email, number=number)

    rows = [_found(entry, applicants, named, number) for number, entry in enumerate(entries, 1)]
    rows = _with_hours(rows, known, profile)
    rows = named_apart(context, rows, credential)
    return checked_names(context, checked_twice(rows), credential)


def _with_hours(
    rows: Sequence[PlannedRow], known: Sequence[Application], profile: Profile | None
) -> list[PlannedRow]:
    """Those that each contract has; by a profile also those that it, or the job, gives."""
    hours = {one.id: one.hours for one in known}
    if profile is not None:
        for one in known:
            defaults = one.job_posting.contract_defaults.or_else(profile.contract_defaults)
            hours[one.id] = hours_by(one, defaults)
    return [replace(row, hours=hours.get(row.application_id or 0)) for row in rows]


def check_windows(entries: Sequence[Entry]) -> None:
    """One that cannot be read stops the whole order: kept as a row, it would lose it. Raises Invalid."""
    unread = [
        f"{one.where or f'Row {number}'}: {one.window_problem[1]}"
        for number, one in enumerate(entries, 1)
        if one.window_problem is not None
    ]
    if unread:
        raise Invalid(
            " ".join([*unread[:SAID_LINES], "Nothing was ordered."]), code="window_invalid", field="people"
        )


@dataclass(frozen=True, slots=True)
class _Applicants:
    """Whom a list may mean."""

    known: Sequence[Application]
    by_email: Mapping[str, list[Application]]
    by_name: Mapping[str, list[Application]]
    served: set[int]
    """Those who have a desktop already."""
    now: datetime

    @classmethod
    def of(cls, known: Sequence[Application], served: set[int], now: datetime) -> "_Applicants":
        by_email, by_name = defaultdict(list), defaultdict(list)
        for one in known:
            by_email[one.seeker.email.lower()].append(one)
            by_name[name_key(one.seeker.name)].append(one)
        return cls(known, by_email, by_name, served, now)


def _found(
    entry: Entry,
    applicants: _Applicants,
    named: Callable[[Application, int], str],
    number: int,
) -> PlannedRow:
    matches, username = _matches(entry, applicants)
    said_of = f"{entry.where}: " if entry.where else ""
    if not matches:
        row = PlannedRow(entry.words or "?", username=username or "", is_new_user=entry.is_new_user)
        row = _with_window(row, entry)
        if entry.listed is not None and entry.listed.problem:
            return row.refused("line_unclear", f"{said_of}{entry.listed.problem}")
        what = "e-mail address" if "@" in entry.words else "name"
        return row.refused("person_unknown", f"{said_of}Nobody with this {what} has applied to your jobs.")
    one = matches[0]
    name = named(one, number) if username is None else username
    row = PlannedRow(
        one.seeker.name,
        _about(entry, one),
        one.id,
        plain(name)[:128],
        person_id=one.seeker_id,
        is_guess=username is None,
        is_new_user=entry.is_new_user,
    )
    row = _with_window(row, entry)
    if len({match.seeker_id for match in matches}) > 1:
        return replace(row, application_id=None, about="").refused(
            "person_ambiguous",
            f"{said_of}Several people have this name; use the e-mail address instead.",
        )
    if one.status is not ApplicationStatus.APPROVED:
        return row.refused("application_not_approved", "This application is not approved.")
    if one.id in applicants.served:
        return row.refused("workspace_exists", "This person already has a desktop for this job.")
    return _in_time(row, one, said_of, applicants.now)


def _with_window(row: PlannedRow, entry: Entry) -> PlannedRow:
    row = replace(row, window=entry.window)
    if entry.window_problem is None:
        return row
    said_of = f"{entry.where}: " if entry.where else ""
    code, message = entry.window_problem
    return row.refused(code, f"{said_of}{message}")


def _in_time(row: PlannedRow, application: Application, said_of: str, now: datetime) -> PlannedRow:
    """Not for a contract that is over."""
    if row.code is None and row.window is not None and row.window != application.window:
        try:
            check_new_window(row.window, now=now)
        except Invalid as error:
            return row.refused(error.code, f"{said_of}{error.message}")
    window = row.window or application.window
    if window.is_over(now):
        return row.refused("contract_ended", f"{said_of}{CONTRACT_ENDED}")
    return replace(row, left=window.left(now))


def _about(entry: Entry, found: Application) -> str:
    """The job and the address of the person, and what the list says differently."""
    parts = [found.job_posting.title, found.seeker.email]
    listed = entry.listed
    if listed is not None and listed.name and not _is_same_name(listed.name, found.seeker.name):
        parts.append(f"listed as “{listed.name[:80]}”")
    if listed is not None and listed.unused:
        parts.append(f"not used: {', '.join(f'“{one[:40]}”' for one in listed.unused[:5])}")
    return " · ".join(parts)


def _is_same_name(one: str, other: str) -> bool:
    """In any order: lists have “Park Mina” and “Mina Park”. A name in other letters is not the same here."""
    return sorted(one.casefold().replace(",", " ").split()) == sorted(plain(other).casefold().split())


def _name_keys(entry: Entry) -> list[str]:
    """The names that the entry may mean, the likelier one first."""
    if entry.application_id is not None or "@" in entry.words:
        return []
    names = (entry.words, entry.listed.other_name if entry.listed else "")
    return [key for name in names if (key := name_key(name))]


def _matches(entry: Entry, applicants: _Applicants) -> tuple[list[Application], str | None]:
    """Who the entry may mean, people you can order for first, then the newest; and the user name it gives."""
    if entry.application_id is not None:
        return [one for one in applicants.known if one.id == entry.application_id], entry.username
    username = entry.username
    found = applicants.by_email.get(entry.words.lower(), [])
    for place, key in enumerate(_name_keys(entry)):
        if not found:
            found = applicants.by_name.get(key, [])
            username = None if found and place else entry.username  # the second reading takes it for a name
    # Who is spelt exactly so comes before all whose name only reads alike.
    exact = [one for one in found if plain(one.seeker.name).casefold() == plain(entry.words).casefold()]
    return sorted(
        exact or found,
        key=lambda one: (one.status is not ApplicationStatus.APPROVED, one.id in applicants.served, -one.id),
    ), username
