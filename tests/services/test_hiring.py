"""Job postings and applications: inside one company, decided once."""

import pytest

from webapp.domain.errors import Conflict, NotFound
from webapp.domain.roles import ApplicationStatus, JobPostingStatus
from webapp.models import Application, JobPosting, User
from webapp.services import applications, job_postings
from webapp.services.context import ServiceContext


def _company(user: User) -> int:
    assert user.company_id is not None
    return user.company_id


@pytest.fixture
def posting(office: ServiceContext, provider: User) -> JobPosting:
    return job_postings.open_posting(
        office, company_id=_company(provider), title=" Analyst ", location="", description="Work."
    )


@pytest.fixture
def application(office: ServiceContext, posting: JobPosting, seeker: User) -> Application:
    return applications.apply(office, posting.id, seeker_id=seeker.id, message=" Hello ")


def _decide(
    office: ServiceContext, application: Application, user: User, status: ApplicationStatus
) -> Application:
    return applications.decide(
        office, application.id, company_id=_company(user), decided_by_id=user.id, status=status
    )


def test_texts_are_stored_without_outer_spaces(posting: JobPosting, application: Application) -> None:
    assert (posting.title, application.message) == ("Analyst", "Hello")


def test_another_company_can_neither_change_nor_close_a_posting(
    office: ServiceContext, posting: JobPosting, other_provider: User
) -> None:
    with pytest.raises(NotFound):
        job_postings.change_posting(
            office,
            posting.id,
            company_id=_company(other_provider),
            title="x",
            location="",
            description="",
            profile_id=None,
        )
    with pytest.raises(NotFound):
        job_postings.set_posting_status(
            office, posting.id, company_id=_company(other_provider), status=JobPostingStatus.CLOSED
        )

    assert (posting.title, posting.status) == ("Analyst", JobPostingStatus.OPEN)


def test_a_closed_job_takes_no_applications_and_keeps_those_it_has(
    office: ServiceContext, posting: JobPosting, application: Application, provider: User, seeker: User
) -> None:
    job_postings.set_posting_status(
        office, posting.id, company_id=_company(provider), status=JobPostingStatus.CLOSED
    )

    with pytest.raises((Conflict, NotFound)):
        applications.apply(office, posting.id, seeker_id=provider.id, message="")
    assert _decide(office, application, provider, ApplicationStatus.APPROVED).status == "approved"


def test_a_job_that_was_opened_again_takes_applications(
    office: ServiceContext, posting: JobPosting, provider: User, seeker: User
) -> None:
    for status in (JobPostingStatus.CLOSED, JobPostingStatus.OPEN):
        job_postings.set_posting_status(office, posting.id, company_id=_company(provider), status=status)

    assert applications.apply(office, posting.id, seeker_id=seeker.id, message="").id


def test_a_person_applies_once(office: ServiceContext, posting: JobPosting, application: Application) -> None:
    with pytest.raises(Conflict) as caught:
        applications.apply(office, posting.id, seeker_id=application.seeker_id, message="again")

    assert caught.value.code == "already_applied"


def test_nobody_applies_for_a_job_that_does_not_exist(office: ServiceContext, seeker: User) -> None:
    with pytest.raises(NotFound):
        applications.apply(office, 4711, seeker_id=seeker.id, message="")


@pytest.mark.parametrize("status", [ApplicationStatus.APPROVED, ApplicationStatus.REJECTED])
def test_deciding_the_same_twice_is_harmless(
    office: ServiceContext, application: Application, provider: User, status: ApplicationStatus
) -> None:
    first = _decide(office, application, provider, status).decided_at

    again = _decide(office, application, provider, status)

    assert (again.status, again.decided_at, again.decided_by_id) == (status, first, provider.id)


def test_a_decision_is_not_turned_round(
    office: ServiceContext, application: Application, provider: User
) -> None:
    _decide(office, application, provider, ApplicationStatus.APPROVED)

    with pytest.raises(Conflict) as caught:
        _decide(office, application, provider, ApplicationStatus.REJECTED)

    assert caught.value.code == "already_decided"
    assert application.status is ApplicationStatus.APPROVED


def test_another_company_cannot_decide(
    office: ServiceContext, application: Application, other_provider: User
) -> None:
    with pytest.raises(NotFound):
        _decide(office, application, other_provider, ApplicationStatus.APPROVED)

    assert application.status is ApplicationStatus.SUBMITTED
