"""Profiles of a company: made, changed, archived, and given to job postings."""

from dataclasses import dataclass, replace

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.costs.money import Money, is_currency
from webapp.domain.disk_snapshots import SnapshotPolicy
from webapp.domain.errors import Conflict, Invalid, PreconditionFailed
from webapp.domain.name_patterns import pattern_problem
from webapp.domain.plain_text import honest_name, plain
from webapp.models import CloudCredential, JobPosting, Profile
from webapp.models.profile import LONGEST_NAME
from webapp.queries import credentials
from webapp.queries import profiles as queries
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.budgets import LARGEST_AMOUNT
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import take_defaults
from webapp.services.directory_users import check_creatable
from webapp.services.orders import OrderRequest, fitting_bundle, usable_credential


@dataclass(frozen=True, slots=True)
class ProfileRequest:
    """What a person fills in."""

    name: str
    cloud_credential_id: int
    workspace_type: str
    bundle_id: str
    create_user: bool = False
    username_pattern: str | None = None
    """Of `domain.name_patterns`; None or empty: the usual one of the directory."""
    month_cap: Money | None = None
    """The most that a month of one desktop may cost."""
    defaults: ContractDefaults = ContractDefaults()
    orders_on_approval: bool = False
    snapshots: SnapshotPolicy | None = None
    """How many snapshots of their disks are kept; None: as many as the cloud account says."""

    @property
    def desktop(self) -> tuple[int, str, str]:
        return self.cloud_credential_id, self.workspace_type, self.bundle_id

    @classmethod
    def of(cls, row: Profile) -> "ProfileRequest":
        return cls(
            name=row.name,
            cloud_credential_id=row.credential_id,
            workspace_type=row.workspace_type,
            bundle_id=row.bundle_id,
            create_user=row.creates_user,
            username_pattern=row.username_pattern,
            month_cap=row.month_cap,
            defaults=row.contract_defaults,
            orders_on_approval=row.orders_on_approval,
            snapshots=row.snapshots,
        )


def create_profile(context: ServiceContext, request: ProfileRequest, *, company_id: int) -> Profile:
    """Its size is one that the cloud offers now. Commits.

    Raises Invalid, Conflict (`name_taken`, `credential_not_usable`), Unavailable.
    """
    request = _checked(request)
    now = context.clock.now()
    with all_or_nothing(context):
        bundle_name = _check_desktop(context, request, company_id)
        profile = Profile(company_id=company_id, created_at=now, updated_at=now, version=1, desktop_version=1)
        _write(context, profile, request, bundle_name)
    context.session.add(profile)
    _commit(context)
    return profile


def change_profile(
    context: ServiceContext,
    profile_id: int,
    request: ProfileRequest,
    *,
    company_id: int,
    version: int | None = None,
) -> Profile:
    """For whatever is ordered from now on: a change is a new version, what changes nothing is none. Commits.

    The cloud is asked about the size only where that is another one. Raises NotFound, Invalid, Unavailable,
    Conflict (`name_taken`, `profile_archived`, `credential_not_usable`), PreconditionFailed.
    """
    request = _checked(request)
    before = ProfileRequest.of(queries.get_profile(context.session, profile_id, company_id=company_id))
    with all_or_nothing(context):
        bundle_name = None
        if request.desktop != before.desktop:
            bundle_name = _check_desktop(context, request, company_id)
        elif request.create_user and not before.create_user:
            check_creatable(_credential(context, request, company_id), is_asked=True)
        profile = _lock(context, profile_id, company_id, version)
        if ProfileRequest.of(profile) != before:
            raise Conflict("Somebody changed this profile at the same moment. Try again.", code="conflict")
        _write(context, profile, request, bundle_name or profile.bundle_name)
        after = ProfileRequest.of(profile)
    if after != before:
        profile.version += 1
        profile.updated_at = context.clock.now()
        if (after.desktop, after.defaults) != (before.desktop, before.defaults):
            profile.desktop_version = profile.version
    _commit(context)
    return profile


