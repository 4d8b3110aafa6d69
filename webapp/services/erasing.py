"""What is left of a person whose account is removed: rows that a company's records need, without the person.

Everything here is in the caller's transaction. Why so: docs/decisions/removed_people.md.
"""

import secrets

from sqlalchemy import ColumnElement, Delete, Update, delete, func, or_, select, update

from webapp.database import take_turns
from webapp.domain.mails import ACCOUNT_REMOVED
from webapp.domain.roles import ApplicationStatus
from webapp.models import (
    AccountLink,
    ApiToken,
    Application,
    AuthenticatorApp,
    Budget,
    CalendarFeed,
    Cohort,
    CohortRow,
    EmailChange,
    EndRecord,
    Event,
    HelpRequest,
    IdempotencyKey,
    Identity,
    Invitation,
    InvitationKind,
    Mail,
    Orphan,
    Passkey,
    RecoveryCode,
    User,
    UserPosting,
    UserSession,
    Workspace,
)
from webapp.models.event import ACTOR_LENGTH
from webapp.models.mail import Recipient
from webapp.queries.people import find_unproven
from webapp.services.context import ServiceContext
from webapp.services.mails import queue_mail

REMOVED_NAME = "Removed person"
REMOVED_DOMAIN = "removed.invalid"
"""Of the placeholders for addresses: no mail ever arrives there (RFC 2606)."""


def erase(context: ServiceContext, user: User, *, by_company: str) -> None:
    """The account ends, and nothing names the person any more; the last mail goes to the old address.

    `by_company`: who removes it; empty if the person does. `user` is locked.
    """
    was = Recipient(user.email, user.name, user.id)
    labels = _labels_of(context, user)
    _replace_labels(context, user, labels)
    _end_invitations(context, user)
    _end_access(context, user)
    _end_applications(context, user)
    _forget_pasted(context, user)
    _take_names(context, user)
    _forget_mails(context, user, old_address=was.address)
    _forget_in_records(context, user)
    queue_mail(context, ACCOUNT_REMOVED, to=was, company_id=None, parameters={"company": by_company})


def _labels_of(context: ServiceContext, user: User) -> list[str]:
    """How events name the person: by the address, also by an earlier one, and by tokens."""
    tokens = context.session.scalars(select(ApiToken.name).where(ApiToken.user_id == user.id))
    former = context.session.scalars(select(Event.actor).where(Event.actor_id == user.id).distinct())
    now = {user.email, *(f"token:{name} ({user.email})"[:ACTOR_LENGTH] for name in tokens)}
    return sorted(now | set(former))


def _replace_labels(context: ServiceContext, user: User, labels: list[str]) -> None:
    """In events by the person's number, which has an index; elsewhere within the company."""
    _run(context, update(Event).where(Event.actor_id == user.id).values(actor=REMOVED_NAME))
    if user.company_id is None:
        return
    for table, column in (
        (HelpRequest, HelpRequest.answered_by),
        (Orphan, Orphan.decided_by),
        (Budget, Budget.lifted_by),
    ):
        own = update(table).where(table.company_id == user.company_id, column.in_(labels))
        _run(context, own.values({column: REMOVED_NAME}))


def _end_invitations(context: ServiceContext, user: User) -> None:
    """Those to the person, and those with which the person lets colleagues in; those of hires stay."""
    to_person = or_(Invitation.accepted_by_id == user.id, Invitation.email == user.email)
    _run(context, delete(Invitation).where(to_person, Invitation.accepted_at.is_(None)))
    placeholder = {"email": f"{user.id}@{REMOVED_DOMAIN}", "name": REMOVED_NAME}
    _run(context, update(Invitation).where(to_person).values(placeholder))
    if user.company_id is not None:
        by_person = (Invitation.invited_by_id == user.id, Invitation.kind == InvitationKind.COLLEAGUE)
        withdraw_invitations(context, user.company_id, *by_person)


def withdraw_invitations(context: ServiceContext, company_id: int, *which: ColumnElement[bool]) -> None:
    """Those of them that nobody has accepted: their links lead nowhere from now on."""
    is_open = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    own = update(Invitation).where(Invitation.company_id == company_id, *is_open, *which)
    _run(context, own.values(revoked_at=context.clock.now()))


def make_way_for(context: ServiceContext, email: str) -> None:
    """Whoever holds the address without a proof loses the account to whoever has one."""
    user = find_unproven(context.session, email)
    if user is None or not _is_unproven_still(context, user, email):
        return
    _end_access(context, user)
    _end_applications(context, user)
    _take_names(context, user)
    context.session.flush()


