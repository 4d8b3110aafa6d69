"""What a page reads does not grow with the company; the figures for 100,000 are those of `bench.reads`."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, case, cast, func, insert, literal, select, update
from sqlalchemy.orm import sessionmaker

from tests.api.world import START
from tests.apps import replace_database
from tests.scale.company import BIG, POLLS, BigCompany, first_of, open_company, pages_of
from tests.servers.postgres import PostgresCluster
from webapp.database import UtcDateTime
from webapp.domain.costs.budgets import Subject
from webapp.domain.lifecycle import Desired, Phase
from webapp.domain.roles import ApplicationStatus, Role
from webapp.engine.tallies import add_up
from webapp.extensions import db
from webapp.models import Application, JobPosting, User, Workspace
from webapp.queries.budgets import list_budgets, read_spending
from webapp.queries.live_sums import count_live

FEW, MANY = 1_000, 3_000
"""As many as a list counts and shows, so that only what grows makes a difference."""
MOST_GROWTH = {
    "start": 1.3,
    "desktop": 1.3,
    "order form": 1.3,
    "webhooks": 1.3,
    "deliveries": 1.3,
}
"""Of the pages that show the same however large the company is."""
OF_A_LIST = 2.0
MOST_ROWS_OF_A_POLL = 20
MOST_BYTES = 150_000


@pytest.fixture(scope="session")
def both_sizes(
    migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BigCompany, BigCompany]]:
    folder = tmp_path_factory.mktemp("large")
    made = []
    for size in (FEW, MANY):
        replace_database(migrated_sqlite, folder / f"{size}.sqlite3")
        made.append(open_company(f"sqlite:///{folder}/{size}.sqlite3", size=size, has_costs=True))
        _give_contracts(made[-1])
        _add_leavers(made[-1], size)
        _add_unserved(made[-1], size)
    yield made[0], made[1]
    for one in made:
        one.close()


def _give_contracts(company: BigCompany) -> None:
    """To everybody; as many end soon in a small company as in a large one."""
    now = START
    ends_soon = Workspace.id <= first_of(BIG) + FEW // 2
    ends_at = case((ends_soon, now + timedelta(days=3)), else_=now + timedelta(days=90))
    with company.app.app_context():
        db.session.execute(update(Workspace).values(starts_at=now - timedelta(days=90), ends_at=ends_at))
        db.session.commit()


def _add_leavers(company: BigCompany, number: int) -> None:
    """Contracts of a former job, which are over and whose desktops are gone for long: so many."""
    now, world = START, company.world
    with company.app.app_context():
        former = JobPosting(company_id=world.company_id, title="Former", description="", created_at=now)
        db.session.add(former)
        db.session.flush()
        columns = {
            "company_id": Application.company_id,
            "job_posting_id": literal(former.id),
            "seeker_id": Application.seeker_id,
            "message": literal(""),
            "status": Application.status,
            "decided_at": Application.decided_at,
            "created_at": Application.created_at,
            "ends_at": literal(now - timedelta(days=30), UtcDateTime()),
        }
        hired = select(*columns.values()).where(
            Application.company_id == world.company_id, Application.status == ApplicationStatus.APPROVED
        )
        one_each = hired.group_by(Application.seeker_id).limit(number)
        db.session.execute(insert(Application).from_select(list(columns), one_each))
        assert db.session.scalar(select(func.count()).where(Application.job_posting_id == former.id)) > 900
        db.session.commit()
        add_up(sessionmaker(db.engine), today=START.date())


def _add_unserved(company: BigCompany, number: int) -> None:
    """More people who are approved and have no desktop than a page counts: so many and a tenth."""
    world = company.world
    with company.app.app_context():
        job = JobPosting(company_id=world.company_id, title="Waiting", description="", created_at=START)
        db.session.add(job)
        db.session.flush()
        people = select(User.id).where(User.role == Role.SEEKER).limit(number + number // 10).subquery()
        columns = {
            "company_id": literal(world.company_id),
            "job_posting_id": literal(job.id),
            "seeker_id": people.c.id,
            "message": literal(""),
            "status": literal(ApplicationStatus.APPROVED, Application.status.type),
            "decided_at": literal(START, UtcDateTime()),
            "created_at": literal(START, UtcDateTime()),
        }
        db.session.execute(insert(Application).from_select(list(columns), select(*columns.values())))
        db.session.commit()
        add_up(sessionmaker(db.engine), today=START.date())


def test_no_page_costs_more_because_there_is_more(both_sizes: tuple[BigCompany, BigCompany]) -> None:
    small, large = both_sizes
    grown = {}
    for (name, few), many in zip(pages_of(small, FEW).items(), pages_of(large, MANY).values(), strict=True):
        if name.startswith("sort -"):
            continue
        before, (after, weight, _) = small.read(few, times=1)[0], large.read(many, times=1)
        if after > before * MOST_GROWTH.get(name, OF_A_LIST) or weight > MOST_BYTES:
            grown[name] = (before, after, weight)

    assert grown == {}


def test_a_job_costs_no_more_because_more_people_applied(both_sizes: tuple[BigCompany, BigCompany]) -> None:
    before, after = (company.read(f"/jobs/{_waiting_job(company)}/", times=1)[0] for company in both_sizes)

    assert after <= before * OF_A_LIST


def test_what_an_order_is_checked_against_is_not_summed_up_for_it(
    both_sizes: tuple[BigCompany, BigCompany],
) -> None:
    """Its company's budget, the caps, and what the account's desktops leave of a quota."""
    before, after = (_checked(company) for company in both_sizes)

    assert after <= before * 1.3


def _checked(company: BigCompany) -> int:
    of = {"company_id": company.world.company_id}
    with company.app.app_context(), company.reading.counted() as reading:
        budgets = list_budgets(db.session, **of)
        assert [one.subject for one in budgets] == [Subject.COMPANY]
        read_spending(db.session, budgets, day=START.date(), **of)
        assert count_live(db.session, **of) > FEW / 2
        assert count_live(db.session, credential_id=company.world.credential_id, **of) > FEW / 2
    return reading.total


def test_desktops_that_stay_cost_the_capacity_page_nothing(migrated_sqlite: Path, tmp_path: Path) -> None:
    read = []
    for size in (200, 1_000):
        replace_database(migrated_sqlite, tmp_path / f"{size}.sqlite3")
        company = open_company(f"sqlite:///{tmp_path}/{size}.sqlite3", size=size)
        with company.app.app_context():
            since = START - timedelta(days=90)
            stays = {"issued_at": since, "available_at": since, "terminated_at": None, "phase": Phase.READY}
            own = {"cloud_workspace_id": cast(Workspace.id, String), "desired": Desired.PRESENT}
            db.session.execute(update(Workspace).values(**stays, **own))
            db.session.commit()
            add_up(sessionmaker(db.engine), today=START.date())
        read.append(company.read("/capacity/", times=1)[0])
        company.close()

    assert read[1] <= read[0] * 1.3


def _waiting_job(company: BigCompany) -> int:
    with company.app.app_context():
        return db.session.scalars(select(JobPosting.id).where(JobPosting.title == "Waiting")).one()


@pytest.mark.postgres
def test_an_unchanged_look_reads_a_handful_of_rows(
    postgres_cluster: PostgresCluster, postgres_template: str
) -> None:
    url = postgres_cluster.create_database("large", template=postgres_template)
    company = open_company(url, size=FEW)

    rows = {name: company.poll(path) for name, path in POLLS.items()}

    company.close()
    postgres_cluster.drop_database("large")
    assert {name: count for name, count in rows.items() if count > MOST_ROWS_OF_A_POLL} == {}
