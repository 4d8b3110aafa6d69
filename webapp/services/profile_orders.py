"""Orders by the profile of a job posting: with one press, or with the approval alone. No form.

An approval notes in its own transaction that it orders (`approvals.note_orders`), and the order follows as a
transaction of its own. So a refused order leaves the approval as it is, with the reason beside it, and one
that a crash has cut off is still seen as due. Why so: docs/decisions/profiles.md.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from webapp.domain.actor import Actor
from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.costs.rates import Rates
from webapp.domain.errors import AppError, Conflict, Invalid, Unavailable
from webapp.domain.hours.week import Hours
from webapp.domain.permissions import Permission
from webapp.models import Application, CloudCredential, JobPosting, Profile, User, UserPosting, Workspace
from webapp.providers.registry import get_provider
from webapp.queries import applications, credentials, profiles, workspaces
from webapp.services.approvals import note_due
from webapp.services.by_profile import ByProfile
from webapp.services.cohort_plan import Entry, plan
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import defaults_of, hours_by
from webapp.services.inquiries import known_bundles_of
from webapp.services.orders import OrderRequest, order_workspace, usable_credential
from webapp.services.planned_rows import PlannedRow
from webapp.services.prices import bundle_rates


@dataclass(frozen=True, slots=True)
class Offer:
    """What one press orders for people of a job posting, as a page shows it before."""

    profile: Profile
    credential: CloudCredential | None
    """None: it was deleted, so nothing can be ordered."""
    rates: Rates | None
    """By the newest list of sizes; None: not known."""
    planned: Mapping[int, PlannedRow]
    """By application: the user name, or why nothing would be ordered."""
    defaults: ContractDefaults
    """Of the job, and of the profile where the job says nothing."""

    def hours_of(self, application: Application) -> Hours | None:
        """In which its desktop would run."""
        return hours_by(application, self.defaults)


def offer_of(
    context: ServiceContext, posting: JobPosting, application_ids: Collection[int], *, company_id: int
) -> Offer | None:
    """None if the posting gives no profile. Reads only, asks no cloud; a constant number of queries."""
    profile = _profile_of(context, posting, company_id)
    if profile is None:
        return None
    defaults = posting.contract_defaults.or_else(profile.contract_defaults)
    credential = credentials.find_credential(context.session, profile.credential_id, company_id=company_id)
    if credential is None:
        return Offer(profile, None, None, {}, defaults)
    known = known_bundles_of(context, credential_id=credential.id) or []
    chosen = [one for one in known if one["bundle_id"] == profile.bundle_id]
    rates = bundle_rates(context, credential, chosen).get(profile.bundle_id) if chosen else None
    planned = _planned(context, profile, credential, application_ids)
    return Offer(profile, credential, rates, planned, defaults)


def order_by_profile(
    context: ServiceContext, application_id: int, *, company_id: int, actor: Actor, version: int | None = None
) -> Workspace:
    """What the profile of its job gives, ordered by all rules of an order. Commits.

    `version`: of the profile whose price was shown. Raises NotFound, Conflict (`no_profile`,
    `profile_changed`, `workspace_kept`, `profile_cap_reached`, and those of an order), Invalid, Unavailable.
    """
    application = applications.get_application(context.session, application_id, company_id=company_id)
    profile = _current_profile(context, application.job_posting, company_id, version)
    defaults = defaults_of(context, application.job_posting)
    by_profile = ByProfile.of(profile, hours_by(application, defaults))
    request = _request(context, application, profile, company_id)
    return order_workspace(context, request, company_id=company_id, actor=actor, by_profile=by_profile)


def order_many(
    context: ServiceContext,
    posting: JobPosting,
    application_ids: Sequence[int],
    *,
    company_id: int,
    actor: Actor,
    version: int,
) -> None:
    """With one press for all of them who have no desktop; a refusal is kept with its application. Commits.

    `version`: of the profile whose price was shown. Raises Conflict (`no_profile`, `profile_changed`).
    """
    _current_profile(context, posting, company_id, version)
    note_due(context, application_ids, company_id=company_id, posting_id=posting.id)
    context.session.commit()
    order_due(context, application_ids, company_id=company_id, order_as=actor, version=version)


def order_due(
    context: ServiceContext,
    application_ids: Collection[int],
    *,
    company_id: int,
    order_as: Actor | None,
    version: int | None = None,
) -> None:
    """For those of them whose approval orders. Commits each; a refusal is kept with its application.

    `order_as`: who orders; with None the noted orders stay due. `version`: of the profile whose price was
    shown; what is not ordered before somebody changes it is refused. Safe to repeat. Raises no AppError.
    """
    if order_as is None:
        return
    due = select(Application.id).where(
        Application.id.in_(application_ids),
        Application.company_id == company_id,
        Application.order_due_at.is_not(None),
    )
    trouble: AppError | None = None
    found = context.session.scalars(due.order_by(Application.id)).all()
    context.session.commit()
    for application_id in found:
        try:
            if trouble is not None:
                raise trouble
            order_by_profile(context, application_id, company_id=company_id, actor=order_as, version=version)
        except AppError as refused:
            # A cloud that does not answer is not asked again for each of the others.
            trouble = refused if isinstance(refused, Unavailable) else None
            _keep_refusal(context, application_id, refused)


def orderer_of(context: ServiceContext, user_id: int, posting: JobPosting) -> Actor | None:
    """Whose invitation was accepted, if this person may order for the job by now; else None."""
    user = context.session.get(User, user_id)
    if user is None or not user.is_active or user.company_id != posting.company_id:
        return None
    if Permission.ORDER not in user.permissions:
        return None
    if user.is_limited_to_postings:
        own = select(UserPosting).where(
            UserPosting.user_id == user.id, UserPosting.job_posting_id == posting.id
        )
        if context.session.scalar(own) is None:
            return None
    return Actor(user.email, user_id=user.id)


def _current_profile(
    context: ServiceContext, posting: JobPosting, company_id: int, version: int | None
) -> Profile:
    """Raises Conflict."""
    profile = _profile_of(context, posting, company_id)
    if profile is None:
        raise Conflict("This job gives no profile. Order on the order page.", code="no_profile")
    if version not in (None, profile.version):
        raise Conflict(
            "The profile was changed a moment ago. Look at what it gives now, and order again.",
            code="profile_changed",
        )
    return profile


def _profile_of(context: ServiceContext, posting: JobPosting, company_id: int) -> Profile | None:
    if posting.profile_id is None:
        return None
    found = profiles.find_profile(context.session, posting.profile_id, company_id=company_id)
    return None if found is None or found.archived_at is not None else found


def _request(
    context: ServiceContext, application: Application, profile: Profile, company_id: int
) -> OrderRequest:
    """Raises Invalid, Conflict."""
    kept = workspaces.list_kept_by_person(context.session, [application.seeker_id], company_id=company_id)
    if kept:
        raise Conflict(
            "This person still has a desktop of another contract. Give it back, or order another one on the"
            " order page.",
            code="workspace_kept",
            extra={"workspace_id": kept[application.seeker_id].id},
        )
    sample = OrderRequest(0, profile.credential_id, profile.workspace_type, profile.bundle_id, "")
    credential = usable_credential(context, sample, company_id)
    row = _planned(context, profile, credential, [application.id])[application.id]
    if row.code is not None:
        refused = Invalid if row.code == "username_invalid" else Conflict
        raise refused(row.message or row.code, code=row.code)
    return OrderRequest(
        application_id=application.id,
        cloud_credential_id=profile.credential_id,
        workspace_type=profile.workspace_type,
        bundle_id=profile.bundle_id,
        username=row.username,
        create_user=profile.creates_user,
        in_time=True,
    )


def _planned(
    context: ServiceContext, profile: Profile, credential: CloudCredential, application_ids: Collection[int]
) -> dict[int, PlannedRow]:
    """As a group order would name them, by application."""
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)
    entries = [Entry(one, is_new_user=profile.creates_user) for one in application_ids]
    pattern = profile.username_pattern or usernames.pattern
    rows = plan(context, entries, pattern=pattern, credential=credential, company_id=profile.company_id)
    return dict(zip(application_ids, rows, strict=True))


def _keep_refusal(context: ServiceContext, application_id: int, refused: AppError) -> None:
    """Who looks at the application sees why; nothing is due any more. Not if there is a desktop by now."""
    context.session.rollback()
    is_served = refused.code == "workspace_exists"
    context.session.execute(
        update(Application)
        .where(Application.id == application_id, Application.order_due_at.is_not(None))
        .values(
            order_due_at=None,
            order_refusal_code=None if is_served else refused.code,
            order_refusal=None if is_served else refused.message[:300],
        )
        .execution_options(synchronize_session=False)
    )
    context.session.commit()
