"""Job postings: opened, changed and closed by their company."""

from webapp.domain.roles import JobPostingStatus
from webapp.models import JobPosting
from webapp.queries import job_postings as queries
from webapp.services.doors import Doors


def open_posting(doors: Doors, *, company_id: int, title: str, location: str, description: str) -> JobPosting:
    posting = JobPosting(
        company_id=company_id,
        title=title.strip(),
        location=location.strip(),
        description=description.strip(),
        status=JobPostingStatus.OPEN,
        created_at=doors.clock.now(),
    )
    doors.session.add(posting)
    doors.session.commit()
    return posting


def change_posting(
    doors: Doors, posting_id: int, *, company_id: int, title: str, location: str, description: str
) -> JobPosting:
    """Raises NotFound."""
    posting = queries.get_posting(doors.session, posting_id, company_id=company_id)
    posting.title, posting.location, posting.description = (
        title.strip(),
        location.strip(),
        description.strip(),
    )
    doors.session.commit()
    return posting


def set_posting_status(
    doors: Doors, posting_id: int, *, company_id: int, status: JobPostingStatus
) -> JobPosting:
    """Open or close; closing ends new applications, not the existing ones. Raises NotFound."""
    posting = queries.get_posting(doors.session, posting_id, company_id=company_id)
    posting.status = status
    doors.session.commit()
    return posting
