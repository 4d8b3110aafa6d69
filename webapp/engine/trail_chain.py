"""Links the trail's new entries into its chain. One worker at a time; repeating it is harmless."""

import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.database import take_turns
from webapp.domain.trail_chain import FIRST, ChainKeys, head_of
from webapp.engine.context import Engine
from webapp.models import Installation, TrailEntry, TrailLink
from webapp.queries.trail import as_chained, unlinked_entries

log = logging.getLogger(__name__)

BITE = 200
"""So many in one transaction."""
LONGEST_RUN = 50


def chain_trail(engine: Engine, installation_id: int) -> None:
    """Link everything that is new, and once a day write the head into the log."""
    keys = ChainKeys(engine.settings.webhook_private_keys)
    if keys.newest_id is None:
        return  # a worker on cloud accounts has no key of the chain
    for _ in range(LONGEST_RUN):
        with engine.sessions.begin() as session:
            count = _link(session, keys, keys.newest_id, installation_id, engine.clock.now())
        engine.crashpoint("trail_linked")
        if count < BITE:
            return


def _link(session: Session, keys: ChainKeys, key_id: str, installation_id: int, now: datetime) -> int:
    take_turns(session, "chain of the trail")
    if session.get(Installation, installation_id) is None:
        return 0
    newest = select(TrailLink.position, TrailLink.mac).order_by(TrailLink.position.desc()).limit(1)
    position, mac = session.execute(newest).one_or_none() or (0, FIRST)
    found = session.scalars(unlinked_entries().order_by(TrailEntry.id).limit(BITE)).all()
    for entry in found:
        position += 1
        mac = keys.mac(key_id, position, mac, as_chained(entry))
        session.add(TrailLink(position=position, entry_id=entry.id, key_id=key_id, mac=mac))
    if position:
        _log_head(session, installation_id, position, mac, now)
    return len(found)


def _log_head(session: Session, installation_id: int, position: int, mac: str, now: datetime) -> None:
    """What is cut off at the end is found by the log alone, so the log must have the head."""
    installation = session.get_one(Installation, installation_id, with_for_update=True)
    logged_at = installation.trail_head_logged_at
    if logged_at is None or logged_at.date() < now.date():
        installation.trail_head_logged_at = now
        log.info("head of the trail", extra={"position": position, "head": head_of(position, mac)})