def _is_unproven_still(context: ServiceContext, user: User, email: str) -> bool:
    """From now on nobody proves the address, and nobody hires the person.

    The applications first: whoever approves one has locked it before the mail to the person is written.
    """
    take_turns(context.session, f"address of {user.id}")
    own = select(Application.id).where(Application.seeker_id == user.id).order_by(Application.id)
    context.session.execute(own.with_for_update()).all()
    context.session.execute(select(User.id).where(User.id == user.id).with_for_update()).all()
    return find_unproven(context.session, email) is not None


def _take_names(context: ServiceContext, user: User) -> None:
    # Random, so that nobody signs up with it first.
    user.email = f"{user.id}-{secrets.token_hex(8)}@{REMOVED_DOMAIN}"
    user.name, user.password_hash = REMOVED_NAME, ""
    user.company_role, user.is_limited_to_postings = None, False
    user.is_active, user.removed_at = False, context.clock.now()


def _end_access(context: ServiceContext, user: User) -> None:
    """Browsers, tokens, links and the second factor; and the answers that Berth keeps for a day."""
    token_ids = context.session.scalars(select(ApiToken.id).where(ApiToken.user_id == user.id))
    owners = [f"user:{user.id}", *(f"token:{one}" for one in token_ids)]
    _run(context, delete(IdempotencyKey).where(IdempotencyKey.owner.in_(owners)))
    for table in (
        UserSession,
        ApiToken,
        CalendarFeed,
        AccountLink,
        EmailChange,
        RecoveryCode,
        AuthenticatorApp,
        Passkey,
        Identity,
        UserPosting,
    ):
        _run(context, delete(table).where(table.user_id == user.id))


def _end_applications(context: ServiceContext, user: User) -> None:
    """None waits for a decision or for a desktop any more, and what the person wrote is gone."""
    own = select(Application.id).where(Application.seeker_id == user.id)
    ended = {"status": ApplicationStatus.REJECTED, "decided_at": context.clock.now(), "decided_by_id": None}
    is_open = Application.status != ApplicationStatus.REJECTED
    _run(context, update(Application).where(Application.seeker_id == user.id, is_open).values(ended))
    _run(context, update(Application).where(Application.seeker_id == user.id).values(message=""))
    _run(
        context,
        update(CohortRow).where(CohortRow.application_id.in_(own)).values(person=REMOVED_NAME),
    )
    desktops = select(Workspace.id).where(Workspace.application_id.in_(own))
    companies = select(Application.company_id).where(Application.seeker_id == user.id)
    asked = update(HelpRequest).where(
        HelpRequest.company_id.in_(companies), HelpRequest.workspace_id.in_(desktops)
    )
    _run(context, asked.values(note=""))


def _forget_pasted(context: ServiceContext, user: User) -> None:
    """Rows of group orders that matched nobody keep what was pasted: perhaps this person's name or address.

    Also the name as it is: SQLite makes only letters of ASCII small.
    """
    companies = select(Application.company_id).where(Application.seeker_id == user.id)
    cohorts = select(Cohort.id).where(Cohort.company_id.in_(companies))
    pasted = or_(
        CohortRow.person == user.name, func.lower(CohortRow.person).in_({user.email, user.name.lower()})
    )
    own = update(CohortRow).where(
        CohortRow.cohort_id.in_(cohorts), CohortRow.application_id.is_(None), pasted
    )
    _run(context, own.values(person=REMOVED_NAME))


def _forget_mails(context: ServiceContext, user: User, *, old_address: str) -> None:
    """What was not sent never will be; of what was sent, kind and dates stay."""
    to_person = or_(Mail.user_id == user.id, Mail.address == old_address)
    _run(context, delete(Mail).where(to_person, Mail.sent_at.is_(None)))
    _run(context, update(Mail).where(to_person).values(address=user.email, parameters={}))


def _forget_in_records(context: ServiceContext, user: User) -> None:
    """Of desktops that are gone: whose it was, who ordered and who ended it; the rest is the company's."""
    for name in ("person", "ordered_by"):
        is_own = getattr(EndRecord, f"{name}_id") == user.id
        placeholder = {f"{name}_name": REMOVED_NAME, f"{name}_email": user.email}
        _run(context, update(EndRecord).where(is_own).values(placeholder))
    _run(context, update(EndRecord).where(EndRecord.ended_by_id == user.id).values(ended_by=REMOVED_NAME))


def _run(context: ServiceContext, statement: Delete | Update) -> None:
    context.session.execute(statement.execution_options(synchronize_session=False))
