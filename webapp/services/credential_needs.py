"""What still needs a cloud account's key, so that the account cannot be deleted."""

from dataclasses import dataclass, field
from typing import Any

from webapp.domain.orphans import OrphanStatus
from webapp.models import CloudCredential
from webapp.queries.credentials import count_live_workspaces
from webapp.queries.directory_users import count_left
from webapp.queries.disk_snapshots import count_standing as count_snapshots
from webapp.queries.orphans import count_orphans
from webapp.queries.pools import count_standing
from webapp.queries.system_images import count_standing as count_images
from webapp.services.context import ServiceContext


@dataclass(frozen=True, slots=True)
class Need:
    sentence: str
    """For people: what it is, and what they can do."""
    extra: dict[str, Any] = field(default_factory=dict)


def find_need(context: ServiceContext, credential: CloudCredential) -> Need | None:
    """The first one; `credential` was locked in the caller's tenant. None: nothing needs the key."""
    session = context.session
    if live := count_live_workspaces(session, credential):
        sentence = (
            f"{live} desktop{'s' if live > 1 else ''} still use{'' if live > 1 else 's'} this cloud account. "
            "Terminate them first."
        )
        return Need(sentence, {"live_workspaces": live})
    if count_standing(session, credential_id=credential.id):
        return Need("Its warm pools still have desktops. Set them to 0, and delete it when they are gone.")
    if kept := count_snapshots(session, credential_id=credential.id):
        return Need(
            f"{kept} snapshot{'s' if kept > 1 else ''} of disks {'are' if kept > 1 else 'is'} still kept in"
            " this cloud account. Set “Days after a desktop’s end” to 0 under “Snapshots”, and delete it when"
            " they are gone."
        )
    if images := count_images(session, credential_id=credential.id):
        return Need(
            f"{images} image{'s' if images > 1 else ''} of desktops {'are' if images > 1 else 'is'} still"
            " kept in this cloud account. Delete them on the pages of their desktops, or in the cloud’s"
            " console, and delete it when they are gone."
        )
    company_id, ending = credential.company_id, (OrphanStatus.TERMINATING,)
    if count_orphans(session, company_id=company_id, credential_id=credential.id, statuses=ending):
        return Need("Desktops in this cloud account are being terminated. Delete it when they are gone.")
    # A key that is not good any more disables nobody either.
    if credential.is_usable and (left := count_left(session, credential, now=context.clock.now())):
        return Need(
            f"{left} user{'s' if left > 1 else ''} that Berth made in the directory of this cloud account"
            f" {'are' if left > 1 else 'is'} not disabled yet. Berth tries it every hour. If its key may not"
            " do it, disable them in the directory; Berth sees that by itself."
        )
    return None
