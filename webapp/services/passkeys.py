"""Passkeys: keys in a person's device or password manager that sign a challenge of ours (WebAuthn).

One is both factors at once: the device has the key, and has asked for its owner's finger, face or PIN
(user verification), without which none is accepted. The server has no secret of it.
"""

import ipaddress
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    parse_authentication_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from webapp.database import changed_rows, take_turns
from webapp.domain.errors import Conflict, Invalid, NotFound
from webapp.domain.sentences import say
from webapp.models import Passkey, User
from webapp.models.passkey import NAME_LENGTH
from webapp.queries.passkeys import list_passkeys
from webapp.services import second_factor
from webapp.services.context import ServiceContext
from webapp.services.passkey_challenges import LASTS, Challenge, Purpose, spend
from webapp.services.sign_in_throttle import Origin, begin_attempt, forgive

MOST_PASSKEYS = 10
"""Of one person."""
ANSWER_LENGTH = 20_000
TIMEOUT_MS = int(LASTS.total_seconds() * 1000)
_LONGEST_ID = 1023
_BROKEN = (
    WebAuthnException,
    ArithmeticError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
)
"""What the library raises for answers that no device gives."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where the person's browser has opened Berth: a passkey is good for one host."""

    host: str
    origin: str

    @property
    def may_have_passkeys(self) -> bool:
        """Browsers make them for names only."""
        try:
            ipaddress.ip_address(self.host.strip("[]"))
        except ValueError:
            return bool(self.host)
        return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a browser, and the challenge that it had been given."""

    text: str = field(repr=False)
    challenge: Challenge | None
    site: Site


def options_for_new(context: ServiceContext, user: User, *, challenge: Challenge, site: Site) -> str:
    """What the browser needs to make one, in JSON. Raises Conflict."""
    _check_site(site)
    own = list_passkeys(context.session, user_id=user.id)
    if len(own) >= MOST_PASSKEYS:
        raise _too_many()
    options = generate_registration_options(
        rp_id=site.host,
        rp_name="Berth",
        user_id=_handle(user.id),
        user_name=user.email,
        user_display_name=user.name,
        challenge=challenge.signed,
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(own, site),
    )
    return options_to_json(options)


def add(context: ServiceContext, user: User, answer: Answer, *, name: str) -> list[str]:
    """The recovery codes, shown this once, if this is the person's first second factor; commits.

    Raises Invalid, Conflict.
    """
    made = _made(answer) if spend(context, answer.challenge, Purpose.ADD, user_id=user.id) else None
    if made is None or len(made.credential_id) > _LONGEST_ID:
        context.session.commit()
        raise Invalid(say("The passkey was not added. Try it again."), code="wrong_passkey")
    take_turns(context.session, second_factor.turn_of(user.id))
    if len(list_passkeys(context.session, user_id=user.id)) >= MOST_PASSKEYS:
        context.session.rollback()
        raise _too_many()
    context.session.add(
        Passkey(
            user_id=user.id,
            name=name.strip()[:NAME_LENGTH],
            host=answer.site.host,
            credential_id=bytes_to_base64url(made.credential_id),
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            created_at=context.clock.now(),
        )
    )
    try:
        context.session.flush()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(say("This passkey was added already."), code="passkey_exists") from None
    return second_factor.note_gain(context, user, change=say("changed: a passkey was added"))


def remove(context: ServiceContext, user: User, passkey_id: int) -> None:
    """It signs nobody in any more; commits. Raises NotFound, and Conflict for the last second factor of
    whoever must have one."""
    take_turns(context.session, second_factor.turn_of(user.id))
    own = delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user.id)
    if not changed_rows(context.session.execute(own)):
        context.session.rollback()
        raise NotFound(say("This passkey is removed already."))
    second_factor.note_loss(context, user, change=say("changed: a passkey was removed"))


def options_for_answer(context: ServiceContext, *, challenge: Challenge, site: Site) -> str:
    """What the browser needs to answer, in JSON; without a person it offers all passkeys that it has for this
    host. Raises Conflict."""
    _check_site(site)
    user_id = challenge.user_id
    own = list_passkeys(context.session, user_id=user_id) if user_id is not None else ()
    options = generate_authentication_options(
        rp_id=site.host,
        challenge=challenge.signed,
        timeout=TIMEOUT_MS,
        allow_credentials=_descriptors(own, site),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def check(
    context: ServiceContext, answer: Answer, purpose: Purpose, *, user_id: int | None, origin: Origin
) -> User:
    """Who has answered, in the caller's transaction after the count of attempts. Raises Invalid, TooMany."""
    credential = _credential(answer.text)
    attempt = begin_attempt(context, _account(user_id, credential), origin)
    user = None
    if credential and spend(context, answer.challenge, purpose, user_id=user_id):
        user = _owner(context, answer, credential, user_id=user_id)
    if user is None:
        context.session.commit()  # the challenge stays spent
        raise Invalid(say("This passkey was not accepted. Try it again."), code="wrong_passkey")
    forgive(context, attempt)
    return user


