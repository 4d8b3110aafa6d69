"""A row in every table, for tests that go through all of them."""

from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import select

from tests.architecture.test_migrations import _add_orphan
from tests.desk import Desk
from webapp.domain.connections import ConnectionState
from webapp.domain.costs.bills import Source
from webapp.domain.costs.budgets import Subject
from webapp.domain.costs.groups import Dimension
from webapp.domain.disk_snapshots import SnapshotKind, SnapshotState
from webapp.domain.errors import AppError
from webapp.domain.lifecycle import Phase
from webapp.domain.pools import PoolState
from webapp.domain.roles import CompanyRole
from webapp.models import (
    BilledTotal,
    Budget,
    CostDay,
    CostMonth,
    CostSum,
    DesktopConnection,
    DesktopLoad,
    DesktopMonth,
    DirectoryUser,
    DirectoryUserState,
    DiskRestore,
    DiskSnapshot,
    EmailChange,
    FileReturn,
    Identity,
    IdentityProvider,
    Mail,
    Passkey,
    PoolDesktop,
    Profile,
    RecoveryCode,
    SnapshotSetting,
    SpentChallenge,
    SystemImage,
    TrailEntry,
    TrailLink,
    UnpricedDay,
    UseDay,
    UsedSignOn,
    User,
    UserPosting,
    WarmPool,
    Workspace,
)
from webapp.queries.end_records import make_record
from webapp.services import (
    calendar_feeds,
    company_domains,
    founding,
    help_requests,
    idempotency,
    invitations,
    password_reset,
    second_factor,
    sign_in,
    tokens,
    webhooks,
)
from webapp.services.cohort_plan import Entry
from webapp.services.cohorts import CohortRequest, order_cohort
from webapp.services.invitations import Wanted


def fill_every_table(desk: Desk) -> None:
    company_id, context = desk.provider.company_id or 0, desk.context
    webhooks.add_endpoint(
        context, company_id=company_id, url="https://hooks.example.com/", kinds=["workspace.available"]
    )
    tokens.issue_token(context, user=desk.provider, name="Token")
    calendar_feeds.make_feed(context, desk.provider)
    founding.make_set_up_link(context, lasts=timedelta(days=1))
    invitations.invite(context, [Wanted("ada@example.com")], company_id=company_id, invited_by=desk.provider)
    second_factor.begin(context, desk.provider)
    desk.session.add(
        EmailChange(
            user_id=desk.provider.id,
            new_email="pia@example.com",
            old_token_hash="old",
            new_token_hash="new",
            made_at=desk.clock.now(),
            expires_at=desk.clock.now() + timedelta(days=1),
        )
    )
    desk.session.add(
        Profile(
            company_id=company_id,
            name="Analysts",
            credential_id=desk.credential_id,
            workspace_type=desk.stage.workspace_type,
            bundle_id=desk.stage.bundle_id,
            bundle_name="Standard",
            created_at=desk.clock.now(),
            updated_at=desk.clock.now(),
        )
    )
    desk.session.add(UserPosting(user_id=desk.provider.id, job_posting_id=desk.open_posting(desk.provider)))
    line = TrailEntry(
        at=desk.clock.now(),
        company_id=company_id,
        actor=desk.provider.email,
        address="192.0.2.7",
        request_id="r",
        action="accounts.sign_in_now",
        outcome="done",
        code="",
        subject="",
        changes=[],
    )
    desk.session.add(line)
    desk.session.flush()
    desk.session.add(TrailLink(position=1, entry_id=line.id, key_id="k", mac="m"))
    _add_single_sign_on(desk, company_id)
    desk.session.add(RecoveryCode(user_id=desk.provider.id, code_hash="x"))
    desk.session.commit()
    password_reset.make_link(context, email=desk.provider.email)
    with suppress(AppError):
        sign_in.sign_in(context, email="nobody@example.com", password="wrong")
    desk.session_token(desk.provider.email)
    idempotency.reserve(context, owner="user:1", key="key", request=b"")
    application = desk.add_application()
    desk.session.add(
        Passkey(
            user_id=application.seeker_id,
            name="Phone",
            host="localhost",
            credential_id="x",
            public_key=b"x",
            sign_count=0,
            created_at=desk.clock.now(),
        )
    )
    desk.session.add(SpentChallenge(challenge_hash="x", expires_at=desk.clock.now() + timedelta(days=1)))
    desk.session.commit()
    workspace_id = desk.available(application_id=application.id)
    _add_directory_user(desk, company_id, workspace_id)
    _add_orphan(desk, "ws-open00001", observations=1, has_end_sent=False)
    help_requests.ask_for_help(
        context, workspace_id, seeker_id=application.seeker_id, note="Help", actor=desk.actor
    )
    request = CohortRequest(
        "key", "Group", desk.credential_id, desk.stage.workspace_type, desk.stage.bundle_id
    )
    entry = Entry(desk.add_application().id, "", "group.member")
    order_cohort(context, request, [entry], company_id=company_id, actor=desk.actor)
    desk.session.rollback()
    desk.work()
    desk.session.rollback()
    _add_costs(desk, workspace_id)
    _add_end_record(desk, workspace_id)
    _add_pool(desk, company_id)
    _add_snapshots(desk, company_id, workspace_id)


