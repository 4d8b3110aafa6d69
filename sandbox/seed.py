"""The demo's data in Berth's own database: `python -m sandbox.seed PASSWORD_FILE`, with Berth's environment.

The file has the password of the demo's people; if it is missing, a new password is written to it.

Adds a company, its people and job postings, and credentials for the simulated clouds, through the product's
own services. This is the only module of the sandbox that imports the product.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from sandbox import demo as aws
from sandbox import demo_azure as azure
from webapp import logging as berth_logging
from webapp.config import Settings
from webapp.database import make_engine
from webapp.domain.clock import SystemClock
from webapp.domain.demo_people import DEMO_PEOPLE
from webapp.domain.errors import AppError
from webapp.domain.roles import ApplicationStatus, Role
from webapp.models import Company, JobPosting, User
from webapp.queueing import RedisNotifier
from webapp.services import applications, credentials, job_postings, people
from webapp.services.context import ServiceContext
from webapp.vault.box import Sealer


def _offered(who: str) -> tuple[str, str]:
    """Name and address of one whom the sign-in page offers."""
    return DEMO_PEOPLE[who].name, DEMO_PEOPLE[who].email


COMPANY = "Harbour Analytics"
PROVIDER = _offered("provider")
SEEKERS = (
    _offered("seeker"),
    ("Mina Park", "mina@demo.example"),
    ("Leo Brandt", "leo@demo.example"),
    ("Aisha Khan", "aisha@demo.example"),
)
NEWCOMER = ("Nora Lind", "nora@demo.example")
"""Whom no directory of the demo knows: her order makes the user, or waits for it."""
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

AWS_FIELDS = {
    "region": aws.DEMO_REGION,
    "directory_id": aws.DEMO_DIRECTORY_ID,
    "access_key_id": aws.DEMO_ACCESS_KEY_ID,
    "secret_access_key": aws.DEMO_SECRET_ACCESS_KEY,
}
AZURE_FIELDS = {
    "tenant_id": azure.DEMO_TENANT_ID,
    "client_id": azure.DEMO_CLIENT_ID,
    "client_secret": azure.DEMO_CLIENT_SECRET,
    "subscription_id": azure.DEMO_SUBSCRIPTION_ID,
    "resource_group": azure.DEMO_RESOURCE_GROUP,
    "host_pool": azure.DEMO_HOST_POOL,
    "location": azure.DEMO_LOCATION,
    "subnet_id": azure.DEMO_SUBNET_ID,
}


def seed(context: ServiceContext, *, password: str) -> Iterator[str]:
    """Create the demo's data unless it exists already. Yields the lines that say how to sign in."""
    if context.session.scalar(select(Company.id).where(Company.name == COMPANY)) is None:
        _make_everything(context, password)
    yield f"Job provider: {PROVIDER[1]}  password: {password}"
    yield f"Job seeker:   {SEEKERS[0][1]}  password: {password}"


def _make_everything(context: ServiceContext, password: str) -> None:
    provider = people.add_user(
        context,
        email=PROVIDER[1],
        role=Role.PROVIDER,
        password=password,
        company_name=COMPANY,
        name=PROVIDER[0],
    )
    if provider.company_id is None:
        raise RuntimeError("a provider always has a company")
    seekers = [
        people.add_user(
            context, email=email, role=Role.SEEKER, password=password, company_name=None, name=name
        )
        for name, email in (*SEEKERS, NEWCOMER)
    ]
    postings = [
        job_postings.open_posting(
            context, company_id=provider.company_id, title=title, location=location, description=description
        )
        for title, location, description in POSTINGS
    ]
    _apply(context, postings, seekers, provider)
    _connect_sandboxes(context, provider.company_id)


def _connect_sandboxes(context: ServiceContext, company_id: int) -> None:
    """Only where a simulated cloud runs: the demo's keys mean nothing to the real ones."""
    for cloud, name, fields in (
        ("aws", "Demo Amazon (sandbox)", AWS_FIELDS),
        ("azure", "Demo Azure (sandbox)", AZURE_FIELDS),
    ):
        if context.settings.endpoint_of(cloud) is not None:
            credentials.create_credential(
                context, company_id=company_id, name=name, cloud_provider=cloud, fields=fields
            )


def _apply(context: ServiceContext, postings: list[JobPosting], seekers: list[User], provider: User) -> None:
    """Five applications: four wait for a decision, one is approved but has no desktop yet."""
    analyst, support = postings
    made = [
        applications.apply(context, posting.id, seeker_id=seeker.id, message=message)
        for posting, seeker, message in (
            (analyst, seekers[0], "I have five years of SQL behind me and love maps."),
            (analyst, seekers[1], "Python is my daily tool; I can start next week."),
            (support, seekers[2], "I answer the hard tickets."),
            (support, seekers[3], "I speak four languages."),
            (support, seekers[4], "It would be my first job from home."),
        )
    ]
    applications.decide(
        context,
        made[1].id,
        company_id=analyst.company_id,
        decided_by_id=provider.id,
        status=ApplicationStatus.APPROVED,
    )


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m sandbox.seed PASSWORD_FILE", file=sys.stderr)
        return 2
    settings = Settings.from_env()
    if settings.is_production:
        return _fail("The demo is not for production.")
    password = _password_in(Path(arguments[0]))
    berth_logging.configure(settings.log_level)
    database = make_engine(settings.database_url)
    try:
        with Session(database, expire_on_commit=False) as session:
            context = ServiceContext(
                session=session,
                clock=SystemClock(),
                notifier=RedisNotifier(settings.redis_url),
                settings=settings,
                sealer=Sealer(settings.credential_public_key),
            )
            for line in seed(context, password=password):
                print(line)
    except AppError as error:
        return _fail(error.message)
    finally:
        database.dispose()
    return 0


def _password_in(path: Path) -> str:
    """Of this installation alone: what is printed in a public README would open every demo."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"demo-{secrets.token_hex(6)}\n")
    return path.read_text().strip()


def _fail(reason: str) -> int:
    print(f"Error: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
