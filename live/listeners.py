"""Who listens: the person behind a ticket, for as long as the session lives."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Engine, Row, Select, select

from webapp.database import make_engine, read_only_transactions
from webapp.domain.clock import Clock
from webapp.domain.live_tickets import is_ticket, session_id_of
from webapp.domain.roles import Role
from webapp.models.user import User, UserSession


@dataclass(frozen=True, slots=True)
class Listener:
    """A signed-in browser, and all of the person that decides what it may hear."""

    session_id: int
    user_id: int
    company_id: int | None
    """The company whose workspaces this person sees; None for others, who hear of their own only."""


class Listeners:
    """Reads sessions; each call is one query, so call it in a thread. Raises SQLAlchemyError."""

    def __init__(self, database_url: str, clock: Clock) -> None:
        self._engine: Engine = make_engine(database_url)
        self._clock = clock

    def find(self, ticket: str) -> Listener | None:
        session_id = session_id_of(ticket)
        if session_id is None:
            return None
        found = self._read(self._living({session_id}))
        if not found or not is_ticket(ticket, session_id, found[0].token_hash):
            return None
        return _listener(found[0])

    def list_living(self, session_ids: Collection[int]) -> set[Listener]:
        """Those of them that have not ended, as they are now: a person may have become another's."""
        return {_listener(row) for row in self._read(self._living(session_ids))}

    def close(self) -> None:
        self._engine.dispose()

    def _living(self, session_ids: Collection[int]) -> Select:
        return (
            select(
                UserSession.id, UserSession.token_hash, User.id.label("user_id"), User.company_id, User.role
            )
            .join(User, User.id == UserSession.user_id)
            .where(UserSession.id.in_(session_ids), UserSession.is_live(), User.is_active)
        )

    def _read(self, query: Select) -> list[Row]:
        with read_only_transactions(), self._engine.connect() as connection:
            return list(connection.execute(query, UserSession.live_at(self._clock.now())))


def _listener(row: Row) -> Listener:
    return Listener(row.id, row.user_id, row.company_id if row.role is Role.PROVIDER else None)