def _add_directory_user(desk: Desk, company_id: int, workspace_id: int) -> None:
    now = desk.clock.now()
    with desk.sessions.begin() as session:
        session.add(
            DirectoryUser(
                company_id=company_id,
                credential_id=desk.credential_id,
                workspace_id=workspace_id,
                slot="aws:corp/new.hire",
                username="new.hire",
                username_key="new.hire",
                mark="f00d/user/1",
                state=DirectoryUserState.MADE,
                cloud_user_id="S-1-5-21-1",
                intent_at=now,
                made_at=now,
                created_at=now,
                updated_at=now,
            )
        )


def issuer_of(company_id: int, *, at: datetime) -> IdentityProvider:
    """One that nobody asks."""
    issuer = "https://login.example.com"
    return IdentityProvider(
        company_id=company_id,
        issuer=issuer,
        client_id="berth",
        authorization_endpoint=f"{issuer}/authorize",
        token_endpoint=f"{issuer}/token",
        jwks_uri=f"{issuer}/keys",
        default_role=CompanyRole.AUDITOR,
        saved_at=at,
    )


def _add_pool(desk: Desk, company_id: int) -> None:
    now = desk.clock.now()
    of_bundle = {"company_id": company_id, "credential_id": desk.credential_id, "bundle_id": "wsb-pool"}
    with desk.sessions.begin() as session:
        pool = WarmPool(
            **of_bundle,
            bundle_name="Pool",
            floor=0,
            ceiling=0,
            waits_running=False,
            created_at=now,
            updated_at=now,
        )
        session.add(pool)
        session.flush()
        session.add(
            PoolDesktop(
                **of_bundle,
                pool_id=pool.id,
                uid="0" * 32,
                account_id="111122223333",
                cloud_workspace_id="wpool",
                image="",
                state=PoolState.GONE,
                issued_at=now,
                created_at=now,
                ended_at=now,
            )
        )


def _add_snapshots(desk: Desk, company_id: int, workspace_id: int) -> None:
    now, of_account = desk.clock.now(), {"company_id": company_id, "credential_id": desk.credential_id}
    with desk.sessions.begin() as session:
        session.add(SnapshotSetting(**of_account, updated_at=now))
        session.add(
            DiskSnapshot(
                **of_account,
                account_id="111122223333",
                cloud_workspace_id="w1",
                claim="f00d/uid/1",
                name="w1-s20261101",
                kind=SnapshotKind.DAILY,
                state=SnapshotState.UNKNOWN,
                issued_at=now,
                taken_at=now,
            )
        )
        session.add(
            SystemImage(
                **of_account,
                workspace_id=workspace_id,
                cloud_workspace_id="ws-1",
                claim="f00d/uid/1",
                name="berth-ws-1-20261101T1200",
                issued_at=now,
            )
        )
        session.add(
            DiskRestore(
                **of_account,
                workspace_id=workspace_id,
                cloud_workspace_id="w1",
                claim="f00d/uid/1",
                snapshot_id=1,
                snapshot="w1-s20261101",
                taken_at=now,
                disk="w1-r1",
                issued_at=now,
            )
        )
        session.add(
            FileReturn(
                **of_account,
                workspace_id=workspace_id,
                former_id=workspace_id,
                snapshot_id=1,
                snapshot="w1-s20261101",
                taken_at=now,
                asked_at=now,
            )
        )


