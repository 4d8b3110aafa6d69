"""What a restore or rebuild may bring back: what was promised, and for a rebuild newer files."""

from datetime import datetime, timedelta

from tests.cases import each_case
from tests.domain.decisions.rows import NOW
from webapp.domain.decisions import promises
from webapp.domain.decisions.change import RowChange
from webapp.domain.errors import Failure
from webapp.domain.lifecycle import Action
from webapp.domain.snapshots import SAME_WITHIN, Snapshots

SEEN = NOW - timedelta(hours=3)
MOMENT = timedelta(seconds=1)
CASES: list[tuple[Action, datetime | None, datetime | None, str | None, str | None]] = [
    # Action, promised, what the cloud has right before; the failure, and the event if it is sent.
    (Action.RESTORE, SEEN, SEEN, None, None),
    (Action.RESTORE, SEEN, SEEN + SAME_WITHIN, None, None),
    (Action.RESTORE, SEEN, SEEN - SAME_WITHIN, None, None),
    (Action.RESTORE, SEEN, SEEN + SAME_WITHIN + MOMENT, "snapshot_changed", None),
    (Action.RESTORE, SEEN, SEEN - SAME_WITHIN - MOMENT, "snapshot_changed", None),
    (Action.RESTORE, SEEN, None, "no_snapshot", None),
    (Action.REBUILD, SEEN, SEEN, None, None),
    (Action.REBUILD, SEEN, SEEN + SAME_WITHIN + MOMENT, None, "newer_snapshot"),
    (Action.REBUILD, SEEN, SEEN - SAME_WITHIN - MOMENT, "snapshot_changed", None),
    (Action.REBUILD, SEEN, None, "no_snapshot", None),
    (Action.REBUILD, None, SEEN, None, None),
    (Action.REBUILD, None, None, "no_snapshot", None),
]


@each_case(("action", "promised", "newest", "code", "event"), CASES)
def test_only_what_was_promised_comes_back(
    action: Action, promised: datetime | None, newest: datetime | None, code: str | None, event: str | None
) -> None:
    other = NOW - timedelta(days=1)
    is_restore = action is Action.RESTORE
    found = Snapshots(files_at=other, system_at=newest) if is_restore else Snapshots(newest, other)

    decided = promises.kept(action, found, promised_at=promised, now=NOW)

    if isinstance(decided, Failure):
        assert (decided.code, event) == (code, None)
        return
    assert code is None
    assert decided.change == RowChange(action_sent_at=NOW, returned_snapshot_at=newest)
    assert (decided.note.event if decided.note else None) == event


def test_both_times_are_in_the_words_of_a_broken_promise() -> None:
    found = Snapshots(SEEN, SEEN)

    failure = promises.kept(Action.RESTORE, found, promised_at=SEEN - timedelta(hours=12), now=NOW)

    assert isinstance(failure, Failure)
    assert failure.detail.count("UTC") == 2
