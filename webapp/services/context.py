"""What every service needs, passed in by its caller (a page, an API call, a command)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, scoped_session

from webapp.config import Settings
from webapp.domain.clock import Clock
from webapp.queueing import Notifier
from webapp.vault.box import Sealer


@dataclass(frozen=True, slots=True)
class ServiceContext:
    session: Session | scoped_session[Session]
    clock: Clock
    notifier: Notifier
    settings: Settings
    sealer: Sealer
    """Of cloud secrets."""

    @property
    def webhook_sealer(self) -> Sealer:
        """Of the signing keys of webhooks, which have a key pair of their own."""
        return Sealer(self.settings.webhook_public_key)
