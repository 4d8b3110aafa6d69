"""Users in directories that orders ask for: whether they can be made, and which names are taken."""

from webapp.domain.errors import Invalid
from webapp.models import CloudCredential


def check_creatable(credential: CloudCredential) -> None:
    """Raises Invalid where Berth makes no users, with who has to."""
    if not credential.observed.get("makes_users"):
        raise Invalid(why_not_creatable(credential), code="user_not_creatable", field="create_user")


def why_not_creatable(credential: CloudCredential) -> str:
    """Who makes the users there, as a sentence."""
    return str(
        credential.observed.get("users_made_elsewhere")
        or "Berth does not create users with this cloud account. Create the user in the directory first."
    )
