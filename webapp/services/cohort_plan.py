"""What a group order would do, row by row. Reads only; a constant number of queries."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from webapp.domain.people_lists import ListedPerson
from webapp.domain.person_names import name_key
from webapp.domain.plain_text import plain
from webapp.domain.roles import ApplicationStatus
from webapp.domain.usernames import username_key
from webapp.models import Application, CloudCredential
from webapp.providers.registry import get_provider
from webapp.queries import cohorts as queries
from webapp.services.context import ServiceContext

MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One person of the list. `code` and `message` say why nothing would be ordered."""

    person: str
    about: str = ""
    """The job and the address of the person who was found."""
    application_id: int | None = None
    username: str = ""
    code: str | None = None
    message: str | None = None

    def refused(self, code: str, message: str) -> "PlannedRow":
        return self if self.code else replace(self, code=code, message=message)


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the order: an application, or text that should name one; perhaps with a user name."""

    application_id: int | None = None
    words: str = ""
    """An e-mail address, or a name."""
    username: str | None = None
    where: str = ""
    """The line, for people: “Line 3”. Empty if it comes from no list."""
    listed: ListedPerson | None = None
    """All of the line, if it comes from a list."""


def entries_of(people: Sequence[ListedPerson], where: str = "Line {}") -> list[Entry]:
    return [
        Entry(
            words=(one.email or one.name)[:254],
            username=one.username[:128] if one.username else None,
            where=where.format(one.line),
            listed=one,
        )
        for one in people
    ]


def plan(
    context: ServiceContext,
    entries: Sequence[Entry],
    *,
    pattern: str,
    credential: CloudCredential,
    company_id: int,
) -> list[PlannedRow]:
    """What would happen to each, in order: the person, the user name, and any reason against it."""
    ids = {one.application_id for one in entries if one.application_id is not None}
    emails = {one.words.lower() for one in entries if "@" in one.words}
    keys = {key for one in entries for key in _name_keys(one)}
    known = queries.list_candidates(
        context.session, company_id=company_id, ids=ids, emails=emails, name_keys=keys
    )
    served = queries.list_served(context.session, [one.id for one in known])
    applicants = _Applicants.of(known, served)
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)

    def named(one: Application, number: int) -> str:
        return usernames.made_by(pattern, name=one.seeker.name, email=one.seeker.email, number=number)

    rows = [_found(entry, applicants, named, number) for number, entry in enumerate(entries, 1)]
    return _checked_names(context, _checked_twice(rows), credential)


@dataclass(frozen=True, slots=True)
class _Applicants:
    """Whom a list may mean."""

    known: Sequence[Application]
    by_email: Mapping[str, list[Application]]
    by_name: Mapping[str, list[Application]]
    served: set[int]
    """Those who have a desktop already."""

    @classmethod
    def of(cls, known: Sequence[Application], served: set[int]) -> "_Applicants":
        by_email, by_name = defaultdict(list), defaultdict(list)
        for one in known:
            by_email[one.seeker.email.lower()].append(one)
            by_name[name_key(one.seeker.name)].append(one)
        return cls(known, by_email, by_name, served)


def _found(
    entry: Entry,
    applicants: _Applicants,
    named: Callable[[Application, int], str],
    number: int,
) -> PlannedRow:
    matches, username = _matches(entry, applicants)
    said_of = f"{entry.where}: " if entry.where else ""
    if not matches:
        row = PlannedRow(entry.words or "?", username=username or "")
        if entry.listed is not None and entry.listed.problem:
            return row.refused("line_unclear", f"{said_of}{entry.listed.problem}")
        what = "e-mail address" if "@" in entry.words else "name"
        return row.refused("person_unknown", f"{said_of}Nobody with this {what} has applied to your jobs.")
    one = matches[0]
    name = named(one, number) if username is None else username
    row = PlannedRow(one.seeker.name, _about(entry, one), one.id, plain(name)[:128])
    if len({match.seeker_id for match in matches}) > 1:
        return replace(row, application_id=None, about="").refused(
            "person_ambiguous",
            f"{said_of}Several people have this name; use the e-mail address instead.",
        )
    if one.status is not ApplicationStatus.APPROVED:
        return row.refused("application_not_approved", "This application is not approved.")
    if one.id in applicants.served:
        return row.refused("workspace_exists", "This person already has a desktop for this job.")
    return row


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


def _checked_twice(rows: list[PlannedRow]) -> list[PlannedRow]:
    """Of two rows for the same person, or with the same name, the second is refused."""
    people: set[int] = set()
    names: dict[str, str] = {}
    checked = []
    for row in rows:
        key = username_key(row.username)
        if row.application_id is not None and row.application_id in people:
            row = row.refused("listed_twice", "This person is on the list twice.")
        elif row.application_id is not None and key and key in names:
            row = row.refused("username_taken", f"{names[key]} has the same user name on this list.")
        if row.code is None and row.application_id is not None:
            people.add(row.application_id)
            names[key] = row.person
        checked.append(row)
    return checked


def _checked_names(
    context: ServiceContext, rows: list[PlannedRow], credential: CloudCredential
) -> list[PlannedRow]:
    provider = get_provider(credential.cloud_provider)
    usernames = provider.usernames.of_directory(credential.observed)
    places: dict[int, str] = defaultdict(str)
    checked = []
    for number, row in enumerate(rows):
        problem = usernames.problem_of(row.username)
        if problem and row.application_id is not None:
            row = row.refused("username_invalid", problem)
        elif row.code is None and credential.account_id is not None:
            places[number] = provider.slot_of(
                account_id=credential.account_id,
                public_fields=credential.public_fields,
                username_key=username_key(row.username),
            )
        checked.append(row)
    taken = queries.list_taken_slots(context.session, list(places.values()))
    return [
        row.refused("username_taken", f"Someone else’s desktop already uses the name “{row.username}”.")
        if places[number] in taken
        else row
        for number, row in enumerate(checked)
    ]
