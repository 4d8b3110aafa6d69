"""Colleagues: who of a company may sign in."""

from collections.abc import Collection

from sqlalchemy import delete, func, select

from webapp.database import take_turns
from webapp.domain.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.domain.permissions import is_within
from webapp.domain.roles import CompanyRole, Role
from webapp.models import Company, Invitation, InvitationKind, JobPosting, User, UserPosting
from webapp.queries.people import get_colleague
from webapp.queries.single_sign_on import has_emergency_way
from webapp.services.context import ServiceContext
from webapp.services.erasing import withdraw_invitations
from webapp.services.operator import end_access
from webapp.services.people import normal_email
from webapp.services.second_factor import has_second_factor


def disable(context: ServiceContext, user_id: int, *, company_id: int, by: User) -> User:
    """Signed out everywhere, tokens revoked, in one transaction; enabling brings neither back. Commits.

    Raises NotFound, Forbidden for somebody who may do more, and Conflict for oneself and for the last owner.
    """
    user = take_colleague(context, user_id, company_id, by)
    if user.id == by.id:
        raise Conflict("You cannot disable yourself. Ask a colleague.", code="own_account")
    _leave_an_owner(context, user)
    _leave_an_emergency_way(context, user)
    user.is_active = False
    _withdraw_invitations(context, user)
    end_access(context, [user.id])
    context.session.commit()
    return user


def enable(context: ServiceContext, user_id: int, *, company_id: int, by: User) -> User:
    """The person may sign in again. Commits. Raises NotFound, and Forbidden for somebody who may do more, or
    whom the operator has disabled."""
    user = take_colleague(context, user_id, company_id, by)
    check_not_by_operator(context, user)
    user.is_active = True
    context.session.commit()
    return user


def check_not_by_operator(context: ServiceContext, user: User) -> None:
    """Raise Forbidden for whom the operator has disabled."""
    if user.is_disabled_by_operator:
        context.session.rollback()
        raise Forbidden(
            "Whoever runs this Berth has disabled this person. Ask them.", code="disabled_by_operator"
        )


def change_role(
    context: ServiceContext,
    user_id: int,
    role: CompanyRole,
    *,
    posting_ids: Collection[int] | None,
    company_id: int,
    by: User,
) -> User:
    """It counts from the person's next click on, and for tokens that exist. Commits.

    With `posting_ids` a recruiter sees these job postings alone. Raises NotFound, Conflict, Invalid, and
    Forbidden for a role that allows more than one's own.
    """
    user = take_colleague(context, user_id, company_id, by)
    if user.id == by.id:
        raise Conflict("You cannot change your own role. Ask an owner.", code="own_account")
    check_may_give(role, by)
    if role is not CompanyRole.OWNER:
        _leave_an_owner(context, user)
        _leave_an_emergency_way(context, user)
    user.company_role = role
    _withdraw_invitations(context, user)
    _limit(context, user, posting_ids)
    context.session.commit()
    return user


def make_owner(context: ServiceContext, *, email: str) -> User:
    """By whoever runs the installation. Commits. Raises NotFound."""
    user = context.session.scalar(
        select(User).where(User.email == normal_email(email), User.role == Role.PROVIDER)
    )
    if user is None:
        raise NotFound("Nobody with this address works for a company.")
    user.company_role = CompanyRole.OWNER
    _limit(context, user, None)
    context.session.commit()
    return user


def check_may_give(role: CompanyRole, by: User) -> None:
    """Raise Forbidden for a role that allows more than one's own."""
    if not is_within(role, by.permissions):
        raise Forbidden("You cannot give a role that allows more than yours.", code="role_too_high")


def demand_second_factor(context: ServiceContext, *, company_id: int, by: User, is_demanded: bool) -> None:
    """Of everybody who works for the company. Commits. Raises Conflict for whoever has none."""
    if is_demanded and not has_second_factor(context, by):
        raise Conflict("Set up your own first, so that you are not locked out.", code="second_factor_missing")
    company = context.session.get_one(Company, company_id)
    company.needs_second_factor = is_demanded
    context.session.commit()


def take_colleague(context: ServiceContext, user_id: int, company_id: int, by: User) -> User:
    """One after another, and with the roles of this moment. Raises NotFound, for a removed person too, and
    Forbidden for somebody who may do more."""
    take_turns(context.session, f"colleagues of {company_id}")
    user = get_colleague(context.session, user_id, company_id=company_id)
    now_by = get_colleague(context.session, by.id, company_id=company_id)
    if user.company_role is not None and not is_within(user.company_role, now_by.permissions):
        raise Forbidden("This person may do more than you. Ask an owner.", code="role_too_high")
    return user


def _leave_an_owner(context: ServiceContext, user: User) -> None:
    if user.company_role is not CompanyRole.OWNER or not user.is_active:
        return
    owners = select(func.count()).where(
        User.company_id == user.company_id, User.company_role == CompanyRole.OWNER, User.is_active
    )
    if (context.session.scalar(owners) or 0) <= 1:
        raise Conflict("The company needs an owner who can sign in.", code="last_owner")


def _leave_an_emergency_way(context: ServiceContext, user: User) -> None:
    if has_emergency_way(context.session, user):
        raise Conflict(
            f"{user.name} has the emergency way in. Choose another owner for it first.", code="emergency_way"
        )


def _withdraw_invitations(context: ServiceContext, user: User) -> None:
    """Of colleagues by somebody who may do less from now on: nobody comes in by them any more."""
    is_theirs = Invitation.invited_by_id == user.id
    withdraw_invitations(
        context, user.company_id or 0, is_theirs, Invitation.kind == InvitationKind.COLLEAGUE
    )


def _limit(context: ServiceContext, user: User, posting_ids: Collection[int] | None) -> None:
    context.session.execute(delete(UserPosting).where(UserPosting.user_id == user.id))
    user.is_limited_to_postings = posting_ids is not None
    if posting_ids is None:
        return
    if user.company_role is not CompanyRole.RECRUITER:
        raise Invalid("Only a recruiter can be limited to job postings.", field="postings")
    own = select(JobPosting.id).where(
        JobPosting.company_id == user.company_id, JobPosting.id.in_(set(posting_ids))
    )
    found = set(context.session.scalars(own))
    if found != set(posting_ids):
        raise NotFound("Job posting not found.")
    context.session.add_all(UserPosting(user_id=user.id, job_posting_id=one) for one in sorted(found))