def _owner(
    context: ServiceContext, answer: Answer, credential: AuthenticationCredential, *, user_id: int | None
) -> User | None:
    found = (
        select(Passkey)
        .options(joinedload(Passkey.user))
        .where(Passkey.credential_id == bytes_to_base64url(credential.raw_id))
        .execution_options(populate_existing=True)
    )
    passkey = context.session.scalar(found)
    if passkey is None or not passkey.user.is_active or user_id not in (None, passkey.user_id):
        return None
    # Without a person the device itself must say whose key it is (WebAuthn, 7.2, step 6).
    handle = credential.response.user_handle
    if handle != _handle(passkey.user_id) and not (user_id is not None and handle is None):
        return None
    return passkey.user if _is_signed(context, passkey, answer, credential) else None


def _is_signed(
    context: ServiceContext, passkey: Passkey, answer: Answer, credential: AuthenticationCredential
) -> bool:
    if answer.challenge is None:
        return False
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=answer.challenge.signed,
            expected_rp_id=answer.site.host,
            expected_origin=answer.site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _BROKEN:
        return False
    # Two at once with the same count, of which one is a copy of the device: one of them.
    used = update(Passkey).where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
    counted = used.values(sign_count=verified.new_sign_count, last_used_at=context.clock.now())
    return changed_rows(context.session.execute(counted)) == 1


def _made(answer: Answer) -> VerifiedRegistration | None:
    if answer.challenge is None or len(answer.text) > ANSWER_LENGTH:
        return None
    try:
        return verify_registration_response(
            credential=answer.text,
            expected_challenge=answer.challenge.signed,
            expected_rp_id=answer.site.host,
            expected_origin=answer.site.origin,
            require_user_verification=True,
        )
    except _BROKEN:
        return None


def _credential(text: str) -> AuthenticationCredential | None:
    try:
        return parse_authentication_credential_json(text) if len(text) <= ANSWER_LENGTH else None
    except _BROKEN:
        return None


def _account(user_id: int | None, credential: AuthenticationCredential | None) -> str:
    """Where failures are counted: with a person's codes, else for the passkey, known or not."""
    if user_id is not None:
        return second_factor.account_of(user_id)
    return f"passkey {bytes_to_base64url(credential.raw_id) if credential else ''}"


def _descriptors(passkeys: Sequence[Passkey], site: Site) -> list[PublicKeyCredentialDescriptor]:
    here = (one.credential_id for one in passkeys if one.host == site.host)
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in here]


def _check_site(site: Site) -> None:
    if not site.may_have_passkeys:
        raise Conflict(
            say("Passkeys need a name: open Berth under its host name, not under an IP address."),
            code="passkeys_need_a_name",
        )


def _too_many() -> Conflict:
    return Conflict(
        say("You have too many passkeys. Remove one that you don’t use."), code="too_many_passkeys"
    )


def _handle(user_id: int) -> bytes:
    """By which a device knows the person; it says nothing about them."""
    return f"berth-{user_id}".encode()
