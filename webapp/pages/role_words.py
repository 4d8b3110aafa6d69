"""The roles in a company, in words, and those that somebody may give."""

from typing import Any

from webapp.domain.permissions import is_within
from webapp.domain.roles import CompanyRole
from webapp.models import User
from webapp.pages.fields import choice

ROLE_WORDS = {
    CompanyRole.OWNER: ("Owner", "everything"),
    CompanyRole.MANAGER: ("Manager", "everything but owners"),
    CompanyRole.RECRUITER: ("Recruiter", "jobs, applicants, and desktops for them; ends none"),
    CompanyRole.FINANCE: ("Finance", "costs and budgets alone"),
    CompanyRole.AUDITOR: ("Auditor", "reads everything, changes nothing"),
}


def role_name(role: CompanyRole | None) -> str:
    return ROLE_WORDS[role][0] if role is not None else ""


def choices_of_roles(giver: User) -> list[Any]:
    """Roles that allow nothing more than the giver's, each with what it is for."""
    given = (role for role in CompanyRole if is_within(role, giver.permissions))
    return [choice(role, ": ".join(ROLE_WORDS[role])) for role in given]
