"""Who a person is to Berth."""

from enum import StrEnum


class Role(StrEnum):
    PROVIDER = "provider"
    """Works for a company that hires: owns credentials, approves, orders desktops."""
    SEEKER = "seeker"
    """Applies for jobs and uses the desktop."""
    ADMIN = "admin"
    """Operates the installation."""


class ApplicationStatus(StrEnum):
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


class JobPostingStatus(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
