"""A trail with a chain, and every way to tamper with it that its database allows."""

import random
from collections.abc import Callable, Collection
from datetime import timedelta

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.orm import Session

from tests.desk import START, Desk
from webapp.domain.trail_chain import ChainKeys, heads_in
from webapp.engine.trail_chain import chain_trail
from webapp.models import TrailEntry, TrailLink
from webapp.services.trail_check import Verdict, check_trail

LENGTH = 60
TEXTS = ("actor", "address", "request_id", "action", "outcome", "code", "subject")
Tampering = Callable[[Session, random.Random], str]


def keys_of(desk: Desk) -> ChainKeys:
    return ChainKeys(desk.settings.webhook_private_keys)


def entry(number: int) -> TrailEntry:
    return TrailEntry(
        at=START + timedelta(seconds=number),
        company_id=1 + number % 3,
        user_id=number % 5 or None,
        actor=f"person{number}@example.com",
        address="192.0.2.7",
        request_id=f"{number:032x}",
        action="workspaces.press",
        outcome="done" if number % 4 else "refused",
        code="" if number % 4 else "conflict",
        subject=f"workspace_id={number}, verb=stop",
        changes=[{"table": "workspaces", "id": number, "before": {"x": None}, "after": {"x": "é"}}],
    )


def fill(desk: Desk, count: int = LENGTH) -> None:
    with desk.sessions.begin() as session:
        session.add_all(entry(number) for number in range(1, count + 1))
    chain_trail(desk.make_engine(), 1)


def check(desk: Desk, session: Session, heads: Collection[tuple[int, str]] = ()) -> Verdict:
    return check_trail(session, keys_of(desk), heads=heads, now=desk.clock.now())


def _position(session: Session, rng: random.Random) -> int:
    return rng.randint(1, session.scalar(select(func.max(TrailLink.position))) or 1)


def _entry_id(session: Session, rng: random.Random) -> int:
    place = TrailLink.position == _position(session, rng)
    return session.scalars(select(TrailLink.entry_id).where(place)).one()


def edit_text(session: Session, rng: random.Random) -> str:
    name, own = rng.choice(TEXTS), TrailEntry.id == _entry_id(session, rng)
    session.execute(update(TrailEntry).where(own).values({name: f"x{rng.random()}"[:8]}))
    return f"edited {name}"


def edit_number(session: Session, rng: random.Random) -> str:
    name, own = rng.choice(("company_id", "user_id")), TrailEntry.id == _entry_id(session, rng)
    session.execute(update(TrailEntry).where(own).values({name: rng.randint(100, 999)}))
    return f"edited {name}"


def edit_time(session: Session, rng: random.Random) -> str:
    own = TrailEntry.id == _entry_id(session, rng)
    moved = START - timedelta(microseconds=rng.randint(1, 10**9))
    session.execute(update(TrailEntry).where(own).values(at=moved))
    return "edited the time"


def edit_changes(session: Session, rng: random.Random) -> str:
    own = TrailEntry.id == _entry_id(session, rng)
    session.execute(update(TrailEntry).where(own).values(changes=[{"table": "users", "id": rng.random()}]))
    return "edited what changed"


def delete_entry(session: Session, rng: random.Random) -> str:
    entry_id = _entry_id(session, rng)
    session.execute(delete(TrailLink).where(TrailLink.entry_id == entry_id))
    session.execute(delete(TrailEntry).where(TrailEntry.id == entry_id))
    return "deleted an entry with its link"


def delete_link(session: Session, rng: random.Random) -> str:
    session.execute(delete(TrailLink).where(TrailLink.position == _position(session, rng)))
    return "deleted a link"


def delete_and_close_up(session: Session, rng: random.Random) -> str:
    place = _position(session, rng)
    entry_id = session.scalars(select(TrailLink.entry_id).where(TrailLink.position == place)).one()
    session.execute(delete(TrailLink).where(TrailLink.position == place))
    session.execute(delete(TrailEntry).where(TrailEntry.id == entry_id))
    rest = select(TrailLink.position).where(TrailLink.position > place).order_by(TrailLink.position)
    for position in session.scalars(rest).all():
        session.execute(update(TrailLink).where(TrailLink.position == position).values(position=position - 1))
    return "deleted an entry and closed the gap"


