"""Webhooks: the URLs to which a company wants events sent, and the messages sent or waiting.

The database session writes the messages in the transaction of their event: no
code that writes an event can forget them, and no event is sent that did not happen.
What is about no workspace has no event; its message has the facts itself (`write_notice`).
"""

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    event,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column, relationship, scoped_session

from webapp.domain.secret_binding import signing_key_binding
from webapp.domain.webhooks import TEST, kinds_of
from webapp.models.base import Base, enum_column
from webapp.models.event import Event

URL_LENGTH = 500


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Berth gave up; a person may send it again."""


class WebhookEndpoint(Base):
    __tablename__ = "webhook_endpoints"
    __table_args__ = (Index("ix_webhook_endpoints_company_id", "company_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    url: Mapped[str] = mapped_column(String(URL_LENGTH))
    kinds: Mapped[list[str]]
    """Events to send: names of `domain.webhooks.KINDS`."""
    sealed_secret: Mapped[str] = mapped_column(Text, deferred=True)
    """The signing key; only workers can decrypt it, and the web's database user may not even read it."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    lease_token: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    """One worker at a time; after a failure also the pause until the next attempt."""

    @property
    def secret_binding(self) -> str:
        return signing_key_binding(uid=self.uid, company_id=self.company_id, url=self.url)


class WebhookDelivery(Base):
    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id", "kind"),
        Index("ix_webhook_deliveries_endpoint_id_due_at", "endpoint_id", "due_at"),
        Index("ix_webhook_deliveries_endpoint_id_id", "endpoint_id", "id"),
        Index("ix_webhook_deliveries_status", "endpoint_id", "status", "id"),
        CheckConstraint("(status = 'waiting') = (due_at IS NOT NULL)", name="waiting_is_due"),
        CheckConstraint("(event_id IS NULL) = (notice IS NOT NULL)", name="of_event_or_notice"),
        CheckConstraint("(noticed_at IS NULL) = (notice IS NULL)", name="notice_has_its_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """The message's id: the same in every attempt, so that a receiver can skip duplicates."""
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("events.id", ondelete="RESTRICT"))
    """What it tells of; NULL for what is about no workspace."""
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The message's `data`, if it has no event: plain facts, written once."""
    noticed_at: Mapped[datetime | None]
    kind: Mapped[str] = mapped_column(String(40))
    status: Mapped[DeliveryStatus] = mapped_column(enum_column(DeliveryStatus))
    due_at: Mapped[datetime | None]
    """When it should be sent; NULL when delivered or failed."""
    failures: Mapped[int] = mapped_column(default=0)
    """Failed attempts since it was queued or sent again by a person."""
    tries: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """The latest attempts: `at`, `status` (HTTP, or null), `error` (our code, or null), `took_ms`."""

    endpoint: Mapped[WebhookEndpoint] = relationship(lazy="raise_on_sql")
    event: Mapped[Event | None] = relationship(lazy="raise_on_sql")

    @property
    def happened_at(self) -> datetime:
        at = self.noticed_at if self.event is None else self.event.at
        if at is None:
            raise ValueError("a message about nothing")
        return at


def write_notice(
    session: Session | scoped_session[Session],
    kind: str,
    data: dict[str, Any],
    *,
    company_id: int,
    at: datetime,
) -> None:
    """A message about no workspace, in the transaction of what it tells of."""
    _write(session.connection(), company_id, (kind,), {"notice": data, "noticed_at": at, "due_at": at})


def write_test(
    session: Session | scoped_session[Session], endpoint: WebhookEndpoint, *, at: datetime
) -> WebhookDelivery:
    """A message that says nothing, to this endpoint alone."""
    data = {"webhook_id": endpoint.id, "message": "This is a test."}
    message = WebhookDelivery(
        uid=uuid.uuid4().hex,
        endpoint_id=endpoint.id,
        kind=TEST,
        status=DeliveryStatus.WAITING,
        notice=data,
        noticed_at=at,
        due_at=at,
    )
    session.add(message)
    session.flush()
    return message


@event.listens_for(Event, "after_insert")
def _write_messages(_mapper: Mapper[Event], connection: Connection, event: Event) -> None:
    kinds = kinds_of(event.event, event.from_state, event.to_state, event.details or {})
    if kinds:
        _write(connection, event.company_id, kinds, {"event_id": event.id, "due_at": event.at})


def _write(connection: Connection, company_id: int, kinds: tuple[str, ...], content: dict[str, Any]) -> None:
    """For each endpoint that wants it."""
    wanting = connection.execute(
        select(WebhookEndpoint.id, WebhookEndpoint.kinds)
        .where(WebhookEndpoint.company_id == company_id, WebhookEndpoint.is_active)
        # Locked, so that nobody deletes it before the message is written: that would roll back the event.
        .with_for_update(read=True, key_share=True)
    ).all()
    messages = [
        content
        | {
            "uid": uuid.uuid4().hex,
            "endpoint_id": endpoint_id,
            "kind": kind,
            "status": DeliveryStatus.WAITING,
            "failures": 0,
            "tries": [],
        }
        for endpoint_id, wanted in wanting
        for kind in kinds
        if kind in wanted
    ]
    if messages:
        connection.execute(insert(WebhookDelivery), messages)
