"""Workspaces: the desktop and its row. Public state is derived (`domain.lifecycle.public_state`)."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    bindparam,
    event,
    literal,
    literal_column,
    or_,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain import actions, lifecycle
from webapp.domain.lifecycle import Action, CloudState, Desired, Phase, State
from webapp.models.application import Application
from webapp.models.base import Base, enum_column
from webapp.models.cloud_credential import CloudCredential
from webapp.models.desktop_connection import DesktopConnection
from webapp.models.listable import Listable
from webapp.models.movable import Movable
from webapp.models.profiled import Profiled, profile_rules
from webapp.models.resizable import WHOLE_RESIZE, Resizable
from webapp.models.schedule import Schedule
from webapp.models.snapshotted import Snapshotted
from webapp.models.suspendable import WHOLE_SUSPENSION, Suspendable
from webapp.models.working_hours import RunsByHours
from webapp.models.workspace_conditions import (
    IS_CURRENT_SQL,
    IS_LIVE_SQL,
    IS_PENDING_SQL,
    IS_URGENT_SQL,
    only,
)
from webapp.providers.registry import get_provider

_MACHINE_PHASES = ", ".join(f"'{phase}'" for phase in sorted(lifecycle.MACHINE_MAY_EXIST))


class Workspace(Listable, Suspendable, Resizable, Movable, Profiled, RunsByHours, Snapshotted, Base):
    __tablename__ = "workspaces"
    __table_args__ = (
        Index("uq_workspaces_live_slot", "slot", unique=True, **only(IS_LIVE_SQL)),
        Index("uq_workspaces_live_application", "application_id", unique=True, **only(IS_LIVE_SQL)),
        Index("ix_workspaces_live", "company_id", "credential_id", **only(IS_LIVE_SQL)),
        Index("uq_workspaces_account_id_cloud_workspace_id", "account_id", "cloud_workspace_id", unique=True),
        Index("ix_workspaces_urgent", "credential_id", **only(IS_URGENT_SQL)),
        Index("ix_workspaces_company_created", "company_id", "created_at", "id"),
        Index("ix_workspaces_terminated_at", "terminated_at", **only("terminated_at IS NOT NULL")),
        Index("ix_workspaces_application_id", "application_id"),
        Index("ix_workspaces_state", "company_id", "listed_state", "created_at", "id"),
        Index("ix_workspaces_errors", "company_id", "listed_state", "error_at", "id"),
        Index("ix_workspaces_job", "company_id", "job_posting_id", "created_at", "id"),
        Index("ix_workspaces_account", "company_id", "credential_id", "created_at", "id"),
        Index("ix_workspaces_cloud", "company_id", "cloud_provider", "created_at", "id"),
        Index("ix_workspaces_person", "company_id", "person_key", "id"),
        Index("ix_workspaces_job_key", "company_id", "job_key", "id"),
        Index("ix_workspaces_account_key", "company_id", "account_key", "id"),
        Index("ix_workspaces_username", "company_id", "username_key", "id"),
        Index("ix_workspaces_bundle", "company_id", "bundle_key", "id"),
        Index("ix_workspaces_available", "company_id", "available_at", "id"),
        Index("ix_workspaces_issued", "company_id", "issued_at", "id"),
        Index("ix_workspaces_waits", "company_id", "bundle_id", "available_at", "id"),
        Index("ix_workspaces_ended", "company_id", "terminated_at", "id"),
        Index("ix_workspaces_current", "company_id", "created_at", "id", **only(IS_CURRENT_SQL)),
        Index("ix_workspaces_late", "company_id", "starts_at", "id", **only(IS_PENDING_SQL)),
        Index("ix_workspaces_ends", "company_id", "ends_at", "id", **only("ends_at IS NOT NULL")),
        Index("ix_workspaces_destroy", "company_id", "destroy_at", **only("destroy_at IS NOT NULL")),
        CheckConstraint("phase != 'ready' OR cloud_workspace_id IS NOT NULL", name="ready_has_machine"),
        CheckConstraint(
            f"phase NOT IN ({_MACHINE_PHASES}) OR issued_at IS NOT NULL", name="machine_was_issued"
        ),
        CheckConstraint("(requested_action IS NULL) = (action_requested_at IS NULL)", name="action_pair"),
        # Termination is `desired`, never an action: no other request may replace it.
        CheckConstraint("requested_action != 'terminate'", name="action_is_no_end"),
        CheckConstraint("(error_code IS NULL) = (error_at IS NULL)", name="error_pair"),
        *profile_rules(),
        CheckConstraint(WHOLE_SUSPENSION, name="whole_suspension"),
        CheckConstraint(WHOLE_RESIZE, name="whole_resize"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    application_id: Mapped[int] = mapped_column(ForeignKey("applications.id", ondelete="RESTRICT"))
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    ordered_by_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    replaces_id: Mapped[int | None]
    """The desktop from which it took over, for the next person of a job (`services.hand_overs`). Neither this
    nor the next is a foreign key: the row of a workspace is never deleted."""
    replaced_by_id: Mapped[int | None]
    """The one that took over from it last."""

    cloud_provider: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[str] = mapped_column(String(64))
    workspace_type: Mapped[str] = mapped_column(String(16))
    """`ubuntu` or `windows`."""
    bundle_id: Mapped[str] = mapped_column(String(120))
    bundle_name: Mapped[str] = mapped_column(String(160))
    running_mode: Mapped[str] = mapped_column(String(16), default="AUTO_STOP")
    """How it is billed: as ordered (`DesktopRules.running_mode`), then the cloud's own value."""
    compute_type: Mapped[str | None] = mapped_column(String(40))
    """Its size; this and the next two as the cloud says them, NULL until it has."""
    volumes: Mapped[str | None] = mapped_column(String(40))
    operating_system: Mapped[str | None] = mapped_column(String(40))
    month_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    """A month by the list prices of its order (`Rates.usual_month`), for budgets; NULL: not known."""
    month_fee_minor: Mapped[int | None] = mapped_column(BigInteger)
    """What of it the cloud charges at once, for a month or the rest of one."""
    price_currency: Mapped[str | None] = mapped_column(String(3))
    username: Mapped[str] = mapped_column(String(128))
    slot: Mapped[str] = mapped_column(String(400))
    """`Provider.slot_of`: at most one live row, and one machine, per slot."""

    creates_user: Mapped[bool] = mapped_column(default=False)
    """The order makes the person's user in the directory, before the machine."""

    desired: Mapped[Desired] = mapped_column(enum_column(Desired), default=Desired.PRESENT)
    """Written only by pages and API calls, through the services."""
    is_deleted: Mapped[bool] = mapped_column(default=False)
    """Hidden from every list as soon as it is gone."""
    requested_action: Mapped[Action | None] = mapped_column(enum_column(Action))
    """Start, stop, restart, rebuild, restore or retry, from the request until it is done or refused."""
    action_requested_at: Mapped[datetime | None]
    action_sent_at: Mapped[datetime | None]
    """When the cloud accepted the power action."""
    look_requested_at: Mapped[datetime | None]
    """A person asked for a refresh and waits; NULL again as soon as the cloud has responded."""

    phase: Mapped[Phase] = mapped_column(enum_column(Phase), default=Phase.REQUESTED)
    """Written by the lease holder only."""
    generation: Mapped[int] = mapped_column(default=1)
    """Counts machines; part of the claim, so that an old create is not mistaken for a new one."""
    cloud_workspace_id: Mapped[str | None] = mapped_column(String(120))
    cloud_state: Mapped[CloudState | None] = mapped_column(enum_column(CloudState))
    cloud_state_at: Mapped[datetime | None]
    """Since when, by our observations."""
    cloud_word: Mapped[str | None] = mapped_column(String(40))
    """The state as the cloud spells it; for people and for states we do not know."""
    computer_name: Mapped[str | None] = mapped_column(String(120))
    ip_address: Mapped[str | None] = mapped_column(String(64))

    attempt: Mapped[int] = mapped_column(default=1)
    """The attempt within the current generation; retries after temporary failures increment it."""
    has_unknown_outcome: Mapped[bool] = mapped_column(default=False)
    """Some create of this generation may have succeeded although no response said so."""
    issued_at: Mapped[datetime | None]
    """When the newest create was about to be sent (committed before the call)."""
    password_seed: Mapped[str | None] = mapped_column(String(64))
    """The random part of the machine's local password, from the intent of its create until it is usable."""
    deadline_at: Mapped[datetime]
    absent_count: Mapped[int] = mapped_column(default=0)
    absent_first_at: Mapped[datetime | None]
    absent_last_at: Mapped[datetime | None]

    waiting_code: Mapped[str | None] = mapped_column(String(64))
    """Why the order waits although nothing has failed: our code; NULL: it does not wait."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """Our stable code; a key of `domain.catalogue`."""
    error_detail: Mapped[str | None] = mapped_column(String(300))
    """A short, redacted extract of the cloud's text; untrusted."""
    error_at: Mapped[datetime | None]

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    available_at: Mapped[datetime | None]
    """First time it was usable."""
    terminated_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    application: Mapped[Application] = relationship(lazy="raise_on_sql")
    credential: Mapped[CloudCredential] = relationship(lazy="raise_on_sql")
    # Unnested: within an outer join SQLite would read every company's workspaces for an inner one first.
    schedule: Mapped[Schedule] = relationship(lazy="joined", innerjoin="unnested", passive_deletes=True)
    desktop_connection: Mapped[DesktopConnection | None] = relationship(viewonly=True)
    """None until the cloud has said who is connected."""

    @property
    def is_idle(self) -> bool:
        """Nothing is asked of its machine."""
        return self.requested_action is None and self.resize_kind is None and not self.has_move

    @property
    def due_at(self) -> datetime | None:
        return self.schedule.due_at

    @property
    def observed_at(self) -> datetime | None:
        return self.schedule.observed_at

    @property
    def heartbeat_at(self) -> datetime | None:
        return self.schedule.heartbeat_at

    @property
    def state(self) -> State:
        return lifecycle.public_state(
            desired=self.desired,
            phase=self.phase,
            cloud_state=self.cloud_state,
            action=self.requested_action,
            has_failed=self.error_code is not None,
        )

    def refusal(self, action: Action, now: datetime | None = None) -> str | None:
        """Why `action` is not possible now; None when it is. `now`: also by the contract's window."""
        if self.move is not None and action is not Action.TERMINATE:
            return "The desktop is being moved to another size."
        rules = get_provider(self.cloud_provider).desktops
        return actions.refusal(
            action,
            desired=self.desired,
            phase=self.phase,
            cloud_state=self.cloud_state,
            pending=self.requested_action,
            access=self.access(now) if now else self.recorded_access,
            has_failed=self.error_code is not None,
            running_mode=self.running_mode,
            has_no_snapshot=self.has_no_snapshot,
            no_restore=self.no_restore(takes_own=rules.keeps_disk_snapshots),
            rules=rules,
            is_resizing=self.resize_kind is not None,
        )

    @property
    def allowed_actions(self) -> list[str]:
        return self.actions_at(None)

    def actions_at(self, now: datetime | None) -> list[str]:
        """What a person may request; `now`: also by the contract's window."""
        is_ending = self.desired is Desired.ABSENT
        return [
            action.value
            for action in Action
            if self.refusal(action, now) is None and not (is_ending and action is Action.TERMINATE)
        ]

    @property
    def pending_action(self) -> str | None:
        """The operation in progress: `create`, `terminate`, or the action that was requested."""
        if self.phase is Phase.GONE:
            return None
        if self.desired is Desired.ABSENT:
            return "terminate"
        if self.requested_action is Action.RETRY or self.state is State.PENDING:
            return "create"
        return self.requested_action.value if self.requested_action else None

    @property
    def is_settled(self) -> bool:
        """True if a page need not poll for changes soon."""
        return not self.state.is_moving and self.is_idle


