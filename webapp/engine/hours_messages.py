"""A message on a desktop whose working hours are over while somebody is at work, in the person's language."""

from sqlalchemy import select

from webapp import languages
from webapp.domain.errors import CloudError
from webapp.domain.sentences import say, say_many
from webapp.engine.run import Run
from webapp.models import Application, User, Workspace


def send_hours_message(run: Run, row: Workspace) -> bool:
    """Was it shown to anybody? A cloud that cannot, or a key that may not, is no trouble."""
    messages, hours = run.driver.messages, row.hours
    if messages is None or hours is None:
        return False
    language = _language_of(run, row)
    title = languages.said(say("Your working hours are over"), language)
    stays = say("You can go on working: nobody is cut off.")
    then = say_many(
        "When nobody has been connected for %(count)s minute, this desktop is switched off.",
        "When nobody has been connected for %(count)s minutes, this desktop is switched off.",
        count=hours.idle_min,
    )
    text = " ".join(languages.said(one, language) for one in (stays, then))
    try:
        return messages.send_message(row.cloud_workspace_id or "", title, text) > 0
    except CloudError:
        return False


def _language_of(run: Run, row: Workspace) -> str:
    own = (
        select(User.language)
        .join(Application, Application.seeker_id == User.id)
        .where(Application.id == row.application_id)
    )
    with run.engine.sessions.begin() as session:
        chosen = session.scalar(own)
    return chosen if chosen in languages.LANGUAGES else languages.ENGLISH
