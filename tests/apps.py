"""One application for all tests with the same settings: to make one costs more than most tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flask import Flask

from webapp.config import Settings
from webapp.domain.clock import Clock
from webapp.extensions import db, limiter
from webapp.factory import create_app
from webapp.queueing import Notifier


class AppPool:
    def __init__(self) -> None:
        self._apps: list[tuple[Settings, Flask]] = []

    @contextmanager
    def open(
        self, settings: Settings, *, clock: Clock, notifier: Notifier, is_own: bool = False
    ) -> Iterator[Flask]:
        """An application with these settings, as new; the rate limits hold only in one of the test's own."""
        app = create_app(settings, clock=clock, notifier=notifier) if is_own else self._shared(settings)
        config, is_limited = dict(app.config), limiter.enabled
        app.extensions["berth"] = replace(app.extensions["berth"], clock=clock, notifier=notifier)
        limiter.enabled = is_limited and is_own
        try:
            yield app
        finally:
            limiter.enabled = is_limited
            app.config.clear()
            app.config.update(config)
            with app.app_context():
                db.session.remove()
                db.engine.dispose()

    def _shared(self, settings: Settings) -> Flask:
        for known, app in self._apps:
            if known == settings:
                return app
        made = create_app(settings)
        self._apps.append((settings, made))
        return made


def replace_database(template: Path, database: Path) -> None:
    """Put a copy of `template` in the place of a SQLite database that nobody uses any more."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}").unlink(missing_ok=True)
    shutil.copy(template, database)


@contextmanager
def without_rate_limit() -> Iterator[None]:
    """Inside an open application: what `monkeypatch` does may be undone after it is closed, and stay off."""
    was_limited, limiter.enabled = limiter.enabled, False
    yield
    limiter.enabled = was_limited
