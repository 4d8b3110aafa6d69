"""What a decision says: the change of the row, and the event that goes with it."""

from typing import NamedTuple

from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.note import Note


class Decision(NamedTuple):
    change: RowChange
    note: Note | None = None