@event.listens_for(Workspace, "before_insert")
def _schedule_its_account(_mapper: Any, _connection: Any, workspace: Workspace) -> None:
    workspace.schedule.credential_id = workspace.credential_id


IS_LIVE = or_(
    Workspace.phase.not_in(
        bindparam(None, [Phase.GONE, Phase.CREATE_FAILED], expanding=True, literal_execute=True)
    ),
    Workspace.requested_action == literal(Action.RETRY, literal_execute=True),
)
"""`IS_LIVE_SQL` as a condition for queries, word for word: SQLite knows its index by the words."""


IS_CURRENT = Workspace.listed_state != literal(State.TERMINATED.value, literal_execute=True)
"""`IS_CURRENT_SQL` likewise."""


IS_PENDING = Workspace.listed_state == literal(State.PENDING.value, literal_execute=True)
"""`IS_PENDING_SQL` likewise."""


IS_URGENT = literal_column(f"({IS_URGENT_SQL})", Boolean())
"""`IS_URGENT_SQL` likewise; its columns are only in this table."""


def is_live(workspace: Workspace) -> bool:
    """`IS_LIVE_SQL` for a loaded row."""
    is_over = workspace.phase in (Phase.GONE, Phase.CREATE_FAILED)
    return not is_over or workspace.requested_action is Action.RETRY
