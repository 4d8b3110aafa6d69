"""How long a company keeps desktops that are terminated, or whose contract has ended."""

from webapp.domain.access import MOST_GRACE_DAYS
from webapp.domain.errors import Invalid
from webapp.models import Company
from webapp.services.context import ServiceContext


def set_grace(context: ServiceContext, *, company_id: int, grace_days: int, contract_grace_days: int) -> None:
    """For what is terminated or ends from now on; what is kept already keeps its time. Raises Invalid."""
    for field, days in (("grace_days", grace_days), ("contract_grace_days", contract_grace_days)):
        if not 0 <= days <= MOST_GRACE_DAYS:
            raise Invalid(f"Enter a number of days from 0 to {MOST_GRACE_DAYS}.", field=field)
    company = context.session.get_one(Company, company_id)
    company.grace_days, company.contract_grace_days = grace_days, contract_grace_days
    context.session.commit()
