"""Users in directories that orders ask for: whether they can be made, and which names are taken."""

from webapp.domain.errors import Invalid
from webapp.domain.usernames import numbered, username_key
from webapp.models import CloudCredential, User
from webapp.providers.registry import get_provider
from webapp.queries.directory_users import list_taken_slots
from webapp.services.context import ServiceContext

MOST_NUMBERS = 30
"""People of one name for whom a free user name is looked for."""


def check_creatable(credential: CloudCredential, *, is_asked: bool) -> None:
    """Raises Invalid if it is asked for where Berth makes no users, with who has to."""
    if is_asked and not credential.observed.get("makes_users"):
        raise Invalid(why_not_creatable(credential), code="user_not_creatable", field="create_user")


def why_not_creatable(credential: CloudCredential) -> str:
    """Who makes the users there, as a sentence."""
    return str(
        credential.observed.get("users_made_elsewhere")
        or "Berth does not create users with this cloud account. Create the user in the directory first."
    )


def suggest_username(context: ServiceContext, credential: CloudCredential, person: User) -> str:
    """The usual name for this person in this directory, numbered on when somebody has it; may be empty."""
    provider = get_provider(credential.cloud_provider)
    rule = provider.usernames.of_directory(credential.observed)
    usual = rule.suggest(person.name, email=person.email)
    if not usual or credential.account_id is None or "@" in usual:
        return usual
    names, taken = [usual], set[str]()
    while len(names) <= MOST_NUMBERS:
        taken.add(username_key(names[-1]))
        names.append(numbered(usual, taken, longest=rule.longest))
    slots = {
        provider.slot_of(
            account_id=credential.account_id,
            public_fields=credential.public_fields,
            username_key=username_key(name),
        ): name
        for name in names
    }
    found = list_taken_slots(context.session, list(slots), person_id=person.id)
    return next((name for slot, name in slots.items() if slot not in found), usual)