def _add_single_sign_on(desk: Desk, company_id: int) -> None:
    now = desk.clock.now()
    company_domains.add_domain(desk.context, "example.com", company_id=company_id)
    provider = issuer_of(company_id, at=now)
    desk.session.add(provider)
    desk.session.add(Identity(user_id=desk.provider.id, issuer=provider.issuer, subject="1", linked_at=now))
    desk.session.add(UsedSignOn(state_hash="x", expires_at=now))


def _add_costs(desk: Desk, workspace_id: int) -> None:
    now, company_id = desk.clock.now(), desk.credential().company_id
    of_account = {
        "company_id": company_id,
        "credential_id": desk.credential_id,
        "day": now.date(),
        "currency": "USD",
        "amount_minor": 125,
    }
    with desk.sessions.begin() as session:
        session.add(
            Mail(
                message_id="1@portal.example",
                kind="test",
                address="provider@example.com",
                user_id=session.scalars(select(User.id).limit(1)).one(),
                company_id=company_id,
                parameters={"name": "", "company": "Quayside"},
                created_at=now,
                due_at=now,
                attempts=0,
                failures=0,
                lease_token=0,
            )
        )
        session.add(
            Budget(
                company_id=company_id,
                subject=Subject.COMPANY,
                key="company",
                currency="USD",
                month_minor=100_000,
                created_at=now,
                updated_at=now,
                version=1,
            )
        )
        session.add(BilledTotal(**of_account, is_provisional=True, is_by_machine=True, read_at=now))
        session.merge(
            DesktopConnection(
                workspace_id=workspace_id,
                company_id=company_id,
                credential_id=desk.credential_id,
                state=ConnectionState.CONNECTED,
                is_watched=True,
                checked_at=now,
                is_past_known=True,
                first_connected_at=now,
                last_connected_at=now,
                used_day=now.date(),
            )
        )
        session.add(
            DesktopLoad(workspace_id=workspace_id, days=10, cpu_percent=9.5, memory_percent=30.0, read_at=now)
        )
        session.add(UseDay(workspace_id=workspace_id, day=now.date()))
        session.add(CostDay(**of_account, source=Source.BILLED, workspace_id=workspace_id))
        session.add(CostMonth(company_id=company_id, month=now.date(), unpriced_desktops=1))
        session.add(
            UnpricedDay(
                workspace_id=workspace_id,
                day=now.date(),
                company_id=company_id,
                credential_id=desk.credential_id,
            )
        )
        session.add(
            DesktopMonth(
                workspace_id=workspace_id,
                month=now.date().replace(day=1),
                company_id=company_id,
                currency="USD",
                amount_minor=125,
                is_billed=True,
                is_unpriced=True,
            )
        )
        session.add(
            CostSum(
                company_id=company_id,
                month=now.date(),
                dimension=Dimension.DAY,
                key="2026-11-24",
                currency="USD",
                is_estimated=False,
                estimated_minor=0,
                is_billed=True,
                billed_minor=125,
            )
        )


def _add_end_record(desk: Desk, workspace_id: int) -> None:
    """As if the desktop had ended."""
    with desk.sessions.begin() as session:
        row = session.scalars(select(Workspace).where(Workspace.id == workspace_id)).one()
        row.terminated_at = desk.clock.now()
        record = make_record(session, row, before=Phase.TERMINATING, message="Gone.", now=desk.clock.now())
        assert record is not None
        record.costs = {"amounts": [], "billed_through": None, "is_complete": True}
        session.add(record)
        session.flush()
        row.terminated_at = None
