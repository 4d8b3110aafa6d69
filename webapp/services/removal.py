"""Removal of an account, by the person or by a company: when it is possible, and what goes with it."""

from sqlalchemy import Select, select, update

from webapp.database import take_turns
from webapp.domain.errors import AppError, Conflict, Invalid, NotFound
from webapp.domain.lifecycle import Phase
from webapp.domain.roles import ApplicationStatus, CompanyRole, JobPostingStatus, Role
from webapp.domain.sentences import listed, say
from webapp.models import Application, CloudCredential, Company, JobPosting, User, Workspace
from webapp.queries.posting_limit import without_limit
from webapp.queries.single_sign_on import has_emergency_way
from webapp.queries.workspaces import IS_LISTED, list_own_workspaces
from webapp.services.colleagues import check_not_by_operator, take_colleague
from webapp.services.context import ServiceContext
from webapp.services.erasing import erase, withdraw_invitations
from webapp.services.mails import notify_sender
from webapp.services.own_account import check_own_password
from webapp.services.people import normal_email


def find_obstacle(context: ServiceContext, user: User) -> AppError | None:
    """Why this account cannot be removed now; None if it can."""
    desktops = list_own_workspaces(context.session, seeker_id=user.id)
    if desktops:
        companies = listed(sorted({one.application.job_posting.company.name for one in desktops}))
        return Conflict(
            say(
                "You still have a desktop. %(companies)s must terminate it first: open it under “My"
                " desktops”, and ask for help there.",
                companies=companies,
            ),
            code="desktop_exists",
        )
    if has_emergency_way(context.session, user):
        return Conflict(
            say(
                "You have the emergency way in of your company. An owner must first give it to somebody else."
            ),
            code="emergency_way",
        )
    if user.company_id is None or _has_successor(context, user, user.company_id):
        return None
    with without_limit(context.session):
        what = _what_is_left(context, user, user.company_id)
    if not what:
        return None
    return Conflict(
        say(
            "Nobody else who can sign in is an owner of your company, and it still has %(what)s. Make a"
            " colleague an owner first.",
            what=what,
        ),
        code="last_owner",
    )


def remove_own(context: ServiceContext, user: User, *, email: str, password: str) -> None:
    """Commits. Raises Invalid, TooMany, Conflict; nothing is changed then."""
    _check_obstacle(context, user)
    if normal_email(email) != user.email:
        raise Invalid(say("This is not the address of your account."), field="email", code="email_wrong")
    check_own_password(context, user, password, refusal=say("This is not your password."))
    _remove(context, user, by_company="")


def get_removable_colleague(context: ServiceContext, user_id: int, *, company_id: int, by: User) -> User:
    """Raises NotFound, Conflict, and Forbidden for somebody who may do more."""
    user = take_colleague(context, user_id, company_id, by)
    if user.id == by.id:
        raise Conflict("Remove your own account on its page.", code="own_account")
    if user.is_active:
        raise Conflict("Disable this person first.", code="colleague_active")
    check_not_by_operator(context, user)  # the address would be free for an invitation
    return user


def remove_colleague(context: ServiceContext, user_id: int, *, company_id: int, by: User) -> None:
    """Somebody who is disabled. Commits. Raises NotFound, Conflict, Forbidden."""
    user = get_removable_colleague(context, user_id, company_id=company_id, by=by)
    name = context.session.scalars(select(Company.name).where(Company.id == company_id)).one()
    _remove(context, user, by_company=name)


def _remove(context: ServiceContext, user: User, *, by_company: str) -> None:
    if user.company_id is not None:
        take_turns(context.session, f"colleagues of {user.company_id}")
    # So that no change of the address comes after it.
    take_turns(context.session, f"address of {user.id}")
    _lock(context, user)
    _check_obstacle(context, user)
    with without_limit(context.session):
        if user.company_id is not None and not _has_active_colleague(context, user, user.company_id):
            _close_company(context, user.company_id)
        erase(context, user, by_company=by_company)
    context.session.commit()
    notify_sender(context)


def _check_obstacle(context: ServiceContext, user: User) -> None:
    found = find_obstacle(context, user)
    if found is not None:
        context.session.rollback()  # the page that shows the reason must not hold the write lock
        raise found


def _lock(context: ServiceContext, user: User) -> None:
    """The person, and the applications: nobody orders a desktop for them meanwhile. Raises NotFound."""
    still = select(User.id).where(User.id == user.id, User.removed_at.is_(None)).with_for_update()
    if context.session.scalar(still) is None:
        context.session.rollback()
        raise NotFound(say("This account was removed already."))
    context.session.refresh(user, ["email", "name", "company_role"])
    own = select(Application.id).where(Application.seeker_id == user.id).order_by(Application.id)
    context.session.execute(own.with_for_update()).all()


def _has_successor(context: ServiceContext, user: User, company_id: int) -> bool:
    """Of an owner another owner, of anybody else anybody."""
    active = _colleagues(user, company_id).where(User.is_active)
    if user.company_role is CompanyRole.OWNER:
        active = active.where(User.company_role == CompanyRole.OWNER)
    return _is_there(context, active)


def _has_active_colleague(context: ServiceContext, user: User, company_id: int) -> bool:
    return _is_there(context, _colleagues(user, company_id).where(User.is_active))


def _what_is_left(context: ServiceContext, user: User, company_id: int) -> str:
    """What somebody must be there for; empty if nothing."""
    desktops = select(Workspace.id).where(Workspace.company_id == company_id, IS_LISTED)
    applications = select(Application.id).where(Application.company_id == company_id)
    left = {
        say("cloud accounts"): select(CloudCredential.id).where(CloudCredential.company_id == company_id),
        say("desktops"): desktops.where(Workspace.phase != Phase.GONE),
        say("colleagues"): _colleagues(user, company_id),
        say("applicants"): applications.where(Application.status != ApplicationStatus.REJECTED),
    }
    return listed(name for name, ids in left.items() if _is_there(context, ids))


def _colleagues(user: User, company_id: int) -> Select[int]:
    """The others who were not removed."""
    others = select(User.id).where(User.company_id == company_id, User.role == Role.PROVIDER)
    return others.where(User.id != user.id, User.removed_at.is_(None))


def _is_there(context: ServiceContext, ids: Select[int]) -> bool:
    return context.session.scalar(ids.limit(1)) is not None


def _close_company(context: ServiceContext, company_id: int) -> None:
    """Nobody would read an application, or expect who accepts an invitation."""
    withdraw_invitations(context, company_id)
    postings = update(JobPosting).where(JobPosting.company_id == company_id)
    context.session.execute(postings.values(status=JobPostingStatus.CLOSED))
