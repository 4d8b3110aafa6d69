"""The contract defaults of a job posting: set by its company, and taken over with an approval."""

from dataclasses import replace
from datetime import datetime

from webapp.domain.contract_defaults import MOST_DAYS, ContractDefaults
from webapp.domain.errors import Conflict, Invalid
from webapp.domain.hours.week import Hours
from webapp.domain.windows import Window, window_between
from webapp.models import Application, JobPosting
from webapp.models.default_contract import DefaultContract
from webapp.queries import job_postings as queries
from webapp.queries.profiles import find_profile
from webapp.services.context import ServiceContext

FIELDS = {"starts_at": "default_starts_at", "ends_at": "default_ends_at", "window_zone": "default_zone"}
"""By their names in a window."""


def set_defaults(
    context: ServiceContext, posting_id: int, defaults: ContractDefaults, *, company_id: int
) -> JobPosting:
    """For whoever is approved from now on: contracts that are there stay. Raises NotFound, Invalid."""
    posting = queries.get_posting(context.session, posting_id, company_id=company_id)
    take_defaults(posting, defaults, now=context.clock.now())
    context.session.commit()
    return posting


def take_defaults(owner: DefaultContract, defaults: ContractDefaults, *, now: datetime) -> None:
    """To a job posting or a profile, in the caller's transaction. Raises Invalid."""
    try:
        window = window_between(defaults.starts_at, defaults.ends_at, defaults.zone or "UTC")
    except Invalid as refused:
        refused.field = FIELDS.get(refused.field or "", refused.field)
        raise
    if window.ends_at is not None and window.ends_at != owner.default_ends_at and window.ends_at <= now:
        raise Invalid("The end must be in the future.", code="window_invalid", field="default_ends_at")
    if defaults.days is not None and not 1 <= defaults.days <= MOST_DAYS:
        raise Invalid(f"Enter a number of days from 1 to {MOST_DAYS}.", field="default_days")
    owner.contract_defaults = replace(
        defaults,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        zone=defaults.zone if defaults.is_empty else window.zone,
        in_own_zone=defaults.in_own_zone and defaults.hours is not None,
    )


def window_by(defaults: ContractDefaults, *, now: datetime) -> Window | None:
    """Of whoever is approved now; None: they say nothing. Raises Conflict, if its end has passed."""
    check_not_over(defaults, now=now)
    return defaults.window(now)


def check_not_over(defaults: ContractDefaults, *, now: datetime) -> None:
    """Raises Conflict."""
    if defaults.is_over(now):
        raise Conflict(
            "The end that this job gives to contracts has passed. Change it on the job’s page first.",
            code="default_end_passed",
        )


def defaults_of_posting(context: ServiceContext, posting_id: int, *, company_id: int) -> ContractDefaults:
    """Raises NotFound."""
    posting = queries.get_posting(context.session, posting_id, company_id=company_id)
    return defaults_of(context, posting)


def hours_by(application: Application, defaults: ContractDefaults) -> Hours | None:
    """In which the desktop of this contract would run, if it were ordered with these defaults."""
    own = application.has_own_hours
    return application.hours if own else defaults.hours_of(application.seeker.time_zone)


def defaults_of(context: ServiceContext, posting: JobPosting) -> ContractDefaults:
    """The posting's own; those of its profile, window or hours, where it has none."""
    own = posting.contract_defaults
    if posting.profile_id is None or not (own.is_empty or own.hours is None):
        return own
    profile = find_profile(context.session, posting.profile_id, company_id=posting.company_id)
    return own if profile is None else own.or_else(profile.contract_defaults)
