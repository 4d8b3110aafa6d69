"""A decision: the change of the row, and its event."""

from typing import NamedTuple

from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Note


class Decision(NamedTuple):
    change: RowChange
    note: Note | None = None
