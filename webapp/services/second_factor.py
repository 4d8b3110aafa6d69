"""A second factor: codes of an authenticator app (TOTP, RFC 6238), passkeys (`services/passkeys.py`), and
recovery codes for when they are lost."""

import base64
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field

from pyotp import random_base32
from pyotp.totp import TOTP
from sqlalchemy import delete, exists, func, or_, select, update

from webapp.database import changed_rows, take_turns
from webapp.domain.errors import Conflict, Invalid, NotFound
from webapp.domain.mails import SECOND_FACTOR_CHANGED
from webapp.domain.secret_texts import hash_of
from webapp.domain.sentences import say
from webapp.models import AuthenticatorApp, Passkey, RecoveryCode, User
from webapp.queries.single_sign_on import has_emergency_way
from webapp.services.context import ServiceContext
from webapp.services.mails import notify_sender, queue_mail
from webapp.services.people import normal_email
from webapp.services.second_factor_demand import Demand, demand_on
from webapp.services.sign_in_throttle import IN_ACCOUNT, Origin, begin_attempt, forgive
from webapp.vault.own_box import OwnBox

STEP_S = 30
STEPS_OFF = 1
"""A phone's clock may be so many steps early or late."""
RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class AppKey:
    """What the person's app needs; shown until a code has confirmed it."""

    text: str = field(repr=False)
    address: str = field(repr=False)
    """The same as an address, for the QR code."""


def has_second_factor(context: ServiceContext, user: User) -> bool:
    """An app that is confirmed, or a passkey."""
    app = exists().where(AuthenticatorApp.user_id == user.id, AuthenticatorApp.confirmed_at.is_not(None))
    passkey = exists().where(Passkey.user_id == user.id)
    return bool(context.session.scalar(select(or_(app, passkey))))


def has_app(context: ServiceContext, user: User) -> bool:
    """One that is confirmed."""
    return _confirmed(context, user) is not None


def owed_to(context: ServiceContext, user: User) -> Demand | None:
    """Who demands one that the person does not have? `user` was loaded with the company."""
    demand = demand_on(context, user)
    return demand if demand and not has_second_factor(context, user) else None


def count_recovery_codes(context: ServiceContext, user: User) -> int:
    """Those that were not used."""
    unused = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    return context.session.scalar(unused) or 0


def begin(context: ServiceContext, user: User) -> AppKey:
    """A new key, in the place of one that nobody confirmed; commits. Raises Conflict."""
    if has_app(context, user):
        raise Conflict(
            say("An authenticator app is set up already. Remove it first."), code="second_factor_exists"
        )
    key = random_base32()
    context.session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id))
    context.session.add(
        AuthenticatorApp(
            user_id=user.id,
            sealed_key=_box(context).seal(key, bound_to=_binding(user)),
            made_at=context.clock.now(),
        )
    )
    context.session.commit()
    return _shown(user, key)


def begun(context: ServiceContext, user: User) -> AppKey | None:
    """The key that waits for its first code; None if there is none."""
    app = _app(context, user)
    return _shown(user, _key(context, user, app)) if app and app.confirmed_at is None else None


def confirm(context: ServiceContext, user: User, code: str) -> list[str]:
    """From now on the app is asked for. The recovery codes, shown this once; commits.

    Raises Invalid, TooMany.
    """
    attempt = begin_attempt(context, account_of(user.id), IN_ACCOUNT)
    app = _app(context, user)
    if app is None or app.confirmed_at is not None or not _accept(context, user, app, code):
        raise Invalid(
            say("This is not the code that the app shows now. Is the clock of your phone right?"),
            field="code",
            code="wrong_code",
        )
    app.confirmed_at = context.clock.now()
    forgive(context, attempt)
    codes = _replace_recovery_codes(context, user)
    _note(context, user, change=say("set up"))
    return codes


def remove(context: ServiceContext, user: User, code: str) -> None:
    """The app, with a code of it or a recovery code. Commits. Raises Invalid, TooMany, and Conflict for the
    last second factor of whoever must have one."""
    if _must_keep_one(context, user) and not _has_passkey(context, user):
        raise _demanded(context, user)
    check(context, user, code, origin=IN_ACCOUNT)
    take_turns(context.session, turn_of(user.id))
    context.session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id))
    note_loss(context, user, change=say("removed"))


def renew_recovery_codes(context: ServiceContext, user: User) -> list[str]:
    """Those of before end; the new ones are shown this once. Commits. Raises Conflict."""
    take_turns(context.session, turn_of(user.id))
    if not has_second_factor(context, user):
        context.session.rollback()
        raise Conflict(
            say("Recovery codes are for people with a second factor. Add one first."), code="no_second_factor"
        )
    codes = _replace_recovery_codes(context, user)
    _note(context, user, change=say("changed: there are new recovery codes"))
    return codes


def remove_by_operator(context: ServiceContext, *, email: str) -> None:
    """For whoever has lost everything; the owner is written to. Commits. Raises NotFound."""
    user = context.session.scalar(select(User).where(User.email == normal_email(email)))
    if user is None or not has_second_factor(context, user):
        raise NotFound(f"Nobody with the e-mail address {email} has a second factor.")
    if has_emergency_way(context.session, user):
        raise Conflict(
            say("This is the emergency way in of the company: let its people sign in with passwords first."),
            code="emergency_way",
        )
    for model in (AuthenticatorApp, Passkey, RecoveryCode):
        context.session.execute(delete(model).where(model.user_id == user.id))
    _note(context, user, change=say("removed"))


