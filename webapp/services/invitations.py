"""Invitations: made by a company, sent by mail or shown to copy, accepted by one link."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import joinedload

from webapp.database import changed_rows, take_turns
from webapp.domain.errors import Conflict, Invalid, LinkIsOver, NotFound
from webapp.domain.mails import COLLEAGUE_INVITED, HIRE_INVITED
from webapp.domain.permissions import Permission
from webapp.domain.plain_text import honest_name
from webapp.domain.roles import CompanyRole, Role
from webapp.domain.secret_texts import hash_of, new_secret_text
from webapp.domain.sentences import say
from webapp.domain.windows import Window
from webapp.models import Company, Invitation, InvitationKind, JobPosting, User
from webapp.models.invitation import CAN_BE_ACCEPTED
from webapp.models.mail import Recipient
from webapp.queries import job_postings
from webapp.queries.invitations import find_unanswered
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.approvals import approve_invited
from webapp.services.colleagues import check_may_give
from webapp.services.context import ServiceContext
from webapp.services.erasing import make_way_for
from webapp.services.invitation_limits import TOO_SOON, check_again, check_mails, too_soon, wait_s_for
from webapp.services.invitation_refusals import OTHER_ACCOUNT, check_contract, check_may_change, refusal_of
from webapp.services.mails import notify_sender, queue_mail
from webapp.services.passwords import hash_password
from webapp.services.people import new_person, normal_email
from webapp.services.profile_orders import order_due, orderer_of
from webapp.services.window_refusals import check_new_window
from webapp.services.windows import commit_and_notify

LASTS = timedelta(days=14)
MOST_PEOPLE = 200
"""Invited at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    email: str
    name: str = ""
    company_role: CompanyRole = CompanyRole.MANAGER
    """Of a colleague."""
    window: Window | None = None
    """Of a hire's contract."""


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of one of the wanted."""

    email: str
    invitation_id: int | None
    token: str = field(repr=False)
    """The link's random text, shown this once; empty where there is none."""
    problem: str = ""
    code: str = ""
    """Of the problem."""
    wait_s: int = 0
    """After so long the problem is over by itself; 0: it stays."""


@dataclass(frozen=True, slots=True)
class _Hand:
    """Who invites, and to what."""

    company: Company
    posting: JobPosting | None
    invited_by: User
    held: frozenset[Permission]
    tells_of_others: bool


def invite(
    context: ServiceContext,
    people: Sequence[Wanted],
    *,
    company_id: int,
    invited_by: User,
    posting_id: int | None = None,
    tells_of_others: bool = True,
    held: frozenset[Permission] | None = None,
) -> list[Invited]:
    """Colleagues, or with `posting_id` people to be hired; commits. Who is invited already gets a new link.

    Without `tells_of_others` whoever has another account in Berth is invited too, and is refused by the link.
    `held`: what the caller may do, if that is less than `invited_by` may.
    An invitation that is open keeps its window unless another is given; an expired or withdrawn one loses it.
    Raises Invalid for too many or an end in the past, NotFound, Forbidden for colleagues who may do more than
    oneself, and Conflict if the posting's defaults would give contracts that have ended.
    """
    if len(people) > MOST_PEOPLE:
        raise Invalid(f"Invite at most {MOST_PEOPLE} people at once.", field="people")
    for one in people:
        if posting_id is None:
            check_may_give(one.company_role, invited_by)
        if one.window is not None:
            check_new_window(one.window, now=context.clock.now())
    posting = None
    if posting_id is not None:
        posting = job_postings.get_posting(context.session, posting_id, company_id=company_id)
    company = context.session.get_one(Company, company_id)
    take_turns(context.session, f"invitations of {company_id}")
    check_mails(context, len(people), company_id=company_id)
    rights = invited_by.permissions if held is None else held
    hand = _Hand(company, posting, invited_by, rights, tells_of_others)
    with all_or_nothing(context):
        found = [_invite_one(context, one, hand) for one in people]
    context.session.commit()
    notify_sender(context)
    return found


