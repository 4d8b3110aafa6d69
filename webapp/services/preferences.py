"""In which language and time zone a person reads pages and mails."""

from webapp.domain.errors import Invalid
from webapp.domain.sentences import say
from webapp.languages import ENGLISH, LANGUAGES, time_zones
from webapp.models import User
from webapp.services.context import ServiceContext


def choose(context: ServiceContext, user: User, *, language: str, time_zone: str) -> None:
    """An empty choice is none: then the browser decides about the language, and times are in UTC.

    Raises Invalid.
    """
    if language and language not in LANGUAGES:
        raise Invalid(say("Choose one of these languages."), field="language", code="language_unknown")
    if time_zone and time_zone not in time_zones():
        raise Invalid(say("Choose one of these time zones."), field="time_zone", code="time_zone_unknown")
    user.language, user.time_zone = language or None, time_zone or None
    context.session.commit()


def keep_language(context: ServiceContext, user: User, language: str) -> None:
    """The language of the page on which a new account was made, so that mails have it too.

    English is what whoever has chosen nothing gets, so nothing is kept for it. Commits.
    """
    if language != ENGLISH and user.language is None:
        user.language = language
        context.session.commit()