def note_gain(context: ServiceContext, user: User, *, change: str) -> list[str]:
    """After another one was added: recovery codes, shown this once, if the person has none. Commits."""
    codes = [] if count_recovery_codes(context, user) else _replace_recovery_codes(context, user)
    _note(context, user, change=change)
    return codes


def note_loss(context: ServiceContext, user: User, *, change: str) -> None:
    """After one was deleted in its turn: recovery codes alone are none. Commits. Raises Conflict, and nothing
    is deleted, if one is demanded and this was the last; `user` was loaded with the company."""
    if not has_second_factor(context, user):
        if _must_keep_one(context, user):
            refusal = _demanded(context, user)
            context.session.rollback()  # after it a look at the person would hold the write lock again
            raise refusal
        context.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    _note(context, user, change=change)


def turn_of(user_id: int) -> str:
    """Changes of a person's factors follow one another, so that two at once do not remove the last two."""
    return f"second factors of {user_id}"


def account_of(user_id: int) -> str:
    """Where wrong codes and passkeys of this person are counted."""
    return f"second factor of {user_id}"


def _note(context: ServiceContext, user: User, *, change: str) -> None:
    queue_mail(context, SECOND_FACTOR_CHANGED, to=user, company_id=None, parameters={"change": change})
    context.session.commit()
    notify_sender(context)


def _must_keep_one(context: ServiceContext, user: User) -> bool:
    """The emergency way in of a company with single sign-on is worth nothing without."""
    return demand_on(context, user) is not None or has_emergency_way(context.session, user)


def _demanded(context: ServiceContext, user: User) -> Conflict:
    by_company = say("Your company demands a second factor.")
    by_installation = say("Whoever runs this installation demands a second factor.")
    is_of_installation = demand_on(context, user) is Demand.INSTALLATION
    return Conflict(by_installation if is_of_installation else by_company, code="second_factor_demanded")


def _has_passkey(context: ServiceContext, user: User) -> bool:
    return bool(context.session.scalar(select(exists().where(Passkey.user_id == user.id))))


def check(context: ServiceContext, user: User, code: str, *, origin: Origin) -> None:
    """In the caller's transaction after the count of attempts. Raises Invalid, TooMany."""
    attempt = begin_attempt(context, account_of(user.id), origin)
    app = _confirmed(context, user)
    is_of_app = app is not None and _accept(context, user, app, code)
    if not (is_of_app or _use_recovery_code(context, user, code)):
        context.session.rollback()
        raise Invalid(say("This code is not right, or it was used already."), field="code", code="wrong_code")
    forgive(context, attempt)


def _accept(context: ServiceContext, user: User, app: AuthenticatorApp, code: str) -> bool:
    """Is it the code of these 30 seconds or of those beside them, and was none since accepted?"""
    # Full-width digits of an Asian keyboard become plain ones; what is not ASCII after that is no code.
    typed = "".join(unicodedata.normalize("NFKC", code).split()).encode()
    generator = TOTP(_key(context, user, app), interval=STEP_S)
    now = int(context.clock.now().timestamp()) // STEP_S
    for step in range(now - STEPS_OFF, now + STEPS_OFF + 1):
        if hmac.compare_digest(generator.generate_otp(step).encode(), typed) and _is_new(context, app, step):
            return True
    return False


def _is_new(context: ServiceContext, app: AuthenticatorApp, step: int) -> bool:
    """Two at once with the same code: one of them."""
    newer = update(AuthenticatorApp).where(
        AuthenticatorApp.user_id == app.user_id, AuthenticatorApp.last_step < step
    )
    return changed_rows(context.session.execute(newer.values(last_step=step))) == 1


def _use_recovery_code(context: ServiceContext, user: User, code: str) -> bool:
    used = (
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hash_of_code(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=context.clock.now())
    )
    return changed_rows(context.session.execute(used)) == 1


def _replace_recovery_codes(context: ServiceContext, user: User) -> list[str]:
    context.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
    context.session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash_of_code(code)) for code in codes)
    return codes


def _new_recovery_code() -> str:
    """120 random bits as `xxxxxx-xxxxxx-xxxxxx-xxxxxx`: so many that a plain hash of it is enough."""
    text = base64.b32encode(secrets.token_bytes(15)).decode().lower()
    return "-".join(text[at : at + 6] for at in range(0, len(text), 6))


def _app(context: ServiceContext, user: User) -> AuthenticatorApp | None:
    own = select(AuthenticatorApp).where(AuthenticatorApp.user_id == user.id)
    return context.session.scalar(own.execution_options(populate_existing=True))


def _confirmed(context: ServiceContext, user: User) -> AuthenticatorApp | None:
    app = _app(context, user)
    return app if app is not None and app.confirmed_at is not None else None


def _key(context: ServiceContext, user: User, app: AuthenticatorApp) -> str:
    return _box(context).open(app.sealed_key, bound_to=_binding(user)).reveal()


def _shown(user: User, key: str) -> AppKey:
    address = TOTP(key, interval=STEP_S).provisioning_uri(name=user.email, issuer_name="Berth")
    return AppKey(" ".join(key[at : at + 4] for at in range(0, len(key), 4)), address)


def _box(context: ServiceContext) -> OwnBox:
    return OwnBox(context.settings.secret_key)


def _binding(user: User) -> str:
    return f"authenticator app of user {user.id}"


def _hash_of_code(typed: str) -> str:
    return hash_of("".join(typed.lower().split()))
