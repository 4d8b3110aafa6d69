"""Is the trail as it was written? Needs the keys of the chain, which only the workers `background` have."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, scoped_session

from webapp.domain.trail_chain import FIRST, ChainKeys, head_of
from webapp.models import TrailEntry, TrailLink
from webapp.queries.trail import IS_LINKED, NEWEST_LINKED, as_chained

AnySession = Session | scoped_session[Session]

BITE = 500
LINKED_WITHIN = timedelta(hours=1)
"""An entry that has no link for longer was added by something else, or no worker links."""


@dataclass(frozen=True, slots=True)
class Verdict:
    links: int
    head: str
    """`position:mac` of the last link that is right."""
    problem: str
    """The first broken row, in words; empty if there is none."""


def check_trail(
    session: AnySession, keys: ChainKeys, *, heads: Collection[tuple[int, str]], now: datetime
) -> Verdict:
    """`heads`: from the log, by position. Reads the whole chain, in bites."""
    position, mac = 0, FIRST
    while True:
        rows = session.execute(
            select(TrailLink, TrailEntry)
            .outerjoin(TrailEntry, TrailEntry.id == TrailLink.entry_id)
            .where(TrailLink.position > position)
            .order_by(TrailLink.position)
            .limit(BITE)
            .execution_options(populate_existing=True)
        ).all()
        for link, entry in rows:
            problem = _problem_of(keys, position, mac, link, entry) or _problem_of_head(heads, link)
            if problem:
                return Verdict(position, head_of(position, mac), problem)
            position, mac = link.position, link.mac
        if len(rows) < BITE:
            break
    missing = [one for one, _ in heads if one > position]
    problem = f"The end is missing: the log has a head at position {max(missing)}." if missing else ""
    return Verdict(position, head_of(position, mac), problem or _stray(session, now))


def _problem_of(keys: ChainKeys, before: int, mac: str, link: TrailLink, entry: TrailEntry | None) -> str:
    if link.position != before + 1:
        return f"Position {before + 1} is missing."
    if entry is None:
        return f"Entry {link.entry_id} at position {link.position} is missing."
    if not keys.knows(link.key_id):
        return f"Position {link.position} was linked with the key {link.key_id}, which is not here."
    if keys.mac(link.key_id, link.position, mac, as_chained(entry)) != link.mac:
        return f"Entry {link.entry_id} at position {link.position} is not as it was written."
    return ""


def _problem_of_head(heads: Collection[tuple[int, str]], link: TrailLink) -> str:
    if any(position == link.position and mac != link.mac for position, mac in heads):
        return f"Position {link.position} is not the one whose head the log has."
    return ""


def _stray(session: AnySession, now: datetime) -> str:
    """An entry among older ones that no link vouches for."""
    is_late = or_(TrailEntry.at < now - LINKED_WITHIN, TrailEntry.id < NEWEST_LINKED)
    found = session.scalar(select(TrailEntry.id).where(~IS_LINKED, is_late).order_by(TrailEntry.id).limit(1))
    return "" if found is None else f"Entry {found} is in no place of the chain."