def swap_entries(session: Session, rng: random.Random) -> str:
    """The links of two entries change places."""
    first, second = rng.sample(range(1, (session.scalar(select(func.max(TrailLink.position))) or 2) + 1), 2)
    ids = {
        row.position: row.entry_id
        for row in session.scalars(select(TrailLink).where(TrailLink.position.in_((first, second))))
    }
    links = {row.position: (row.key_id, row.mac) for row in session.scalars(select(TrailLink))}
    session.execute(delete(TrailLink).where(TrailLink.position.in_((first, second))))
    for place, other in ((first, second), (second, first)):
        values = {
            "position": place,
            "entry_id": ids[other],
            "key_id": links[place][0],
            "mac": links[place][1],
        }
        session.execute(insert(TrailLink).values(values))
    return "swapped two entries"


def insert_among(session: Session, rng: random.Random) -> str:
    """In the place of an older one, with a link of its own making."""
    made = entry(rng.randint(1, 10**6))
    session.add(made)
    session.flush()
    end = (session.scalar(select(func.max(TrailLink.position))) or 0) + 1
    session.add(TrailLink(position=end, entry_id=made.id, key_id="0" * 8, mac=f"{rng.getrandbits(256):064x}"))
    session.flush()
    return "added an entry with a made-up link"


def insert_with_known_key(session: Session, rng: random.Random) -> str:
    made = entry(rng.randint(1, 10**6))
    session.add(made)
    session.flush()
    end = session.scalars(select(TrailLink).order_by(TrailLink.position.desc()).limit(1)).one()
    session.add(
        TrailLink(
            position=end.position + 1,
            entry_id=made.id,
            key_id=end.key_id,
            mac=f"{rng.getrandbits(256):064x}",
        )
    )
    session.flush()
    return "added an entry with a link under the right key's name"


def insert_before(session: Session, rng: random.Random) -> str:
    """With a low number and no link."""
    low = -rng.randint(1, 10**6)
    made = entry(rng.randint(1, 10**6))
    made.id = low
    session.add(made)
    session.flush()
    return "added an entry among the old ones"


def cut_tail(session: Session, rng: random.Random) -> str:
    place = _position(session, rng)
    ids = session.scalars(select(TrailLink.entry_id).where(TrailLink.position >= place)).all()
    session.execute(delete(TrailLink).where(TrailLink.position >= place))
    session.execute(delete(TrailEntry).where(TrailEntry.id.in_(ids)))
    return "cut off the end"


def edit_link(session: Session, rng: random.Random) -> str:
    own = TrailLink.position == _position(session, rng)
    session.execute(update(TrailLink).where(own).values(mac=f"{rng.getrandbits(256):064x}"))
    return "edited a link"


def empty_all(session: Session, _rng: random.Random) -> str:
    session.execute(text("DELETE FROM trail_links"))
    session.execute(text("DELETE FROM trail_entries"))
    return "deleted everything"


TAMPERINGS: tuple[Tampering, ...] = (
    edit_text,
    edit_number,
    edit_time,
    edit_changes,
    delete_entry,
    delete_link,
    delete_and_close_up,
    swap_entries,
    insert_among,
    insert_with_known_key,
    insert_before,
    cut_tail,
    edit_link,
    empty_all,
)


def tamper(desk: Desk, count: int, seed: int) -> tuple[int, list[str]]:
    """How many tamperings were found, and which were not. Each is undone; the last head is in the log."""
    rng, found, missed = random.Random(seed), 0, []
    with desk.sessions() as session:
        untouched = check(desk, session)
        session.rollback()
        assert untouched.problem == ""
        for number in range(count):
            done = TAMPERINGS[number % len(TAMPERINGS)](session, rng)
            verdict = check(desk, session, heads_in(untouched.head))
            session.rollback()
            if verdict.problem:
                found += 1
            else:
                missed.append(done)
    return found, missed
