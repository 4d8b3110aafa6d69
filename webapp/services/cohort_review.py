"""A group order before it is made: who would get what, and with which user name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.domain.costs.rates import Rates
from webapp.domain.errors import Invalid
from webapp.domain.name_patterns import pattern_problem
from webapp.models import CloudCredential, Profile
from webapp.providers.registry import get_provider
from webapp.services.by_profile import ByProfile
from webapp.services.cohort_plan import Entry, plan
from webapp.services.cohorts import CohortRequest
from webapp.services.context import ServiceContext
from webapp.services.directory_users import check_creatable
from webapp.services.orders import OrderRequest, fitting_bundle, usable_credential
from webapp.services.planned_rows import PlannedRow
from webapp.services.prices import bundle_rates, price_columns
from webapp.services.profiled_cohorts import get_chosen


@dataclass(frozen=True, slots=True)
class Review:
    rows: list[PlannedRow]
    """What would happen to each, in order."""
    credential: CloudCredential
    bundle: dict[str, Any]
    rates: Rates | None
    """Of one desktop; None: not known."""
    profile: Profile | None
    """By which it would be ordered."""


def review(
    context: ServiceContext,
    request: CohortRequest,
    entries: Sequence[Entry],
    *,
    pattern: str,
    company_id: int,
) -> Review:
    """Changes nothing. Without a pattern the profile's is used, or the directory's own.

    Raises Invalid, Conflict, Unavailable for what is wrong with all of them.
    """
    profile = None
    if request.profile_id is not None:
        about = {"company_id": company_id, "version": request.profile_version}
        profile = get_chosen(context, request.profile_id, **about)
    sample = OrderRequest(0, request.credential_id, request.workspace_type, request.bundle_id, "")
    credential = usable_credential(context, sample, company_id)
    bundle = fitting_bundle(context, sample, credential)
    check_creatable(credential, is_asked=any(one.is_new_user for one in entries))
    [rates] = bundle_rates(context, credential, [bundle]).values()
    if profile is not None:
        priced = price_columns(rates)
        ByProfile.of(profile, None).check_price(priced["month_price_minor"], priced["price_currency"])
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)
    pattern = pattern or (profile and profile.username_pattern) or usernames.pattern
    if problem := pattern_problem(pattern):
        raise Invalid(problem, field="username_pattern")
    rows = plan(
        context, entries, pattern=pattern, credential=credential, company_id=company_id, profile=profile
    )
    return Review(rows, credential, bundle, rates, profile)


def as_reviewed(entries: Sequence[Entry], rows: Sequence[PlannedRow]) -> list[Entry]:
    """The same people with the user names of the review: what `order_cohort` takes."""
    return [
        Entry(
            row.application_id,
            "" if row.application_id else entry.words,
            row.username,
            is_new_user=row.is_new_user,
            window=entry.window,
            window_problem=entry.window_problem,
            typed=entry.typed,
        )
        for entry, row in zip(entries, rows, strict=True)
    ]
