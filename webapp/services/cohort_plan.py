"""What a group order would do, row by row. Reads only; a constant number of queries."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

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
    """One line of the list: an application, or text that should name a person; perhaps with a user name."""

    application_id: int | None = None
    words: str = ""
    username: str | None = None


def read_lines(text: str) -> list[Entry]:
    """A pasted list: a name or an e-mail address per line; after a comma, semicolon or tab a user name."""
    entries = []
    for line in text.splitlines():
        words, *rest = (part.strip() for part in re.split(r"[,;\t]", line, maxsplit=1))
        if words or any(rest):
            entries.append(Entry(words=words[:254], username=rest[0][:128] or None if rest else None))
    return entries


def plan(
    context: ServiceContext,
    entries: Sequence[Entry],
    *,
    pattern: str,
    credential: CloudCredential,
    company_id: int,
) -> list[PlannedRow]:
    """What would happen to each, in order: the person, the user name, and any reason against it."""
    ids = [one.application_id for one in entries if one.application_id is not None]
    words = {one.words.lower() for one in entries if one.words}
    known = queries.list_candidates(context.session, company_id=company_id, ids=ids, words=words)
    served = queries.list_served(context.session, [one.id for one in known])
    usernames = get_provider(credential.cloud_provider).usernames

    def named(one: Application, number: int) -> str:
        return usernames.made_by(pattern, name=one.seeker.name, email=one.seeker.email, number=number)

    rows = [_found(entry, known, served, named, number) for number, entry in enumerate(entries, 1)]
    return _checked_names(context, _checked_twice(rows), credential)


def _found(
    entry: Entry,
    known: Sequence[Application],
    served: set[int],
    named: Callable[[Application, int], str],
    number: int,
) -> PlannedRow:
    matches = _matches(entry, known, served)
    if not matches:
        row = PlannedRow(entry.words or "?", username=entry.username or "")
        return row.refused(
            "person_unknown", "Nobody with this name or e-mail address has applied to your jobs."
        )
    one = matches[0]
    name = named(one, number) if entry.username is None else entry.username
    row = PlannedRow(
        one.seeker.name, f"{one.job_posting.title} · {one.seeker.email}", one.id, name.strip()[:128]
    )
    if len({match.seeker_id for match in matches}) > 1:
        return replace(row, application_id=None, about="").refused(
            "person_ambiguous", "Several people have this name; use the e-mail address instead."
        )
    if one.status is not ApplicationStatus.APPROVED:
        return row.refused("application_not_approved", "This application is not approved.")
    if one.id in served:
        return row.refused("workspace_exists", "This person already has a desktop for this job.")
    return row


def _matches(entry: Entry, known: Sequence[Application], served: set[int]) -> list[Application]:
    """Who the entry may mean: people you can order for first, then the newest."""
    if entry.application_id is not None:
        return [one for one in known if one.id == entry.application_id]
    words = entry.words.lower()
    found = [one for one in known if words in (one.seeker.email.lower(), one.seeker.name.lower())]
    return sorted(
        found, key=lambda one: (one.status is not ApplicationStatus.APPROVED, one.id in served, -one.id)
    )


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
    places: dict[int, str] = defaultdict(str)
    checked = []
    for number, row in enumerate(rows):
        problem = provider.usernames.problem_of(row.username)
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
