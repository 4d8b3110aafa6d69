"""What is written down of presses, snapshots and disks, whoever writes it: triggers, and what they saw."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.simulator.processes import START

_TRIGGERS = """
CREATE TABLE recoveries (id INTEGER PRIMARY KEY, kind TEXT, subject INTEGER, old TEXT, new TEXT, at TEXT,
                         promised TEXT, returned TEXT, sent TEXT, is_ended INTEGER);
CREATE TRIGGER on_recovery AFTER UPDATE ON workspaces
WHEN OLD.requested_action IS NOT NEW.requested_action OR OLD.action_sent_at IS NOT NEW.action_sent_at
  OR OLD.action_requested_at IS NOT NEW.action_requested_at BEGIN
  INSERT INTO recoveries (kind, subject, old, new, at, promised, returned, sent, is_ended)
  VALUES ('action', NEW.id, OLD.requested_action, NEW.requested_action, NEW.action_requested_at,
          NEW.promised_snapshot_at, NEW.returned_snapshot_at, NEW.action_sent_at,
          NEW.desired = 'absent' OR NEW.suspended_at IS NOT NULL OR NEW.phase != 'ready');
END;
CREATE TRIGGER on_recovery_event AFTER INSERT ON events WHEN NEW.workspace_id IS NOT NULL BEGIN
  INSERT INTO recoveries (kind, subject, new) VALUES ('event', NEW.workspace_id, NEW.event);
END;
CREATE TRIGGER on_shown AFTER UPDATE ON workspaces
WHEN OLD.system_snapshot_at IS NOT NEW.system_snapshot_at
  OR OLD.files_snapshot_at IS NOT NEW.files_snapshot_at BEGIN
  INSERT INTO recoveries (kind, subject, old, new)
  VALUES ('shown', NEW.id, NEW.files_snapshot_at, NEW.system_snapshot_at);
END;
CREATE TRIGGER on_intended AFTER INSERT ON disk_snapshots BEGIN
  INSERT INTO recoveries (kind, subject, new, at) VALUES ('snapshot', NEW.id, NEW.state, NEW.sent_at);
END;
CREATE TRIGGER on_kept AFTER UPDATE OF state ON disk_snapshots WHEN OLD.state IS NOT NEW.state BEGIN
  INSERT INTO recoveries (kind, subject, old, new) VALUES ('snapshot', NEW.id, OLD.state, NEW.state);
END;
CREATE TRIGGER on_copied AFTER UPDATE OF copied_at ON file_returns
WHEN OLD.copied_at IS NULL AND NEW.copied_at IS NOT NULL BEGIN
  INSERT INTO recoveries (kind, subject) VALUES ('copied', NEW.id);
END;
CREATE TRIGGER on_policy_added AFTER INSERT ON snapshot_settings BEGIN
  INSERT INTO recoveries (kind, subject) VALUES ('policy', NEW.credential_id);
END;
CREATE TRIGGER on_policy AFTER UPDATE ON snapshot_settings BEGIN
  INSERT INTO recoveries (kind, subject) VALUES ('policy', NEW.credential_id);
END;
"""


@dataclass(frozen=True)
class Line:
    kind: str
    subject: int
    old: str | None
    new: str | None
    at: str | None
    promised: str | None
    returned: str | None
    sent: str | None
    is_ended: bool


class Journal:
    def __init__(self, raw: sqlite3.Connection) -> None:
        raw.executescript(_TRIGGERS)
        self._raw, self._read = raw, 0

    def news(self) -> Iterator[Line]:
        """Since the last time."""
        query = "SELECT * FROM recoveries WHERE id > ? ORDER BY id"
        for number, *columns in self._raw.execute(query, (self._read,)).fetchall():
            self._read = number
            kind, subject, old, new, at, promised, returned, sent, is_ended = columns
            yield Line(kind, subject, old, new, at, promised, returned, sent, bool(is_ended))


def seconds(text: str) -> float:
    """A moment of the database, by the simulator's clock."""
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - START).total_seconds()
