"""What every service needs, handed in by the door that calls it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session, scoped_session

from webapp.config import Settings
from webapp.domain.clock import Clock
from webapp.queueing import Bell
from webapp.vault.box import Sealer


@dataclass(frozen=True, slots=True)
class Doors:
    session: Session | scoped_session[Session]
    clock: Clock
    bell: Bell
    settings: Settings
    sealer: Sealer
