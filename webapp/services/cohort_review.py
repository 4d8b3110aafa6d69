"""A group order before it is made: who would get what, and with which user name."""

from collections.abc import Sequence

from webapp.domain.errors import Invalid
from webapp.domain.name_patterns import pattern_problem
from webapp.providers.registry import get_provider
from webapp.services.cohort_plan import Entry, plan
from webapp.services.cohorts import CohortRequest
from webapp.services.context import ServiceContext
from webapp.services.directory_users import check_creatable
from webapp.services.orders import OrderRequest, fitting_bundle, usable_credential
from webapp.services.planned_rows import PlannedRow


def review(
    context: ServiceContext,
    request: CohortRequest,
    entries: Sequence[Entry],
    *,
    pattern: str,
    company_id: int,
) -> list[PlannedRow]:
    """What would happen to each, in order; changes nothing. Without a pattern the directory's own is used.

    Raises Invalid, Conflict, Unavailable for what is wrong with all of them.
    """
    sample = OrderRequest(0, request.credential_id, request.workspace_type, request.bundle_id, "")
    credential = usable_credential(context, sample, company_id)
    fitting_bundle(context, sample, credential)
    check_creatable(credential, is_asked=any(one.is_new_user for one in entries))
    usernames = get_provider(credential.cloud_provider).usernames.of_directory(credential.observed)
    pattern = pattern or usernames.pattern
    if problem := pattern_problem(pattern):
        raise Invalid(problem, field="username_pattern")
    return plan(context, entries, pattern=pattern, credential=credential, company_id=company_id)


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
