"""A desk that is opened once and copied: its first credential is tested by a worker in every test's past."""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings
from tests.stages import Stage
from webapp.config import Settings


@dataclass(frozen=True, slots=True)
class Template:
    """A database in which a desk was opened, and how long that took by the story's clock."""

    path: Path
    elapsed_s: float

    def open_desk(
        self, settings: Settings, clock: StoryClock, notifier: RecordingNotifier, stage: Stage
    ) -> Desk:
        """A desk on a copy of it, unless the test's database is in use already, or is another kind."""
        kind, _, path = settings.database_url.partition(":///")
        is_copy = kind == "sqlite" and _is_empty(Path(path))
        if is_copy:
            shutil.copy(self.path, path)
            clock.pause(self.elapsed_s)
        parts = {"settings": settings, "clock": clock, "notifier": notifier, "sandbox": stage.control}
        return Desk(**parts, stage=stage, is_furnished=is_copy)


def _is_empty(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        return not connection.execute("SELECT count(*) FROM users").fetchone()[0]


def make_template(migrated: Path, target: Path, stage: Stage) -> Template:
    """What every test of a desk begins with, made once."""
    shutil.copy(migrated, target)
    stage.control.reset(demo=True)
    clock = StoryClock(stage.control)
    settings = make_settings(f"sqlite:///{target}", stage)
    Desk(
        settings=settings, clock=clock, notifier=RecordingNotifier(), sandbox=stage.control, stage=stage
    ).close()
    return Template(target, clock.elapsed_s)
