"""Who must have a second factor: whom a company demands it of, operators in production, or everybody.

Two come in without one: whoever uses single sign-on (the issuer asks for it), and programs by their tokens.
"""

from enum import StrEnum

from webapp.domain.roles import Role
from webapp.models import User
from webapp.services.context import ServiceContext


class Demand(StrEnum):
    """Who demands it; whoever can end the demand."""

    COMPANY = "company"
    INSTALLATION = "installation"


def demand_on(context: ServiceContext, user: User) -> Demand | None:
    """Who demands a second factor of this person, who was loaded with the company; None: nobody.

    An operator may disable every company, so production always demands one; the demo asks for nothing.
    """
    settings = context.settings
    is_real_operator = user.role is Role.ADMIN and settings.is_production
    if settings.second_factor_for == "everybody" or is_real_operator:
        return Demand.INSTALLATION
    return Demand.COMPANY if user.company is not None and user.company.needs_second_factor else None
