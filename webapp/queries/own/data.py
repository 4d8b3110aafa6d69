"""Everything that Berth keeps about one person, for that person: no secret, no hash, nobody else's data.

Every part names its columns, so that nothing gets in that was not meant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.models import (
    AccountLink,
    ApiToken,
    Application,
    AuthenticatorApp,
    CalendarFeed,
    Company,
    EmailChange,
    Identity,
    IdentityProvider,
    Invitation,
    JobPosting,
    Mail,
    Passkey,
    RecoveryCode,
    User,
    UserPosting,
    UserSession,
)
from webapp.queries.own.desktops import COMPANY, JOB, Parts, desktops_of
from webapp.queries.own.records import of_records
from webapp.queries.own.work import of_company, of_trail
from webapp.queries.posting_limit import without_limit

AnySession = Session | scoped_session[Session]
Row = Mapping[str, object]
MOST_ROWS = 1000
"""Of each part, the newest."""


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one kind."""

    rows: Sequence[Row]
    more: int
    """So many older ones are kept, and not shown."""


def read_own_data(session: AnySession, user: User) -> dict[str, Part]:
    """By the name of the part; at most MOST_ROWS rows each. Of whoever is limited to some postings, too."""
    with without_limit(session):
        return {name: _part(session, rows) for parts in _PARTS for name, rows in parts(user)}


def _part(session: AnySession, query: Select[*tuple[Any, ...]]) -> Part:
    rows = [dict(row) for row in session.execute(query.limit(MOST_ROWS)).mappings()]
    if len(rows) < MOST_ROWS:
        return Part(rows, 0)
    count = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return Part(rows, max(count - MOST_ROWS, 0))


def _of_account(user: User) -> Parts:
    yield (
        "account",
        select(
            User.id,
            User.name,
            User.email,
            User.role,
            User.company_role,
            Company.name.label("company"),
            User.is_active,
            User.language,
            User.time_zone,
            User.wants_digest,
            User.digest_on,
            User.created_at,
        )
        .outerjoin(Company, Company.id == User.company_id)
        .where(User.id == user.id),
    )
    yield (
        "limited_to",
        select(JOB)
        .join(UserPosting, UserPosting.job_posting_id == JobPosting.id)
        .where(UserPosting.user_id == user.id)
        .order_by(JobPosting.id.desc()),
    )
    yield (
        "requested_addresses",
        select(
            EmailChange.new_email,
            EmailChange.made_at,
            EmailChange.expires_at,
            EmailChange.old_confirmed_at,
            EmailChange.new_confirmed_at,
        ).where(EmailChange.user_id == user.id),
    )


def _of_second_factor(user: User) -> Parts:
    unused = select(func.count()).where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    yield (
        "second_factor",
        select(
            AuthenticatorApp.made_at.label("begun_at"),
            AuthenticatorApp.confirmed_at.label("set_up_at"),
            unused.scalar_subquery().label("recovery_codes_left"),
        ).where(AuthenticatorApp.user_id == user.id),
    )
    yield (
        "passkeys",
        select(Passkey.name, Passkey.host, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.user_id == user.id)
        .order_by(Passkey.id.desc()),
    )


def _of_access(user: User) -> Parts:
    yield (
        "sessions",
        select(
            UserSession.browser,
            UserSession.address,
            UserSession.created_at,
            UserSession.last_seen_at,
            UserSession.expires_at,
        )
        .where(UserSession.user_id == user.id)
        .order_by(UserSession.id.desc()),
    )
    yield (
        "api_tokens",
        select(
            ApiToken.name,
            ApiToken.prefix,
            ApiToken.scopes,
            ApiToken.company_role,
            ApiToken.created_at,
            ApiToken.expires_at,
            ApiToken.last_used_at,
            ApiToken.revoked_at,
        )
        .where(ApiToken.user_id == user.id)
        .order_by(ApiToken.id.desc()),
    )
    yield (
        "calendar",
        select(CalendarFeed.made_at, CalendarFeed.last_used_at).where(CalendarFeed.user_id == user.id),
    )
    yield (
        "links",
        select(AccountLink.purpose, AccountLink.made_at, AccountLink.expires_at, AccountLink.used_at)
        .where(AccountLink.user_id == user.id)
        .order_by(AccountLink.id.desc()),
    )


def _of_single_sign_on(user: User) -> Parts:
    own = select(Identity.issuer, Identity.subject, Identity.linked_at).where(Identity.user_id == user.id)
    yield "company_sign_in", own.order_by(Identity.id.desc())
    yield (
        "emergency_way",
        select(IdentityProvider.issuer).where(IdentityProvider.emergency_user_id == user.id),
    )


def _of_mails(user: User) -> Parts:
    # An invitation may have been written to before there was an account.
    is_own = or_(Mail.user_id == user.id, (Mail.address == user.email) & Mail.user_id.is_(None))
    yield (
        "mails",
        select(Mail.kind, Mail.address, Mail.created_at, Mail.sent_at, Mail.gave_up_at)
        .where(is_own)
        .order_by(Mail.id.desc()),
    )


def _of_hiring(user: User) -> Parts:
    yield (
        "applications",
        select(
            Application.id,
            COMPANY,
            JOB,
            Application.message,
            Application.status,
            Application.created_at,
            Application.decided_at,
            Application.starts_at,
            Application.ends_at,
            *(Application.window_zone, Application.hours_json.label("hours")),
            Application.has_default_window,
        )
        .join(Company, Company.id == Application.company_id)
        .join(JobPosting, JobPosting.id == Application.job_posting_id)
        .where(Application.seeker_id == user.id)
        .order_by(Application.id.desc()),
    )
    yield (
        "invitations",
        select(
            COMPANY,
            Invitation.kind,
            JOB,
            Invitation.email,
            Invitation.name,
            Invitation.made_at,
            Invitation.expires_at,
            Invitation.opened_at,
            Invitation.accepted_at,
            Invitation.revoked_at,
        )
        .join(Company, Company.id == Invitation.company_id)
        .outerjoin(JobPosting, JobPosting.id == Invitation.job_posting_id)
        .where(or_(Invitation.accepted_by_id == user.id, Invitation.email == user.email))
        .order_by(Invitation.id.desc()),
    )


_PARTS = (
    _of_account,
    _of_second_factor,
    _of_single_sign_on,
    _of_access,
    _of_mails,
    _of_hiring,
    desktops_of,
    of_company,
    of_records,
    of_trail,
)