def archive_profile(
    context: ServiceContext, profile_id: int, *, company_id: int, version: int | None = None
) -> Profile:
    """Nothing is ordered with it any more, and no job posting gives it; desktops stay. Safe to repeat.

    Commits. Raises NotFound, PreconditionFailed.
    """
    profile = queries.get_profile(context.session, profile_id, company_id=company_id, is_locked=True)
    _check_version(context, profile, version)
    if profile.archived_at is None:
        profile.archived_at = profile.updated_at = context.clock.now()
        own = update(JobPosting).where(JobPosting.profile_id == profile.id)
        context.session.execute(own.values(profile_id=None))
    context.session.commit()
    return profile


def usable_profile(context: ServiceContext, profile_id: int, *, company_id: int) -> Profile:
    """To give it to a job posting; it is not archived before the commit. Raises Invalid."""
    profile = queries.find_profile(context.session, profile_id, company_id=company_id, is_locked=True)
    if profile is None or profile.archived_at is not None:
        raise Invalid("Profile not found.", code="profile_not_found", field="profile_id")
    return profile


def _checked(request: ProfileRequest) -> ProfileRequest:
    """What can be said without the database. Raises Invalid."""
    name = honest_name(plain(request.name))[:LONGEST_NAME]
    if not name:
        raise Invalid("Enter a name for the profile.", field="name")
    pattern = plain(request.username_pattern or "") or None
    if pattern is not None and (problem := pattern_problem(pattern)):
        raise Invalid(problem, field="username_pattern")
    if pattern is not None and "{number}" in pattern:
        raise Invalid(
            "A profile names one person at a time, so {number} would always be 1. Leave it out.",
            field="username_pattern",
        )
    cap = request.month_cap
    if cap is not None and not is_currency(cap.currency):
        raise Invalid("Enter a currency code of three letters, such as USD.", field="cap_currency")
    if cap is not None and not 0 < cap.amount_minor <= LARGEST_AMOUNT:
        raise Invalid("Enter an amount above zero that is not astronomical.", field="month_cap_minor")
    problem = None if request.snapshots is None else request.snapshots.problem()
    if problem is not None:
        raise Invalid(problem[1], field=f"snapshots.{problem[0]}")
    return replace(request, name=name, username_pattern=pattern)


def _check_desktop(context: ServiceContext, request: ProfileRequest, company_id: int) -> str:
    """By the rules of an order; the name of its size. Raises Invalid, Conflict, Unavailable."""
    sample = OrderRequest(0, *request.desktop, username="")
    credential = usable_credential(context, sample, company_id)
    check_creatable(credential, is_asked=request.create_user)
    return str(fitting_bundle(context, sample, credential)["name"])[:160]


def _credential(context: ServiceContext, request: ProfileRequest, company_id: int) -> CloudCredential:
    """Raises Invalid."""
    found = credentials.find_credential(context.session, request.cloud_credential_id, company_id=company_id)
    if found is None:
        raise Invalid("Cloud account not found.", code="credential_not_found", field="cloud_credential_id")
    return found


def _write(context: ServiceContext, profile: Profile, request: ProfileRequest, bundle_name: str) -> None:
    """Raises Invalid."""
    take_defaults(profile, request.defaults, now=context.clock.now())
    profile.name, profile.bundle_name = request.name, bundle_name
    profile.credential_id, profile.workspace_type, profile.bundle_id = request.desktop
    profile.creates_user, profile.username_pattern = request.create_user, request.username_pattern
    cap = request.month_cap
    profile.month_cap_minor = None if cap is None else cap.amount_minor
    profile.cap_currency = None if cap is None else cap.currency
    profile.orders_on_approval, profile.snapshots = request.orders_on_approval, request.snapshots


def _lock(context: ServiceContext, profile_id: int, company_id: int, version: int | None) -> Profile:
    profile = queries.get_profile(context.session, profile_id, company_id=company_id, is_locked=True)
    _check_version(context, profile, version)
    if profile.archived_at is not None:
        raise Conflict("This profile was archived, so it can no longer be changed.", code="profile_archived")
    return profile


def _check_version(context: ServiceContext, profile: Profile, version: int | None) -> None:
    if version not in (None, profile.version):
        context.session.rollback()
        raise PreconditionFailed()


def _commit(context: ServiceContext) -> None:
    try:
        context.session.commit()
    except IntegrityError:
        context.session.rollback()
        raise Conflict(
            "Another profile of your company has this name.", code="name_taken", field="name"
        ) from None
