"""Cloud credentials: create, change, delete. The secret is sealed on arrival and never read here."""

import re
import uuid
from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp.domain.cloud_fields import AWS_REGIONS, CLOUD_FIELDS, CloudFields, secret_binding
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.orphans import OrphanStatus
from webapp.models import CloudCredential, CredentialStatus, Inquiry, InquiryKind
from webapp.queries import credentials as queries
from webapp.queries.orphans import count_orphans
from webapp.services.doors import Doors
from webapp.services.inquiries import ask

_SHAPES: dict[str, tuple[re.Pattern[str], str]] = {
    "directory_id": (
        re.compile(r"(d|wsd)-[0-9a-z]{8,63}"),
        "A directory id looks like d-1234567890; the WorkSpaces console lists it under Directories.",
    ),
    "access_key_id": (
        re.compile(r"AKIA[A-Z0-9]{16}"),
        "An access key id has 20 characters and begins with AKIA.",
    ),
    "secret_access_key": (
        re.compile(r"[A-Za-z0-9/+=]{40}"),
        "A secret access key has 40 characters.",
    ),
}


def create_credential(
    doors: Doors, *, company_id: int, name: str, cloud_provider: str, fields: Mapping[str, str]
) -> CloudCredential:
    """Seal, store, and ask for a first test. Raises Invalid, Conflict."""
    kind = _fields_of(cloud_provider)
    public, secret = _checked(cloud_provider, fields, is_secret_needed=True)
    now, uid = doors.clock.now(), uuid.uuid4().hex
    credential = CloudCredential(
        uid=uid,
        company_id=company_id,
        name=_checked_name(name),
        cloud_provider=cloud_provider,
        public_fields=public,
        sealed_secret=doors.sealer.seal(secret, bound_to=secret_binding(uid, kind.secret)),
        secret_set_at=now,
        observed={},
        created_at=now,
        updated_at=now,
    )
    doors.session.add(credential)
    _commit(doors)
    ask(doors, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL)
    return credential


def change_credential(
    doors: Doors, credential_id: int, *, company_id: int, name: str, fields: Mapping[str, str]
) -> CloudCredential:
    """Change what is given; an empty secret keeps the stored one. Raises NotFound, Invalid, Conflict."""
    credential = queries.get_credential(doors.session, credential_id, company_id=company_id)
    kind = _fields_of(credential.cloud_provider)
    public, secret = _checked(credential.cloud_provider, fields, is_secret_needed=False)
    before = credential.public_fields
    moved = [field for field in kind.scope if public[field] != before[field]]
    if moved:
        _check_nothing_left(doors, credential, field=moved[0])
    if public[kind.key_id] != before[kind.key_id] and not secret:
        raise Invalid("Enter the secret that belongs to the new key.", field=kind.secret)
    now = doors.clock.now()
    credential.name = _checked_name(name)
    credential.updated_at, credential.version = now, credential.version + 1
    has_changed = public != before or bool(secret)
    if has_changed:
        credential.public_fields = public
        credential.secret_version += 1
        credential.status = CredentialStatus.UNTESTED
        # A repaired key is tried at once; orders that waited for it go on.
        credential.blocked_until = now if credential.blocked_code else None
        if moved:
            credential.account_id, credential.observed = None, {}
            credential.inventoried_at = credential.inventory_due_at = None
            doors.session.execute(delete(Inquiry).where(Inquiry.credential_id == credential.id))
    if secret:
        credential.sealed_secret = doors.sealer.seal(
            secret, bound_to=secret_binding(credential.uid, kind.secret)
        )
        credential.secret_set_at = now
    _commit(doors)
    if has_changed:
        ask(doors, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL, is_anew=True)
    return credential


def delete_credential(doors: Doors, credential_id: int, *, company_id: int) -> None:
    """Erase the secret and take the credential off every list; ended workspaces keep their reference.

    Raises NotFound, Conflict (`credential_in_use`): a machine must not lose its only key.
    """
    credential = queries.lock_credential(doors.session, credential_id, company_id=company_id)
    live = queries.count_live_workspaces(doors.session, credential_id=credential.id)
    if live:
        doors.session.rollback()
        raise Conflict(
            f"{live} workspace{'s' if live > 1 else ''} still need{'' if live > 1 else 's'} this credential. "
            "Terminate them first.",
            code="credential_in_use",
            extra={"live_workspaces": live},
        )
    ending = count_orphans(
        doors.session,
        company_id=company_id,
        credential_id=credential.id,
        statuses=(OrphanStatus.TERMINATING,),
    )
    if ending:
        doors.session.rollback()
        raise Conflict(
            "Machines of this account are being ended. Delete the credential when they are gone.",
            code="credential_in_use",
        )
    credential.is_deleted, credential.sealed_secret = True, ""
    credential.updated_at = doors.clock.now()
    doors.session.execute(delete(Inquiry).where(Inquiry.credential_id == credential.id))
    doors.session.commit()


def _check_nothing_left(doors: Doors, credential: CloudCredential, *, field: str) -> None:
    """What stands in the present place still needs it, also machines without a workspace. Raises Conflict."""
    if queries.count_workspaces(doors.session, credential_id=credential.id) or count_orphans(
        doors.session, company_id=credential.company_id, credential_id=credential.id
    ):
        raise Conflict(
            "Workspaces were made or machines were found with this credential, so it cannot point somewhere "
            "else. Create another credential for the new place.",
            code="credential_in_use",
            field=field,
        )


def _fields_of(cloud_provider: str) -> CloudFields:
    if cloud_provider not in CLOUD_FIELDS:
        raise Invalid("Berth does not know this cloud.", field="cloud_provider")
    return CLOUD_FIELDS[cloud_provider]


def _checked_name(name: str) -> str:
    if not name.strip():
        raise Invalid("Give the credential a name.", field="name")
    return name.strip()[:80]


def _checked(
    cloud_provider: str, fields: Mapping[str, str], *, is_secret_needed: bool
) -> tuple[dict[str, str], str]:
    """The public fields and the secret, each of the right shape. Raises Invalid for the first that is not."""
    kind = _fields_of(cloud_provider)
    public = {name: fields.get(name, "").strip() for name in kind.public}
    secret = fields.get(kind.secret, "").strip()
    for name, value in [*public.items(), (kind.secret, secret)]:
        if not value and (name != kind.secret or is_secret_needed):
            raise Invalid("This field is needed.", field=name)
        shape = _SHAPES.get(name)
        if value and shape and not shape[0].fullmatch(value):
            raise Invalid(shape[1], field=name)
    if "region" in public and public["region"] not in AWS_REGIONS:
        raise Invalid("Amazon WorkSpaces is not offered in this region.", field="region")
    return public, secret


def _commit(doors: Doors) -> None:
    try:
        doors.session.commit()
    except IntegrityError:
        doors.session.rollback()
        raise Conflict(
            "Another credential of your company has this name.", code="name_taken", field="name"
        ) from None
