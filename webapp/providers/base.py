"""The record of a cloud. Every part is mandatory: a cloud that lacks one is a type error, not a surprise."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.cloud_advice import CloudAdvice
from webapp.domain.costs.prices import Price
from webapp.domain.desktop_rules import DesktopRules
from webapp.providers.parts.billing import Billing
from webapp.providers.parts.capacity import Capacity
from webapp.providers.parts.connecting import ConnectionProvider
from webapp.providers.parts.fields import CloudFields
from webapp.providers.parts.provider_copy import ProviderCopy
from webapp.providers.parts.settings import CloudSettingNames
from webapp.providers.parts.setup_guide import SetupGuide
from webapp.providers.parts.usernames import UsernameRule


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Provider:
    key: str
    """Its name in rows, addresses and the API: never changes, at most 16 characters."""
    label: str
    """The service, as people call it."""
    fields: CloudFields
    """What people fill in about an account."""
    desktops: DesktopRules
    usernames: UsernameRule
    advice: CloudAdvice
    """What its answers mean, and how long things usually take there."""
    setup_guide: SetupGuide
    copy: ProviderCopy
    """How the pages speak of it."""
    settings: CloudSettingNames
    sdk_loggers: tuple[str, ...]
    """What its SDK logs under: at DEBUG that shows keys and tokens, so these are kept at WARNING."""
    connection: ConnectionProvider
    billing: Billing
    capacity: Capacity
    """How fast it makes desktops, and whom to ask for more of them."""
    prices: tuple[Price, ...]
    """List prices that ship, for the time before any are read. Each is of the day on which it was read."""

    def starts_on_connect(self, observed: Mapping[str, Any], *, running_mode: str) -> bool:
        """Does a stopped desktop in this mode start when its person connects?"""
        starts = self.connection.starts_on_connect(observed)
        return starts and running_mode not in self.desktops.started_by_hand

    def slot_of(self, *, account_id: str, public_fields: Mapping[str, str], username_key: str) -> str:
        """The natural key of a workspace at the cloud: at most one machine may ever be in it."""
        place = "/".join([account_id, *(public_fields[name] for name in self.fields.scope)])
        return f"{self.key}:{place.lower() if self.fields.ignores_case else place}/{username_key}"
