"""The demo's company, people, jobs and credential; its cloud is the sandbox."""

from collections.abc import Iterator

from sqlalchemy import select

from sandbox import demo as sandbox
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Company, JobPosting, User
from webapp.services import applications, credentials, job_postings, people
from webapp.services.doors import Doors

COMPANY = "Harbour Analytics"
PASSWORD = "berth-demo-desk"
PROVIDER = ("Pia Lund", "provider@demo.example")
SEEKERS = (
    ("Sam Okafor", "seeker@demo.example"),
    ("Mina Park", "mina@demo.example"),
    ("Leo Brandt", "leo@demo.example"),
    ("Aisha Khan", "aisha@demo.example"),
)
POSTINGS = (
    (
        "Data analyst",
        "Remote (Europe)",
        "Answer questions about shipping with SQL and Python. You work on a cloud desktop that we give you "
        "on your first day; your own computer only shows it.",
    ),
    (
        "Support engineer",
        "Remote (worldwide)",
        "Help our customers with their dashboards. You get an Ubuntu cloud desktop with every tool on it.",
    ),
)


def seed(doors: Doors) -> Iterator[str]:
    """Make what is missing; the lines say how to sign in."""
    if doors.session.scalar(select(Company.id).where(Company.name == COMPANY)) is None:
        _make_everything(doors)
    yield f"Job provider: {PROVIDER[1]}  password: {PASSWORD}"
    yield f"Job seeker:   {SEEKERS[0][1]}  password: {PASSWORD}"


def _make_everything(doors: Doors) -> None:
    provider = people.add_user(
        doors,
        email=PROVIDER[1],
        role=Role.PROVIDER,
        password=PASSWORD,
        company_name=COMPANY,
        name=PROVIDER[0],
    )
    if provider.company_id is None:
        raise RuntimeError("a provider always has a company")
    seekers = [
        people.add_user(doors, email=email, role=Role.SEEKER, password=PASSWORD, company_name=None, name=name)
        for name, email in SEEKERS
    ]
    postings = [
        job_postings.open_posting(
            doors, company_id=provider.company_id, title=title, location=location, description=description
        )
        for title, location, description in POSTINGS
    ]
    _apply(doors, postings, seekers, provider)
    if doors.settings.uses_sandbox:  # its key means nothing to the real cloud
        _connect_sandbox(doors, provider.company_id)


def _connect_sandbox(doors: Doors, company_id: int) -> None:
    credentials.create_credential(
        doors,
        company_id=company_id,
        name="Demo cloud (sandbox)",
        cloud_provider="aws",
        fields={
            "region": sandbox.DEMO_REGION,
            "directory_id": sandbox.DEMO_DIRECTORY_ID,
            "access_key_id": sandbox.DEMO_ACCESS_KEY_ID,
            "secret_access_key": sandbox.DEMO_SECRET_ACCESS_KEY,
        },
    )


def _apply(doors: Doors, postings: list[JobPosting], seekers: list[User], provider: User) -> None:
    """Three applications wait for a decision, one is approved and waits for its desktop."""
    analyst, support = postings
    made = [
        applications.apply(doors, posting.id, seeker_id=seeker.id, message=message)
        for posting, seeker, message in (
            (analyst, seekers[0], "I have five years of SQL behind me and love maps."),
            (analyst, seekers[1], "Python is my daily tool; I can start next week."),
            (support, seekers[2], "I answer the hard tickets."),
            (support, seekers[3], "I speak four languages."),
        )
    ]
    applications.decide(
        doors,
        made[1].id,
        company_id=analyst.company_id,
        decided_by_id=provider.id,
        status=ApplicationStatus.APPROVED,
    )
