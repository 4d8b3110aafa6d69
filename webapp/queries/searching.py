"""Searching a company's workspaces: what matches, and where an index gives the few that may.

PostgreSQL's planner uses its index by itself. SQLite's is a table of its own (FTS5) that has to be asked: it
gives at least every row that matches, and the condition says which of them do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, false, func, literal_column, or_, select, text
from sqlalchemy.orm import Session, scoped_session

from webapp.models import Workspace
from webapp.queries.branches import MOST_COUNTED

AnySession = Session | scoped_session[Session]

CANDIDATES = text(
    "SELECT rowid FROM workspace_search WHERE workspace_search MATCH :words ORDER BY rowid DESC LIMIT :most"
)
SHORTEST_INSIDE = 3
"""An index of three characters each knows nothing shorter: less is looked for at the beginning of words."""


@dataclass(frozen=True, slots=True)
class Search:
    inside: ColumnElement[bool]
    """Whether a row is the company's and matches."""
    some: ColumnElement[bool] | None = None
    """The same, of the newest MOST_COUNTED + 1 alone that may match by the index; None without one."""
    is_rare: bool = False
    """These are all that may match."""
    is_among: bool = False
    """They were known before."""

    @property
    def condition(self) -> ColumnElement[bool]:
        """For lists. What is rare is read by its ids; of the rest a page's rows come soon in any order."""
        return self.some if self.is_rare and self.some is not None else self.inside

    @property
    def conditions(self) -> list[ColumnElement[bool]]:
        """For counting as far as MOST_COUNTED, one after the other until there are more."""
        return [self.condition] if self.is_rare or self.some is None else [self.some, self.inside]


def search(session: AnySession, q: str, *, company_id: int, among: Sequence[int] | None = None) -> Search:
    """`among`: the ids that alone may match, if they are known and few."""
    own = Workspace.company_id == company_id
    if among is not None:
        found = _among(among, company_id)
        condition = found & _matches(q) if q.strip() else found
        return Search(condition, condition, is_rare=True, is_among=True)
    if not q.strip():
        return Search(own)
    matches = _matches(q)
    if session.get_bind().dialect.name != "sqlite" or not _has_index(session):
        return Search(own & matches)
    ids = list(session.scalars(CANDIDATES, {"words": _for_index(q, company_id), "most": MOST_COUNTED + 1}))
    return Search(own & matches, _among(ids, company_id) & matches, is_rare=len(ids) <= MOST_COUNTED)


def _among(ids: Sequence[int], company_id: int) -> ColumnElement[bool]:
    # Without statistics SQLite takes a company for ten rows and would read them all: hidden from its indexes.
    return and_(Workspace.id.in_(ids), Workspace.company_id + 0 == company_id) if ids else false()


def search_own(q: str) -> ColumnElement[bool]:
    """For a seeker's own workspaces, which are few; cloud ids are not shown to seekers."""
    pattern = f"%{_escaped(q)}%"
    seen = (Workspace.username, Workspace.bundle_name, Workspace.person_key, Workspace.person_email)
    return or_(*(one.ilike(pattern, escape="\\") for one in seen))


def _matches(q: str) -> ColumnElement[bool]:
    text_of_row = Workspace.search_text
    if len(q.strip()) >= SHORTEST_INSIDE:
        return text_of_row.like(func.lower(f"%{_escaped(q)}%"), escape="\\")
    start = _escaped(q.strip())
    return or_(*(text_of_row.like(func.lower(one), escape="\\") for one in (f"{start}%", f"% {start}%")))


def _escaped(q: str) -> str:
    return q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _for_index(q: str, company_id: int) -> str:
    """As migration 0023 writes it: two spaces before each word, and the company: no other's is read."""
    is_short = len(q.strip()) < SHORTEST_INSIDE
    words = f"  {q.strip()}" if is_short else q.replace(" ", "  ")
    quoted = words.replace('"', '""')
    return f'company : "co{company_id};" AND words : "{quoted}"'


def _has_index(session: AnySession) -> bool:
    columns = func.pragma_table_info("workspace_search").table_valued("name")
    return session.scalar(select(literal_column("1")).select_from(columns).limit(1)) is not None
