"""Cloud credentials: create, change, delete. The secret is encrypted at once and never read here."""

import uuid
from collections.abc import Mapping

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from webapp.domain.errors import Conflict, Invalid, PreconditionFailed
from webapp.domain.secret_expiry import expiry_of
from webapp.models import CloudCredential, CredentialStatus, Duty, Inquiry, InquiryKind
from webapp.providers.parts.fields import CloudFields, Field
from webapp.queries import credentials as queries
from webapp.queries.disk_snapshots import count_standing as count_snapshots
from webapp.queries.orphans import count_orphans
from webapp.queries.pools import count_standing
from webapp.queries.system_images import count_standing as count_images
from webapp.services.context import ServiceContext
from webapp.services.credential_needs import find_need
from webapp.services.credential_values import Entered, way_of, with_own_values
from webapp.services.inquiries import ask


def create_credential(
    context: ServiceContext,
    *,
    company_id: int,
    name: str,
    cloud_provider: str,
    fields: Mapping[str, str],
    auth_kind: str | None = None,
) -> CloudCredential:
    """Seal, store, and ask for a first test. `auth_kind`: None is the cloud's first way to sign in.

    Raises Invalid, Conflict.
    """
    kind = way_of(context.settings, cloud_provider, auth_kind)
    entered = _checked(context, kind, fields, stored=None)
    now = context.clock.now()
    credential = CloudCredential(
        uid=uuid.uuid4().hex,
        company_id=company_id,
        name=_checked_name(name),
        cloud_provider=cloud_provider,
        auth_kind=kind.auth_kind,
        public_fields=entered.public,
        secret_set_at=now,
        observed={},
        created_at=now,
        updated_at=now,
    )
    _seal(context, credential, entered.secret)
    context.session.add(credential)
    _commit(context)
    ask(context, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL)
    return credential


def change_credential(
    context: ServiceContext,
    credential_id: int,
    *,
    company_id: int,
    name: str,
    fields: Mapping[str, str],
    auth_kind: str | None = None,
    version: int | None = None,
) -> CloudCredential:
    """Change what is given; an empty secret keeps the stored one where that is used as before, and so does
    an optional field that is not named. `auth_kind`: another way to sign in, which needs all of its fields;
    None keeps the present one. `version`: only if it is still that one.

    Raises NotFound, PreconditionFailed, Invalid, Conflict.
    """
    credential = queries.lock_credential(context.session, credential_id, company_id=company_id)
    _check_version(context, credential, version)
    stored = credential.auth_kind
    kind = way_of(context.settings, credential.cloud_provider, auth_kind or stored, stored=stored)
    before, is_other_way = credential.public_fields, kind.auth_kind != credential.auth_kind
    given = _kept(kind, before, has_new_secret=is_other_way or kind.has_secret(fields)) | dict(fields)
    entered = _checked(context, kind, given, stored=None if is_other_way else before)
    public = entered.public
    moved = [name for name in (*kind.account, *kind.scope) if _is_other(kind, before, public, name)]
    if moved:
        _check_nothing_left(context, credential, field=moved[0])
    if not entered.secret:
        _check_secret_fits(kind, before, public)
    has_changed = entered.is_new_secret or any(
        public[one.name] != before.get(one.name, one.default) for one in kind.fields if not one.is_note
    )
    credential.name, credential.auth_kind = _checked_name(name), kind.auth_kind
    _write(context, credential, entered, has_changed=has_changed, has_moved=bool(moved))
    _commit(context)
    if has_changed:
        ask(context, credential_id=credential.id, kind=InquiryKind.TEST_CREDENTIAL, must_ask_again=True)
    return credential


def _write(
    context: ServiceContext,
    credential: CloudCredential,
    entered: Entered,
    *,
    has_changed: bool,
    has_moved: bool,
) -> None:
    now = context.clock.now()
    credential.public_fields = entered.public
    credential.updated_at, credential.version = now, credential.version + 1
    if has_changed:
        _start_over(context, credential, has_moved=has_moved)
    if entered.secret and has_changed:
        _seal(context, credential, entered.secret)
    if entered.is_new_secret:
        credential.secret_set_at = now


