"""Messages on a desktop whose hours end while somebody is at work, in the person's language and zone."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from webapp import languages
from webapp.domain.errors import CloudError
from webapp.domain.sentences import Sentence, say, say_many
from webapp.engine.run import Run
from webapp.models import Application, User, Workspace


class _Reader(NamedTuple):
    language: str
    time_zone: str | None
    """As the person has chosen it; None: not chosen."""


def send_hours_message(run: Run, row: Workspace) -> bool:
    """That the hours are over. Was it shown to anybody?"""
    hours = row.hours
    if hours is None or run.driver.messages is None:
        return False
    stays = say("You can go on working: nobody is cut off.")
    then = say_many(
        "When nobody has been connected for %(count)s minute, this desktop is switched off.",
        "When nobody has been connected for %(count)s minutes, this desktop is switched off.",
        count=hours.idle_min,
    )
    return _send(run, row, _reader_of(run, row), [say("Your working hours are over"), stays, then])


def send_warning(run: Run, row: Workspace, *, stop_at: datetime) -> bool:
    """That the hours end soon, and how to work on. Was it shown to anybody?"""
    hours = row.hours
    if hours is None or run.driver.messages is None:
        return False
    reader = _reader_of(run, row)
    moment = languages.exact(
        stop_at, language=reader.language, time_zone=reader.time_zone or hours.zone, has_seconds=False
    )
    then = say("From %(moment)s on this desktop is switched off once you have signed out.", moment=moment)
    stays = say("You can go on working: nobody is cut off.")
    longer = say("To keep it on for longer, press “Let me work on for 2 hours” on its page in Berth.")
    return _send(run, row, reader, [say("Your working hours end soon"), then, stays, longer])


def _send(run: Run, row: Workspace, reader: _Reader, said: list[Sentence]) -> bool:
    """The first is the title. A cloud that cannot, or a key that may not, is no trouble."""
    messages = run.driver.messages
    if messages is None:
        return False
    title, *text = (languages.said(one, reader.language) for one in said)
    try:
        return messages.send_message(row.cloud_workspace_id or "", title, " ".join(text)) > 0
    except CloudError:
        return False


def _reader_of(run: Run, row: Workspace) -> _Reader:
    own = (
        select(User.language, User.time_zone)
        .join(Application, Application.seeker_id == User.id)
        .where(Application.id == row.application_id)
    )
    with run.engine.sessions.begin() as session:
        found = session.execute(own).one_or_none()
    language, time_zone = found if found is not None else (None, None)
    return _Reader(language if language in languages.LANGUAGES else languages.ENGLISH, time_zone)
