"""Who cannot be invited, to what contract, and who may not change an invitation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.domain.errors import Conflict, Forbidden
from webapp.domain.permissions import Permission, is_within
from webapp.domain.roles import ApplicationStatus, CompanyRole, Role
from webapp.models import Application, Company, Invitation, InvitationKind, JobPosting, User
from webapp.queries.people import find_unproven
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import check_not_over, defaults_of
from webapp.services.people import is_address

OTHER_ACCOUNT = "other_account"


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    message: str


def refusal_of(
    context: ServiceContext, email: str, company: Company, posting: JobPosting | None
) -> Refusal | None:
    """Why the person with this address cannot be invited."""
    if not is_address(email):
        return Refusal("invalid", "This is not an e-mail address.")
    user = context.session.scalar(select(User).where(User.email == email))
    if user is None:
        return None
    if posting is None and user.company_id == company.id:
        return Refusal("already_colleague", "Is a colleague already.")
    is_mailed = context.settings.mail.is_set_up
    if posting is None and is_mailed and find_unproven(context.session, email) is not None:
        return None  # it makes way for whoever accepts
    if posting is None or user.role is not Role.SEEKER:
        return Refusal(OTHER_ACCOUNT, "Has another account in Berth.")
    applied = select(Application.status).where(
        Application.job_posting_id == posting.id, Application.seeker_id == user.id
    )
    if context.session.scalar(applied) is ApplicationStatus.APPROVED:
        return Refusal("application_exists", "Is approved for this job already: change the contract instead.")
    return None


def check_may_change(invitation: Invitation, held: frozenset[Permission]) -> None:
    """Raise Forbidden for whoever may do less than the invitation gives, or may not invite people so."""
    needed = Permission.HIRE
    if invitation.kind is InvitationKind.COLLEAGUE:
        needed = Permission.MANAGE_PEOPLE
        if not is_within(invitation.company_role or CompanyRole.OWNER, held):
            raise Forbidden(
                "This person is invited with a role that allows more than yours. Ask an owner.",
                code="role_too_high",
            )
    if needed not in held:
        raise Forbidden("Your role does not allow this.")


def check_contract(context: ServiceContext, invitation: Invitation, *, now: datetime) -> None:
    """Raise Conflict if accepting a hire's invitation now would give a contract that has ended."""
    if invitation.job_posting is None:
        return
    if invitation.window is None:
        with context.session.no_autoflush:  # a new invitation is not whole yet
            defaults = defaults_of(context, invitation.job_posting)
        check_not_over(defaults, now=now)
    elif invitation.window.is_over(now):
        raise Conflict(
            "The contract of this invitation has ended. Invite the person again with another end.",
            code="contract_ended",
        )