def send_again(context: ServiceContext, invitation_id: int, *, company_id: int, invited_by: User) -> Invited:
    """With a new link; the old one ends. It is the same one, with its window, expired or withdrawn too.

    Commits. Raises NotFound, Forbidden, TooMany, and Conflict, also if the contract would have ended.
    """
    invitation = _get(context, invitation_id, company_id)
    check_may_change(invitation, invited_by.permissions)
    if invitation.accepted_at is not None:
        raise Conflict(say("This invitation was accepted already."), code="invitation_accepted")
    check_contract(context, invitation, now=context.clock.now())
    take_turns(context.session, f"invitations of {company_id}")
    check_again(context, invitation.email, company_id=company_id)
    token = _renew(context, invitation, invited_by)
    context.session.commit()
    notify_sender(context)
    return Invited(invitation.email, invitation.id, token)


def revoke(context: ServiceContext, invitation_id: int, *, company_id: int, by: User) -> None:
    """The link ends at once. Commits. Raises NotFound, Forbidden, Conflict."""
    check_may_change(_get(context, invitation_id, company_id), by.permissions)
    unanswered = update(Invitation).where(Invitation.id == invitation_id, Invitation.accepted_at.is_(None))
    if not changed_rows(context.session.execute(unanswered.values(revoked_at=context.clock.now()))):
        context.session.rollback()
        raise Conflict(say("This invitation was accepted already."), code="invitation_accepted")
    context.session.commit()


def find_invitation(context: ServiceContext, token: str) -> Invitation:
    """With its company and posting. Raises LinkIsOver."""
    found = context.session.scalar(_with_names().where(Invitation.token_hash == hash_of(token)))
    is_open = found is not None and found.accepted_at is None and found.revoked_at is None
    if found is None or not is_open or found.expires_at <= context.clock.now():
        raise LinkIsOver(say("This invitation has expired, was withdrawn, or was accepted already."))
    return found


def note_opened(context: ServiceContext, token: str) -> None:
    """Somebody looks at it; commits. Raises LinkIsOver."""
    invitation = find_invitation(context, token)
    if invitation.opened_at is None:
        invitation.opened_at = context.clock.now()
        context.session.commit()


def accept_as_new(context: ServiceContext, token: str, *, name: str, password: str) -> User:
    """A new account, whose address the link has proven. Commits. Raises LinkIsOver, Invalid, Conflict."""
    invitation = find_invitation(context, token)
    is_colleague = invitation.kind is InvitationKind.COLLEAGUE
    if is_colleague and context.settings.mail.is_set_up:  # else the company has seen the link itself
        make_way_for(context, invitation.email)
    user = new_person(
        context,
        name=name,
        email=invitation.email,
        password_hash=hash_password(password, known=(invitation.email, name, invitation.company.name)),
        role=Role.PROVIDER if is_colleague else Role.SEEKER,
        company_id=invitation.company_id if is_colleague else None,
        company_role=invitation.company_role,
    )
    _settle(context, invitation, user)
    return user


def accept_as(context: ServiceContext, token: str, user: User) -> None:
    """By somebody who has an account with that address. Commits. Raises LinkIsOver, Conflict."""
    invitation = find_invitation(context, token)
    if user.email != invitation.email:
        raise Conflict(
            say("This invitation is for %(email)s. Sign in with that address.", email=invitation.email),
            code="invitation_for_another",
        )
    if invitation.kind is InvitationKind.COLLEAGUE or user.role is not Role.SEEKER:
        raise Conflict(
            say("A person has one role in Berth. Ask the company to invite another address of yours."),
            code="invitation_needs_another_address",
        )
    user.email_proven_at = user.email_proven_at or context.clock.now()
    _settle(context, invitation, user)


