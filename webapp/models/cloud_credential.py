"""Cloud credentials: a company's access to one cloud account, and the lease of its worker."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.domain import catalogue
from webapp.domain.secret_binding import credential_binding
from webapp.models.base import Base, enum_column
from webapp.providers.parts.fields import CloudFields
from webapp.providers.registry import get_provider


class CredentialStatus(StrEnum):
    UNTESTED = "untested"
    OK = "ok"
    FAILING = "failing"


class CloudCredential(Base):
    __tablename__ = "cloud_credentials"
    __table_args__ = (
        Index(
            "uq_cloud_credentials_company_id_name",
            "company_id",
            "name",
            unique=True,
            sqlite_where=text("NOT is_deleted"),
            postgresql_where=text("NOT is_deleted"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    """Random, made before the row: the sealed secret is bound to it."""
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(80))
    cloud_provider: Mapped[str] = mapped_column(String(16))
    """The key of a `Provider`."""
    auth_kind: Mapped[str] = mapped_column(String(16), server_default="keys")
    """How Berth signs in: one of the ways of its provider's `CloudFields`."""
    public_fields: Mapped[dict[str, str]]
    sealed_secret: Mapped[str] = mapped_column(Text, deferred=True)
    """Not read with the row, because the web's database user may not read it. It opens only with a worker's
    private key, and only in this row as it is (`secret_binding`)."""
    secret_set_at: Mapped[datetime]
    secret_noted_at: Mapped[datetime | None]
    """When the trail last got a line that a worker uses the secret."""
    secret_version: Mapped[int] = mapped_column(default=1)
    """Counts changes of the key; a response for an older version is dropped."""
    verified_version: Mapped[int | None]
    """The `secret_version` whose account was proven to be `account_id`."""
    account_id: Mapped[str | None] = mapped_column(String(64))
    """The cloud account, pinned by the first successful test: another account's lists are validly empty."""
    status: Mapped[CredentialStatus] = mapped_column(
        enum_column(CredentialStatus), default=CredentialStatus.UNTESTED
    )
    observed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the cloud last said about the directory: `DirectoryFacts` of `clouds/base.py` as a mapping."""
    bundle_systems: Mapped[dict[str, str]] = mapped_column(default=dict, server_default="{}")
    """The workspace type by bundle id, for own bundles whose system only a person could tell."""
    blocked_code: Mapped[str | None] = mapped_column(String(64))
    """Why the account's work is on hold (a catalogue code); NULL if it is not."""
    blocked_at: Mapped[datetime | None]
    blocked_until: Mapped[datetime | None]
    """When the next probe is due."""
    blocked_count: Mapped[int] = mapped_column(default=0)
    """Consecutive failed probes; each makes the next wait longer."""
    lease_token: Mapped[int] = mapped_column(default=0)
    """The fencing number: strictly increasing, every write of a run must still match it."""
    lease_until: Mapped[datetime | None]
    inventory: Mapped[dict[str, Any] | None]
    """Counts of the newest inventory: `machines`, `ours` (with a live row) and `orphans`."""
    quota_left: Mapped[int | None]
    """How much of the account's quota was left at the newest test; NULL if it could not be read."""
    quota_unit: Mapped[str | None] = mapped_column(String(16))
    """What `quota_left` counts: `domain.quota.QuotaUnit`."""
    quota_limit: Mapped[int | None]
    """The whole quota, in the same unit; NULL if the cloud did not say it."""
    quota_checked_at: Mapped[datetime | None]
    """When that test was made."""
    free_addresses: Mapped[int | None]
    """So many more desktops had an address at the newest test; NULL if it could not be read."""
    addresses_checked_at: Mapped[datetime | None]
    outlook: Mapped[dict[str, Any] | None]
    """What of the next 30 days does not fit, of the newest plan (`domain.capacity.outlook_of`); NULL: all."""
    mode_savings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """Desktops that another running mode would have made cheaper last month (`engine.duties.modes`); NULL:
    the company does not want to know."""
    connections_looked_at: Mapped[datetime | None]
    """When the newest complete look at who is connected to its desktops began."""
    connections_hidden_at: Mapped[datetime | None]
    """Since when the key may not see who is connected; NULL: it may, as far as we know."""
    loads_hidden_at: Mapped[datetime | None]
    """The same, of how busy its desktops are."""
    alarm_code: Mapped[str | None] = mapped_column(String(64))
    """Why Berth stopped acting by itself (a catalogue code), until a person confirms or it passes."""
    alarm_at: Mapped[datetime | None]
    loss_confirmed_at: Mapped[datetime | None]
    """When a person confirmed that the missing machines are really gone."""
    most_desktops: Mapped[int | None]
    """So many may be live at once by orders of Berth; NULL: any number."""
    is_deleted: Mapped[bool] = mapped_column(default=False)
    """Ended workspaces reference it, so the row stays, without its secret."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    @property
    def cloud_fields(self) -> CloudFields:
        """What is entered for its way to sign in.

        In a row that somebody changed to a way its cloud does not have, the first: the secret does not open.
        """
        fields = get_provider(self.cloud_provider).fields
        return fields.find_way(self.auth_kind) or fields

    @property
    def secret_binding(self) -> str:
        """What the secret is bound to."""
        return self.secret_binding_with(self.account_id)

    def secret_binding_with(self, account_id: str | None) -> str:
        """What the secret is bound to once the account is `account_id`."""
        kind = self.cloud_fields
        return credential_binding(
            uid=self.uid,
            column=kind.secret,
            company_id=self.company_id,
            cloud_provider=self.cloud_provider,
            account_id=account_id,
            fields=kind.bound_values(self.public_fields),
        )

    @property
    def is_usable(self) -> bool:
        """May new workspaces be ordered with it?"""
        is_passing = self.blocked_code is None or catalogue.entry(self.blocked_code).is_transient
        return self.status is CredentialStatus.OK and self.account_id is not None and is_passing
