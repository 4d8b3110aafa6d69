"""Job postings: opened, changed and closed by their company."""

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.errors import Invalid
from webapp.domain.plain_text import honest_name, plain
from webapp.domain.roles import JobPostingStatus
from webapp.models import JobPosting, User, UserPosting
from webapp.queries import job_postings as queries
from webapp.services.all_or_nothing import all_or_nothing
from webapp.services.context import ServiceContext
from webapp.services.contract_defaults import take_defaults
from webapp.services.profiles import usable_profile


def open_posting(
    context: ServiceContext,
    *,
    company_id: int,
    title: str,
    location: str,
    description: str,
    by: User | None = None,
    defaults: ContractDefaults | None = None,
    profile_id: int | None = None,
) -> JobPosting:
    """With `by`, who is limited to some job postings sees this one too. Raises Invalid."""
    posting = JobPosting(
        company_id=company_id,
        title=_title(title),
        location=location.strip(),
        description=_description(description),
        status=JobPostingStatus.OPEN,
        created_at=context.clock.now(),
    )
    take_defaults(posting, defaults or ContractDefaults(), now=context.clock.now())
    with all_or_nothing(context):
        _give_profile(context, posting, profile_id)
    context.session.add(posting)
    if by is not None and by.is_limited_to_postings:
        context.session.flush()
        context.session.add(UserPosting(user_id=by.id, job_posting_id=posting.id))
    context.session.commit()
    return posting


def change_posting(
    context: ServiceContext,
    posting_id: int,
    *,
    company_id: int,
    title: str,
    location: str,
    description: str,
    profile_id: int | None,
    defaults: ContractDefaults | None = None,
) -> JobPosting:
    """Without `defaults` these stay. Another profile counts for whoever is ordered for from now on.

    Raises NotFound, Invalid.
    """
    posting = queries.get_posting(context.session, posting_id, company_id=company_id)
    with all_or_nothing(context):
        if defaults is not None:
            take_defaults(posting, defaults, now=context.clock.now())
        posting.title, posting.location, posting.description = (
            _title(title),
            location.strip(),
            _description(description),
        )
        _give_profile(context, posting, profile_id)
    context.session.commit()
    return posting


def set_posting_status(
    context: ServiceContext, posting_id: int, *, company_id: int, status: JobPostingStatus
) -> JobPosting:
    """Open or close; closing ends new applications, not the existing ones. Raises NotFound."""
    posting = queries.get_posting(context.session, posting_id, company_id=company_id)
    posting.status = status
    context.session.commit()
    return posting


def _give_profile(context: ServiceContext, posting: JobPosting, profile_id: int | None) -> None:
    """Or none. Raises Invalid, if it is another one that nothing can be ordered with."""
    if profile_id is not None and profile_id != posting.profile_id:
        profile_id = usable_profile(context, profile_id, company_id=posting.company_id).id
    posting.profile_id = profile_id


def _title(text: str) -> str:
    if not plain(text):
        raise Invalid("Enter a job title.", field="title")
    return honest_name(text)


def _description(text: str) -> str:
    if not plain(text):
        raise Invalid("Describe the job in a few sentences.", field="description")
    return text.strip()
