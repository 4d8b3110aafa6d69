"""Who a person is to Berth, and to a company."""

from enum import StrEnum


class Role(StrEnum):
    PROVIDER = "provider"
    """Works for a company that hires; what exactly this person may do, says the role in the company."""
    SEEKER = "seeker"
    """Applies for jobs and uses the desktop."""
    ADMIN = "admin"
    """Operates the installation."""


class CompanyRole(StrEnum):
    """What a provider may do there is in `permissions.py`."""

    OWNER = "owner"
    MANAGER = "manager"
    RECRUITER = "recruiter"
    FINANCE = "finance"
    AUDITOR = "auditor"


class ApplicationStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class JobPostingStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
