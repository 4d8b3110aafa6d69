"""Warm pools: desktops that wait for nobody in particular, until an order takes one of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.domain.costs.money import Money
from webapp.domain.hours.reading import hours_from
from webapp.domain.lifecycle import CloudState
from webapp.domain.pools import PoolRule, PoolState
from webapp.models.base import Base, enum_column
from webapp.models.cloud_credential import CloudCredential

_READY = "state = 'ready'"


class WarmPool(Base):
    """What a person has set for one bundle of a cloud account, and what its duty remembers."""

    __tablename__ = "warm_pools"
    __table_args__ = (
        UniqueConstraint("credential_id", "bundle_id"),
        CheckConstraint("floor >= 0 AND ceiling >= floor", name="floor_below_ceiling"),
        CheckConstraint("(stopped_code IS NULL) = (stopped_at IS NULL)", name="stop_pair"),
        CheckConstraint("(failures = 0) = (failed_at IS NULL)", name="failures_dated"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    bundle_id: Mapped[str] = mapped_column(String(120))
    bundle_name: Mapped[str] = mapped_column(String(160))

    floor: Mapped[int]
    ceiling: Mapped[int]
    """0: the pool is off, and what stands is ended."""
    waits_running: Mapped[bool]
    """Its desktops wait switched on: ready in seconds, and paid for by the hour."""
    hours: Mapped[dict[str, Any] | None]
    """Of the week, in which the floor holds (`hours_json`); NULL: always."""
    budget_minor: Mapped[int | None] = mapped_column(BigInteger)
    """For a month of all that wait, by list prices, in `price_currency`; NULL: none."""
    month_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    """Of one desktop that waits a month, by the list prices when this was set; NULL: not known."""
    price_currency: Mapped[str | None] = mapped_column(String(3))

    wanted: Mapped[int] = mapped_column(default=0)
    """By the newest round of its duty."""
    kept: Mapped[int] = mapped_column(default=0)
    """As `domain.pools.Kept`, with the next."""
    kept_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Desktops in a row that failed."""
    failed_at: Mapped[datetime | None]
    stopped_code: Mapped[str | None] = mapped_column(String(64))
    """Why nothing more is made until a person starts it again (a catalogue code); NULL if it goes on."""
    stopped_detail: Mapped[str | None] = mapped_column(String(300))
    """A short, redacted extract of the cloud's text; untrusted."""
    stopped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    credential: Mapped[CloudCredential] = relationship(lazy="raise_on_sql")

    @property
    def month_price(self) -> Money | None:
        if self.month_price_minor is None or self.price_currency is None:
            return None
        return Money(self.price_currency, self.month_price_minor)

    @property
    def rule(self) -> PoolRule:
        hours = None if self.hours is None else hours_from(self.hours)
        return PoolRule(self.floor, self.ceiling, hours)


class PoolDesktop(Base):
    """One desktop of a pool, from before its order. The row stays when a workspace has taken it."""

    __tablename__ = "pool_desktops"
    __table_args__ = (
        UniqueConstraint("account_id", "cloud_workspace_id"),
        Index("ix_pool_desktops_pool_id_state", "pool_id", "state"),
        Index("ix_pool_desktops_credential_id_state", "credential_id", "state"),
        Index(
            "ix_pool_desktops_ready",
            "credential_id",
            "bundle_id",
            "ready_at",
            "id",
            sqlite_where=text(_READY),
            postgresql_where=text(_READY),
        ),
        CheckConstraint("state != 'ready' OR ready_at IS NOT NULL", name="ready_has_a_time"),
        CheckConstraint("(state = 'claimed') = (workspace_id IS NOT NULL)", name="claimed_by_a_workspace"),
        CheckConstraint("(workspace_id IS NULL) = (claimed_at IS NULL)", name="claim_pair"),
        CheckConstraint("(error_code IS NULL) = (error_at IS NULL)", name="error_pair"),
        CheckConstraint("(state = 'gone') = (ended_at IS NOT NULL)", name="gone_has_a_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """In its claim, as a workspace's; the workspace that takes it goes on under this uid."""
    pool_id: Mapped[int] = mapped_column(ForeignKey("warm_pools.id", ondelete="RESTRICT"))
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("cloud_credentials.id", ondelete="RESTRICT"))
    account_id: Mapped[str] = mapped_column(String(64))
    bundle_id: Mapped[str] = mapped_column(String(120))
    cloud_workspace_id: Mapped[str] = mapped_column(String(120))
    """Known before its order: it follows from the claim."""
    image: Mapped[str] = mapped_column(String(200))
    """Of which it was made, as the account's field has it."""
    state: Mapped[PoolState] = mapped_column(enum_column(PoolState), default=PoolState.INTENT)
    workspace_id: Mapped[int | None] = mapped_column(
        ForeignKey("workspaces.id", ondelete="RESTRICT"), unique=True
    )
    claimed_at: Mapped[datetime | None]

    issued_at: Mapped[datetime]
    """When its newest order was about to be sent."""
    password_seed: Mapped[str | None] = mapped_column(String(64))
    """As the workspace's, until it is ready."""
    cloud_state: Mapped[CloudState | None] = mapped_column(enum_column(CloudState))
    cloud_state_at: Mapped[datetime | None]
    cloud_word: Mapped[str | None] = mapped_column(String(40))
    observed_at: Mapped[datetime | None]
    """When the cloud last showed it."""
    ready_at: Mapped[datetime | None]
    """First time it could be used."""
    absent_count: Mapped[int] = mapped_column(default=0)
    absent_first_at: Mapped[datetime | None]
    absent_last_at: Mapped[datetime | None]
    drained_at: Mapped[datetime | None]
    """Since when it is known to take no sessions although nobody has it; NULL: somebody has, or had it."""
    is_surplus: Mapped[bool] = mapped_column(default=False)
    """Ended because fewer are wanted: it counts as unused."""
    error_code: Mapped[str | None] = mapped_column(String(64))
    """Why it failed (a catalogue code)."""
    error_detail: Mapped[str | None] = mapped_column(String(300))
    error_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    pool: Mapped[WarmPool] = relationship(lazy="raise_on_sql")
