"""Companies: their names, of which no new one looks like another."""

from sqlalchemy import select

from webapp.database import take_turns
from webapp.domain.company_names import look_of
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.plain_text import honest_name
from webapp.domain.sentences import say
from webapp.models import Company
from webapp.services.context import ServiceContext


def ensure_company(context: ServiceContext, name: str) -> int:
    known = context.session.scalar(select(Company.id).where(Company.name == company_name_of(name)))
    return add_company(context, name) if known is None else known


def add_company(context: ServiceContext, name: str, *, grace_days: int = 0) -> int:
    """In the caller's transaction. Raises Invalid, and Conflict for a name that looks like another's."""
    shown_name = company_name_of(name)
    take_turns(context.session, "names of companies")
    alike = select(Company.id).where(Company.look == look_of(shown_name)).limit(1)
    if context.session.scalar(alike) is not None:
        context.session.rollback()
        raise Conflict(
            say(
                "A company with this name, or one that looks like it, already has an account."
                " Ask a colleague to add you."
            ),
            code="company_exists",
            field="company_name",
        )
    company = Company(name=shown_name, created_at=context.clock.now(), grace_days=grace_days)
    context.session.add(company)
    context.session.flush()
    return company.id


def company_name_of(text: str) -> str:
    name = honest_name(text)
    if not name:
        raise Invalid(say("Enter the name of your company."), field="company_name")
    return name