def _check_secret_fits(kind: CloudFields, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """May the stored secret go on with the changed fields? Raises Invalid."""
    if after[kind.key_id] != before[kind.key_id]:
        raise Invalid("Enter the secret that belongs to the new key.", field=kind.secret)
    if any(_is_other(kind, before, after, name) for name in kind.bound):
        # The web process cannot open the stored one to bind it to the new place.
        raise Invalid(
            "Enter the secret again: it was encrypted for the place where it is used.", field=kind.secret
        )


def _seal(context: ServiceContext, credential: CloudCredential, secret: str) -> None:
    """For the row as it is now: so this comes after every change of what the secret is bound to."""
    credential.sealed_secret = context.sealer.seal(secret, bound_to=credential.secret_binding)


def _start_over(context: ServiceContext, credential: CloudCredential, *, has_moved: bool) -> None:
    """Reset what was learned with the old fields."""
    credential.secret_version += 1
    credential.status = CredentialStatus.UNTESTED
    # A corrected key is tried at once; orders that waited for it continue.
    credential.blocked_until = context.clock.now() if credential.blocked_code else None
    if has_moved:
        credential.account_id, credential.observed, credential.bundle_systems = None, {}, {}
        context.session.execute(delete(Duty).where(Duty.credential_id == credential.id))
        context.session.execute(delete(Inquiry).where(Inquiry.credential_id == credential.id))


def delete_credential(
    context: ServiceContext, credential_id: int, *, company_id: int, version: int | None = None
) -> None:
    """Erase the secret and hide the credential from every list; ended workspaces keep their reference.

    Raises NotFound, PreconditionFailed, Conflict (`credential_in_use`): no machine and no user must lose
    its only key.
    """
    credential = queries.lock_credential(context.session, credential_id, company_id=company_id)
    _check_version(context, credential, version)
    if (need := find_need(context, credential)) is not None:
        context.session.rollback()
        raise Conflict(need.sentence, code="credential_in_use", extra=need.extra)
    credential.is_deleted, credential.sealed_secret = True, ""
    credential.updated_at = context.clock.now()
    context.session.execute(delete(Duty).where(Duty.credential_id == credential.id))
    context.session.execute(delete(Inquiry).where(Inquiry.credential_id == credential.id))
    context.session.commit()


def _check_version(context: ServiceContext, credential: CloudCredential, version: int | None) -> None:
    if version not in (None, credential.version):
        context.session.rollback()
        raise PreconditionFailed()


def _check_nothing_left(context: ServiceContext, credential: CloudCredential, *, field: str) -> None:
    """Desktops in the current location, and orphans there, still need it. Raises Conflict."""
    if (
        queries.count_workspaces(context.session, credential)
        or count_standing(context.session, credential_id=credential.id)
        or count_snapshots(context.session, credential_id=credential.id)
        or count_images(context.session, credential_id=credential.id)
        or count_orphans(context.session, company_id=credential.company_id, credential_id=credential.id)
    ):
        raise Conflict(
            "Berth has created or found desktops with this cloud account, so it cannot point somewhere "
            "else. Add another cloud account for the new location.",
            code="credential_in_use",
            field=field,
        )


def _checked_name(name: str) -> str:
    if not name.strip():
        raise Invalid("Enter a name for the cloud account.", field="name")
    return name.strip()[:80]


def _is_other(kind: CloudFields, before: Mapping[str, str], after: Mapping[str, str], name: str) -> bool:
    if kind.ignores_case:
        return before[name].lower() != after[name].lower()
    return before[name] != after[name]


def _kept(kind: CloudFields, stored: Mapping[str, str], *, has_new_secret: bool) -> dict[str, str]:
    """What stays when it is not named: optional fields, but nothing that is about a secret just replaced."""
    return {
        one.name: stored[one.name]
        for one in kind.fields
        if one.is_optional and one.name in stored and not (one.is_about_sealed and has_new_secret)
    }


def _checked(
    context: ServiceContext, kind: CloudFields, fields: Mapping[str, str], *, stored: Mapping[str, str] | None
) -> Entered:
    """The readable fields and the secret, each of the right shape. Invalid for the first that is not.

    `stored`: the readable fields of a credential that signs in the same way, which needs no new secret.
    """
    foreign = sorted(set(fields) - {one.name for one in kind.entered})
    if foreign:
        raise Invalid("This cloud does not have this field.", field=foreign[0])
    public = {
        one.name: _checked_field(one, fields, is_needed=not one.is_optional)
        for one in kind.fields
        if one.is_entered
    }
    is_needed = kind.sealed.is_entered and stored is None
    secret = _checked_field(kind.sealed, fields, is_needed=is_needed)
    if problem := kind.together(public):
        raise Invalid(problem[1], field=problem[0])
    today = context.clock.now().date()
    entered = with_own_values(kind, public, secret, stored=stored, today=today)
    expiry = expiry_of(entered.public, today=today) if secret else None
    if expiry is not None and expiry.is_over:
        raise Invalid(
            "This date is in the past. Enter the date on which the new secret expires.",
            field="secret_expires_on",
        )
    return entered


def _checked_field(field: Field, given: Mapping[str, str], *, is_needed: bool) -> str:
    value = field.cleaned(given.get(field.name, ""))
    if not value and is_needed:
        raise Invalid(field.missing, field=field.name)
    if problem := field.problem_of(value):
        raise Invalid(problem, field=field.name)
    return value


def _commit(context: ServiceContext) -> None:
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(
            "Another cloud account of your company has this name.", code="name_taken", field="name"
        ) from None
