"""The company of the month: two accounts, a profile for each job, warm pools, and people who have applied."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session, sessionmaker

from sandbox import demo, demo_azure
from tests.desk import make_settings
from tests.month.drivers import FACTS, Factory
from tests.month.machines import AMAZON, AZURE, Clouds, Kind
from tests.month.people import Job, Person
from tests.month.timeline import START, Timeline
from tests.month.workers import Workers
from webapp.clouds.base import Bundle
from webapp.config import Settings
from webapp.domain.actor import Actor
from webapp.domain.hours.reading import TypedHours
from webapp.domain.hours.week import Hours
from webapp.domain.roles import CompanyRole, Role
from webapp.domain.windows import Window
from webapp.engine.context import Engine
from webapp.engine.limiter import LocalLimiter
from webapp.models import (
    Application,
    CloudCredential,
    Company,
    CredentialStatus,
    Inquiry,
    InquiryKind,
    JobPosting,
    User,
)
from webapp.providers.registry import get_provider
from webapp.services.context import ServiceContext
from webapp.services.pools import PoolRequest, set_pool
from webapp.services.profiles import ProfileRequest, create_profile
from webapp.vault.box import Opener, Sealer

AMAZON_ID, AZURE_ID = 1, 2
BROKEN = "broken"
"""A size of which no desktop ever comes up; a pool of it is set all the same."""
BUNDLES = {Job.AMAZON: "wsb-1", Job.POOLED: "az-pooled", Job.PLAIN: "az-plain"}
POOL_HOURS = ("Europe/Berlin", "3:30-22")
"""When people are hired, in the three zones together."""


@dataclass(frozen=True, slots=True)
class PoolSize:
    floor: int
    ceiling: int


@dataclass(frozen=True, slots=True)
class Looks:
    """How often, in seconds."""

    poll_s: int
    """At what is under way."""
    rest_s: int
    """At a settled desktop."""
    connections_s: int


@dataclass
class Opened:
    """What a month stands on, and whoever presses something in it."""

    settings: Settings
    engine: Engine
    timeline: Timeline
    clouds: Clouds
    workers: Workers
    company_id: int
    actor: Actor
    postings: dict[Job, int]
    applications: dict[int, int]
    """By the number of the person."""

    @contextmanager
    def context(self) -> Iterator[ServiceContext]:
        """Of one press."""
        sealer = Sealer(self.settings.credential_public_key)
        with self.engine.sessions() as session:
            yield ServiceContext(session, self.timeline, self.workers, self.settings, sealer)

    def press(self, do: Callable[[ServiceContext], object]) -> None:
        """Somebody presses something now; an entry point may wait, too."""

        def work() -> None:
            with self.context() as context:
                do(context)

        self.timeline.start(work)


def open_company(
    database: Database,
    url: str,
    people: Iterable[Person],
    clouds: Clouds,
    *,
    workers: Workers,
    pool: PoolSize | None,
    looks: Looks,
) -> Opened:
    """In an empty, migrated database."""
    timeline = clouds.timeline
    settings = make_settings(
        url,
        poll_interval_s=looks.poll_s,
        observe_interval_s=looks.rest_s,
        inventory_interval_s=max(2 * looks.rest_s, 900),
        connections_interval_s=looks.connections_s,
    )
    kinds = {AMAZON_ID: AMAZON, AZURE_ID: AZURE}
    for number, kind in kinds.items():
        clouds.add(_account_id(number), kind)
    clouds.broken_bundles.add(BROKEN)
    workers.engine = engine = Engine(
        sessions=sessionmaker(database, expire_on_commit=False),
        clock=timeline,
        limiter=LocalLimiter(timeline),
        notifier=workers,
        settings=settings,
        opener=Opener(settings.credential_private_keys),
        webhook_opener=Opener(settings.webhook_private_keys),
        drivers={kind.key: Factory(clouds, kind, bundles_of(kind)) for kind in kinds.values()},
        rng=clouds.rng,
    )
    with engine.sessions.begin() as session:
        company_id, provider_id = _add_company(session, settings, kinds)
    actor = Actor("pia@ours.example", user_id=provider_id)
    company = Opened(settings, engine, timeline, clouds, workers, company_id, actor, {}, {})
    with company.context() as context:
        _add_jobs(context, company)
        _set_pools(context, company, pool)
    with engine.sessions.begin() as session:
        _add_people(session, company, people)
    return company


def bundles_of(kind: Kind) -> list[Bundle]:
    names = [BUNDLES[Job.AMAZON]] if kind is AMAZON else [BUNDLES[Job.POOLED], BUNDLES[Job.PLAIN], BROKEN]
    system = "Ubuntu 22.04" if kind is AMAZON else "Windows 11"
    return [
        Bundle(
            bundle_id=name,
            name=name,
            description="",
            owner="amazon",
            compute_type="STANDARD",
            vcpus=2,
            memory_gib=4,
            root_storage_gib=80,
            user_storage_gib=50,
            operating_system=system,
            workspace_type=_type_of(kind),
        )
        for name in names
    ]


def _type_of(kind: Kind) -> str:
    return "ubuntu" if kind is AMAZON else "windows"


def _account_id(number: int) -> str:
    return demo.DEMO_ACCOUNT_ID if number == AMAZON_ID else demo_azure.DEMO_SUBSCRIPTION_ID


def _fields(number: int) -> dict[str, str]:
    if number == AMAZON_ID:
        fields = {"region": demo.DEMO_REGION, "directory_id": demo.DEMO_DIRECTORY_ID}
        return fields | {"access_key_id": demo.DEMO_ACCESS_KEY_ID}
    return {
        "tenant_id": demo_azure.DEMO_TENANT_ID,
        "client_id": demo_azure.DEMO_CLIENT_ID,
        "subscription_id": demo_azure.DEMO_SUBSCRIPTION_ID,
        "resource_group": demo_azure.DEMO_RESOURCE_GROUP,
        "host_pool": demo_azure.DEMO_HOST_POOL,
        "location": demo_azure.DEMO_LOCATION,
        "subnet_id": demo_azure.DEMO_SUBNET_ID,
    }


def _add_company(session: Session, settings: Settings, kinds: dict[int, Kind]) -> tuple[int, int]:
    company = Company(name="Ours", created_at=START)
    session.add(company)
    session.flush()
    provider = User(
        email="pia@ours.example",
        name="Pia",
        password_hash="none",
        role=Role.PROVIDER,
        company_id=company.id,
        company_role=CompanyRole.OWNER,
        created_at=START,
    )
    session.add(provider)
    sealer = Sealer(settings.credential_public_key)
    for number, kind in kinds.items():
        _add_account(session, company.id, number, kind, sealer)
    session.flush()
    return company.id, provider.id


def _add_account(session: Session, company_id: int, number: int, kind: Kind, sealer: Sealer) -> None:
    account = CloudCredential(
        id=number,
        uid=f"{number:032d}",
        company_id=company_id,
        name=kind.key,
        cloud_provider=kind.key,
        auth_kind=get_provider(kind.key).fields.auth_kind,
        public_fields=_fields(number),
        sealed_secret="",
        secret_set_at=START,
        secret_version=1,
        verified_version=1,
        account_id=_account_id(number),
        status=CredentialStatus.OK,
        observed=dataclasses.asdict(FACTS),
        created_at=START,
        updated_at=START,
    )
    account.sealed_secret = sealer.seal("any", bound_to=account.secret_binding)
    session.add(account)
    answer = {"bundles": [dataclasses.asdict(one) for one in bundles_of(kind)]}
    about = {"credential_id": number, "kind": InquiryKind.LIST_BUNDLES, "answer": answer}
    session.add(Inquiry(**about, asked_at=START, answered_at=START, answer_at=START))


def _add_jobs(context: ServiceContext, company: Opened) -> None:
    for job, bundle_id in BUNDLES.items():
        is_amazon = job is Job.AMAZON
        request = ProfileRequest(
            name=job,
            cloud_credential_id=AMAZON_ID if is_amazon else AZURE_ID,
            workspace_type=_type_of(AMAZON if is_amazon else AZURE),
            bundle_id=bundle_id,
            username_pattern="{mailbox}" if is_amazon else "{email}",
            orders_on_approval=True,
        )
        profile = create_profile(context, request, company_id=company.company_id)
        posting = JobPosting(
            company_id=company.company_id, title=job, description="", profile_id=profile.id, created_at=START
        )
        context.session.add(posting)
        context.session.commit()
        company.postings[job] = posting.id


def _set_pools(context: ServiceContext, company: Opened, pool: PoolSize | None) -> None:
    about = {"company_id": company.company_id}
    zone, span = POOL_HOURS
    hours = TypedHours(zone, span).read().hours
    if pool is not None:
        set_pool(context, AZURE_ID, _request(BUNDLES[Job.POOLED], pool, hours), **about)
    set_pool(context, AZURE_ID, _request(BROKEN, PoolSize(2, 4), None), **about)


def _request(bundle_id: str, pool: PoolSize, hours: Hours | None) -> PoolRequest:
    return PoolRequest(bundle_id, pool.floor, pool.ceiling, waits_running=True, hours=hours)


def _add_people(session: Session, company: Opened, people: Iterable[Person]) -> None:
    """They have applied, and their contracts are written."""
    for one in people:
        seeker = User(
            email=f"{one.mailbox}@people.example",
            name=f"Person {one.number}",
            password_hash="none",
            role=Role.SEEKER,
            created_at=START,
        )
        session.add(seeker)
        session.flush()
        application = Application(
            company_id=company.company_id,
            job_posting_id=company.postings[one.job],
            seeker_id=seeker.id,
            message="",
            created_at=START,
        )
        window = Window(one.starts_at, one.ends_at, one.hours.zone)
        if not window.is_open:
            application.take_window(window, at=START)
        application.take_hours(one.hours, at=START)
        session.add(application)
        session.flush()
        company.applications[one.number] = application.id