def _invite_one(context: ServiceContext, wanted: Wanted, hand: _Hand) -> Invited:
    company, posting, now = hand.company, hand.posting, context.clock.now()
    email = normal_email(wanted.email)
    refusal = refusal_of(context, email, company, posting)
    if refusal is not None and (hand.tells_of_others or refusal.code != OTHER_ACCOUNT):
        return Invited(email, None, "", refusal.message, refusal.code)
    if wait_s := wait_s_for(context, email, company_id=company.id):
        return Invited(email, None, "", too_soon(wait_s).message, TOO_SOON, wait_s)
    posting_id = None if posting is None else posting.id
    invitation = find_unanswered(context.session, email, company_id=company.id, posting_id=posting_id)
    if invitation is not None and invitation.state(now) in CAN_BE_ACCEPTED:
        check_may_change(invitation, hand.held)
    if invitation is None:
        invitation = Invitation(
            company_id=company.id,
            kind=InvitationKind.COLLEAGUE if posting is None else InvitationKind.HIRE,
            email=email,
            job_posting_id=posting_id,
        )
        context.session.add(invitation)
    invitation.company, invitation.job_posting = company, posting
    invitation.company_role = wanted.company_role if posting is None else None
    if posting is not None:
        invitation.take_window(wanted.window or invitation.window_kept(now))
        check_contract(context, invitation, now=now)
    invitation.name = honest_name(wanted.name)[:120] or invitation.name or ""
    token = _renew(context, invitation, hand.invited_by)
    return Invited(email, invitation.id, token)


def _renew(context: ServiceContext, invitation: Invitation, invited_by: User) -> str:
    token, now = new_secret_text(), context.clock.now()
    invitation.token_hash, invitation.invited_by_id = hash_of(token), invited_by.id
    invitation.made_at, invitation.expires_at = now, now + LASTS
    invitation.opened_at = invitation.revoked_at = None
    context.session.flush()
    _write(context, invitation, invited_by, token)
    return token


def _write(context: ServiceContext, invitation: Invitation, invited_by: User, token: str) -> None:
    parameters = {"company": invitation.company.name, "person": invited_by.name}
    kind = COLLEAGUE_INVITED
    if invitation.job_posting is not None:
        kind, parameters = HIRE_INVITED, parameters | {"job": invitation.job_posting.title}
    queue_mail(
        context,
        kind,
        to=Recipient(invitation.email, invitation.name, language=_language(context, invitation, invited_by)),
        company_id=invitation.company_id,
        parameters=parameters,
        link_token=token,
        not_after=invitation.expires_at,
    )


def _language(context: ServiceContext, invitation: Invitation, invited_by: User) -> str | None:
    own = context.session.scalar(select(User.language).where(User.email == invitation.email))
    return own or invited_by.language


def _settle(context: ServiceContext, invitation: Invitation, user: User) -> None:
    """Two at once: one of them."""
    if invitation.company.disabled_at is not None:
        context.session.rollback()
        raise Conflict(say("This company is disabled in this Berth."), code="company_disabled")
    now = context.clock.now()
    unanswered = update(Invitation).where(
        Invitation.id == invitation.id,
        Invitation.token_hash == invitation.token_hash,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
    )
    if not changed_rows(context.session.execute(unanswered.values(accepted_at=now, accepted_by_id=user.id))):
        context.session.rollback()
        raise LinkIsOver(say("This invitation has expired, was withdrawn, or was accepted already."))
    if invitation.job_posting is None:
        context.session.commit()
        return
    company_id = invitation.company_id
    orderer = orderer_of(context, invitation.invited_by_id, invitation.job_posting)
    accounts, application_id = approve_invited(context, invitation, user, may_order=orderer is not None)
    commit_and_notify(context, accounts)
    if application_id is not None:
        order_due(context, [application_id], company_id=company_id, order_as=orderer)


def _get(context: ServiceContext, invitation_id: int, company_id: int) -> Invitation:
    own = _with_names().where(Invitation.id == invitation_id, Invitation.company_id == company_id)
    found = context.session.scalar(own)
    if found is None:
        raise NotFound(say("Invitation not found."))
    return found


def _with_names() -> Select[Invitation]:
    names = (joinedload(Invitation.company), joinedload(Invitation.job_posting))
    return select(Invitation).options(*names).execution_options(populate_existing=True)
