"""A campaign on two equal databases and two simulated clouds."""

import random
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session, make_transient, sessionmaker

from tests.costs.accounts import Account, list_accounts
from tests.costs.books import Books
from tests.costs.campaign import Campaign, Plan, at_midnight
from tests.costs.clouds import open_clouds
from tests.costs.life import draw_desktop
from tests.desk import make_settings, migrate
from tests.scale.company import BIG, first_of, open_company
from tests.scale.filling import Pattern, fill
from webapp.database import make_engine
from webapp.domain.lifecycle import Desired, Phase
from webapp.models import (
    CloudCredential,
    Company,
    DesktopMonth,
    Duty,
    Installation,
    Schedule,
    UsageSpan,
    Workspace,
)
from webapp.providers.registry import get_provider
from webapp.vault.box import Sealer

PLACE, SPARE_SHARE = 10, 0.25


@contextmanager
def open_campaign(plan: Plan, folder: Path, template: Path | None = None) -> Iterator[Campaign]:
    """`template`: a migrated, empty database."""
    accounts = list(list_accounts())
    with ExitStack() as stack:
        clouds = open_clouds(stack, accounts)
        path = folder / "calm.sqlite3"
        if template is None:
            migrate(f"sqlite:///{path}")
        else:
            shutil.copy(template, path)
        spare = int(plan.desktops * SPARE_SHARE) + len(accounts)
        ids, installation = _furnish(f"sqlite:///{path}", accounts, plan.desktops + spare)
        shutil.copy(path, folder / "killed.sqlite3")
        books = []
        for name, rng in (("calm", None), ("killed", random.Random(f"{plan.seed}/kills"))):
            url = f"sqlite:///{folder}/{name}.sqlite3"
            database = make_engine(url)
            stack.callback(database.dispose)
            books.append(Books(database, make_settings(url, *clouds.stages), rng))
        desktops = [
            draw_desktop(
                workspace_id,
                accounts[number % len(accounts)],
                seed=plan.seed,
                first_at=at_midnight(plan.first_day),
                days=plan.days,
                is_spare=number >= plan.desktops,
            )
            for number, workspace_id in enumerate(ids)
        ]
        campaign = Campaign(
            plan,
            accounts,
            clouds,
            (books[0], books[1]),
            desktops[: plan.desktops],
            desktops[plan.desktops :],
            _detached(books[0].sessions),
            installation,
        )
        clouds.set_now(at_midnight(plan.first_day))
        yield campaign


def _furnish(url: str, accounts: list[Account], size: int) -> tuple[list[int], str]:
    """A company with these accounts, and so many orders that nobody has sent; their ids in order."""
    open_company(url, size=1).close()
    database, settings = make_engine(url), make_settings(url)
    sealer = Sealer(settings.credential_public_key)
    with sessionmaker(database).begin() as session:
        company_id = session.scalars(select(Company.id).order_by(Company.id)).first() or 0
        session.execute(update(CloudCredential).values(is_deleted=True))
        for account in accounts:
            _add_account(session, account, company_id, sealer)
        one = first_of(BIG)
        fill(
            session.connection(),
            Pattern(one, one, one, one, one, one),
            company_id=company_id,
            credential_id=f"{accounts[0].credential_id} + (i - 1) % {len(accounts)}",
            endpoint_id=1,
            size=size,
            place=PLACE,
        )
        session.execute(update(Schedule).values(due_at=None))
        for rows_of_another_past in (Duty, UsageSpan, DesktopMonth):
            session.execute(delete(rows_of_another_past))
        _begin_orders(session, accounts)
        installation = session.scalars(select(Installation.uid)).one()
    database.dispose()
    return [first_of(PLACE) + number for number in range(size)], installation


def _add_account(session: Session, account: Account, company_id: int, sealer: Sealer) -> None:
    table = CloudCredential.__table__
    row = session.execute(select(table).order_by(table.c.id).limit(1)).mappings().one()
    values = dict(row) | {
        "id": account.credential_id,
        "uid": f"{account.credential_id:032d}",
        "company_id": company_id,
        "name": str(account),
        "cloud_provider": account.cloud,
        "auth_kind": get_provider(account.cloud).fields.auth_kind,
        "account_id": account.account_id,
        "public_fields": account.public_fields,
        "is_deleted": False,
        "secret_version": 1,
        "verified_version": 1,
        "blocked_code": None,
        "blocked_until": None,
    }
    names = ("uid", "company_id", "cloud_provider", "auth_kind", "account_id", "public_fields")
    binding = CloudCredential(**{name: values[name] for name in names}).secret_binding
    session.execute(
        insert(table).values(values | {"sealed_secret": sealer.seal(account.secret, bound_to=binding)})  # type: ignore[arg-type]
    )


def _begin_orders(session: Session, accounts: list[Account]) -> None:
    """Nothing of any desktop is at the cloud yet."""
    nothing = ("cloud_state", "cloud_workspace_id", "terminated_at", "error_code", "error_at", "issued_at")
    nothing = (*nothing, "available_at", "compute_type", "volumes", "operating_system")
    for account in accounts:
        session.execute(
            update(Workspace)
            .where(Workspace.credential_id == account.credential_id)
            .values(
                cloud_provider=account.cloud,
                account_id=account.account_id,
                phase=Phase.REQUESTED,
                desired=Desired.PRESENT,
                generation=1,
                running_mode="AUTO_STOP" if account.has_modes else "",
                **dict.fromkeys(nothing),
            )
            .execution_options(synchronize_session=False)
        )


def _detached(sessions: sessionmaker[Session]) -> dict[int, Workspace]:
    with sessions.begin() as session:
        rows = session.scalars(select(Workspace).where(Workspace.id >= first_of(PLACE))).all()
        for row in rows:
            session.expunge(row)
            make_transient(row)
    return {row.id: row for row in rows}
