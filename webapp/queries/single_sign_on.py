"""What is read about single sign-on: a company's issuer and domains, and who has the emergency way in."""

from collections.abc import Sequence

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload, scoped_session

from webapp.domain.errors import NotFound
from webapp.domain.roles import CompanyRole
from webapp.models import CompanyDomain, Identity, IdentityProvider, User


def find_provider(session: Session | scoped_session[Session], *, company_id: int) -> IdentityProvider | None:
    """With its company and the owner who has the emergency way in."""
    return session.scalar(
        select(IdentityProvider)
        .options(joinedload(IdentityProvider.company), joinedload(IdentityProvider.emergency_user))
        .where(IdentityProvider.company_id == company_id)
        .execution_options(populate_existing=True)
    )


def find_provider_of_domain(
    session: Session | scoped_session[Session], domain: str
) -> IdentityProvider | None:
    """Of the company that has proven this domain."""
    return session.scalar(
        select(IdentityProvider)
        .join(CompanyDomain, CompanyDomain.company_id == IdentityProvider.company_id)
        .where(CompanyDomain.domain == domain, CompanyDomain.verified_at.is_not(None))
    )


def has_proven(session: Session | scoped_session[Session], domain: str, *, company_id: int) -> bool:
    proven = exists().where(
        CompanyDomain.company_id == company_id,
        CompanyDomain.domain == domain,
        CompanyDomain.verified_at.is_not(None),
    )
    return bool(session.scalar(select(proven)))


def find_identity(
    session: Session | scoped_session[Session], *, issuer: str, subject: str
) -> Identity | None:
    """With its person."""
    return session.scalar(
        select(Identity)
        .options(joinedload(Identity.user))
        .where(Identity.issuer == issuer, Identity.subject == subject)
        .execution_options(populate_existing=True)
    )


def is_demanded_of(session: Session | scoped_session[Session], user: User) -> bool:
    """Must the person sign in by the company's issuer?"""
    provider = IdentityProvider
    demanded = exists().where(
        provider.company_id == user.company_id,
        provider.is_demanded,
        provider.emergency_user_id != user.id,
    )
    return user.company_id is not None and bool(session.scalar(select(demanded)))


def has_emergency_way(session: Session | scoped_session[Session], user: User) -> bool:
    """Is the person the one who gets in when the issuer fails?"""
    named = exists().where(IdentityProvider.emergency_user_id == user.id)
    return bool(session.scalar(select(named)))


def list_domains(session: Session | scoped_session[Session], *, company_id: int) -> Sequence[CompanyDomain]:
    own = select(CompanyDomain).where(CompanyDomain.company_id == company_id)
    return session.scalars(own.order_by(CompanyDomain.domain, CompanyDomain.id)).all()


def get_domain(
    session: Session | scoped_session[Session], domain_id: int, *, company_id: int
) -> CompanyDomain:
    """Raises NotFound."""
    found = session.scalar(
        select(CompanyDomain).where(CompanyDomain.id == domain_id, CompanyDomain.company_id == company_id)
    )
    if found is None:
        raise NotFound("Domain not found.")
    return found


def list_owners(session: Session | scoped_session[Session], *, company_id: int) -> Sequence[User]:
    """Those who may sign in."""
    owners = select(User).where(
        User.company_id == company_id, User.company_role == CompanyRole.OWNER, User.is_active
    )
    return session.scalars(owners.order_by(User.name, User.id)).all()
