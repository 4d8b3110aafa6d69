"""The user names of a group order: found free before the press, or refused with the reason. Reads only."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from webapp.domain.usernames import numbered, username_key
from webapp.models import CloudCredential
from webapp.providers.registry import get_provider
from webapp.queries import cohorts as queries
from webapp.queries.directory_users import list_holders, list_seen_names
from webapp.services.context import ServiceContext
from webapp.services.directory_users import MOST_NUMBERS
from webapp.services.planned_rows import PlannedRow

Slot = Callable[[str], str]
"""The slot of a user name in the account of the order."""


def named_apart(
    context: ServiceContext, rows: Sequence[PlannedRow], credential: CloudCredential
) -> list[PlannedRow]:
    """The rows, with another number for each new user whose name by the pattern somebody has already.

    Somebody of this list, with a desktop, for whom Berth made a user, or whom the directory has shown to it.
    """
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)
    to_name = {
        place: row
        for place, row in enumerate(rows)
        if row.is_new_user and row.is_guess and not row.code and not usernames.problem_of(row.username)
    }
    if credential.account_id is None or not to_name:
        return list(rows)
    used = {username_key(row.username) for at, row in enumerate(rows) if at not in to_name and not row.code}
    free = _Free(context, credential, used)
    free.look({row.username for row in to_name.values()})
    same = Counter(username_key(row.username) for row in to_name.values())
    candidates = {
        row.username: _numbers(row.username, MOST_NUMBERS + count, usernames.longest)
        for row in to_name.values()
        if "@" not in row.username
        and ((count := same[username_key(row.username)]) > 1 or not free.is_for(row, row.username))
    }
    free.look({name for names in candidates.values() for name in names})
    named = list(rows)
    for place, row in to_name.items():
        names = [row.username, *candidates.get(row.username, ())]
        found = next((name for name in names if free.is_for(row, name)), row.username)
        free.used.add(username_key(found))
        if found != row.username:
            note = f"Numbered, because “{row.username}” is somebody else."
            named[place] = replace(row, username=found, note=note)
    return named


class _Free:
    """Which names are free for whom; one look for each set of names."""

    def __init__(self, context: ServiceContext, credential: CloudCredential, used: set[str]) -> None:
        self._context, self._credential, self.used = context, credential, used
        self._seen: set[str] = set()
        self._holders: dict[str, int | None] = {}
        self._slot = slot_by(credential)

    def look(self, names: Iterable[str]) -> None:
        keys = {username_key(name) for name in names}
        if keys:
            session = self._context.session
            self._holders |= list_holders(session, {self._slot(key) for key in keys})
            self._seen |= list_seen_names(session, self._credential, keys)

    def is_for(self, row: PlannedRow, name: str) -> bool:
        key = username_key(name)
        holder = self._holders.get(self._slot(key), row.person_id)
        return key not in self.used and key not in self._seen and holder == row.person_id


def _numbers(name: str, count: int, longest: int) -> list[str]:
    names, taken = list[str](), {username_key(name)}
    for _ in range(count):
        names.append(numbered(name, taken, longest=longest))
        taken.add(username_key(names[-1]))
    return names


def slot_by(credential: CloudCredential) -> Slot:
    provider, account_id = get_provider(credential.cloud_provider), credential.account_id or ""

    def slot(name: str) -> str:
        return provider.slot_of(
            account_id=account_id, public_fields=credential.public_fields, username_key=username_key(name)
        )

    return slot


def checked_twice(rows: Sequence[PlannedRow]) -> list[PlannedRow]:
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


def checked_names(
    context: ServiceContext, rows: Sequence[PlannedRow], credential: CloudCredential
) -> list[PlannedRow]:
    """Refused where the directory accepts no such name, or somebody else has it."""
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)
    slot = slot_by(credential)
    places: dict[int, str] = defaultdict(str)
    checked = []
    for number, row in enumerate(rows):
        problem = usernames.problem_of(row.username)
        if problem and row.application_id is not None:
            row = row.refused("username_invalid", problem)
        elif row.code is None and credential.account_id is not None:
            places[number] = slot(row.username)
        checked.append(row)
    taken = queries.list_taken_slots(context.session, list(places.values()))
    new = {places[number] for number, row in enumerate(checked) if row.is_new_user and places[number]}
    holders = list_holders(context.session, new)
    return [_unless_taken(row, places[number], taken, holders) for number, row in enumerate(checked)]


def _unless_taken(
    row: PlannedRow, slot: str, taken: set[str], holders: Mapping[str, int | None]
) -> PlannedRow:
    if slot in taken:
        return row.refused("username_taken", f"Another desktop already uses the name “{row.username}”.")
    if row.is_new_user and slot in holders and holders[slot] != row.person_id:
        return row.refused("username_taken", f"Berth made the user “{row.username}” for somebody else.")
    return row
