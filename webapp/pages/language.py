"""In which language a page is, in which time zone its times are, and how its templates say so.

Whoever looks for work, and whoever is not signed in, reads every page in their own language. The pages of a
company that hires are in English; its people have the pages that everybody has in their own language too.
"""

from datetime import datetime

from flask import Flask, flash, g, request

from webapp import languages
from webapp.domain.hours.reading import hours_in_words
from webapp.domain.hours.week import Hours
from webapp.domain.roles import Role
from webapp.domain.sentences import Sentence
from webapp.identity import Viewer, own_language
from webapp.languages import ENGLISH
from webapp.pages.script_words import SCRIPT_WORDS

OF_EVERYBODY = (
    "account",
    "accounts",
    "board",
    "desktops",
    "digests",
    "home",
    "invitations",
    "passkey_sign_in",
    "passkeys",
    "passwords",
    "proofs",
    "removal",
    "second_factor",
)
"""Blueprints whose pages exist in every language."""


def register(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # added by the extension
        lambda text: languages.catalogue(page_language()).gettext(text),
        lambda one, many, count: languages.catalogue(page_language()).ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.finalize = _finalize
    app.jinja_env.filters["said"] = said
    app.jinja_env.filters["exact"] = exact
    app.jinja_env.filters["to_the_minute"] = to_the_minute
    app.jinja_env.filters["weekly"] = weekly
    app.context_processor(lambda: {"page_language": page_language(), "script_words": _script_words()})


def page_language() -> str:
    blueprint = request.blueprint
    if blueprint is None or blueprint in OF_EVERYBODY:
        return own_language()
    if "is_error" not in g:
        return ENGLISH  # first, because each time and each sentence of a list asks
    viewer: Viewer | None = g.get("viewer")
    hires = viewer is not None and viewer.role is not Role.SEEKER
    return ENGLISH if hires else own_language()


def said(text: str) -> str:
    """A sentence in the language of the page; what people have written stays as it is."""
    return languages.said(text, page_language())


def tell(message: str) -> None:
    """On the page that comes next, in the person's language."""
    flash(languages.said(message, own_language()))


def exact(at: datetime, *, has_seconds: bool = True) -> str:
    """In the zone that the person has chosen, else in UTC; named."""
    viewer: Viewer | None = g.get("viewer")
    zone = viewer.time_zone if viewer is not None else None
    return languages.exact(at, language=page_language(), time_zone=zone, has_seconds=has_seconds)


def weekly(hours: Hours) -> str:
    return hours_in_words(hours, languages.day_names(page_language()))


def to_the_minute(at: datetime) -> str:
    """The same without seconds, for what is planned."""
    return exact(at, has_seconds=False)


def _finalize(value: object) -> object:
    """What a template prints: a sentence in the language of the page, all else as it is."""
    return said(value) if isinstance(value, Sentence) else value


def _script_words() -> dict[str, list[str]] | None:
    """What our script says; it has the English itself."""
    language = page_language()
    if language == ENGLISH:
        return None
    found = languages.catalogue(language)
    return {
        message: [found.gettext(message)]
        if many is None
        else [found.ngettext(message, many, count) for count in (1, 2)]
        for message, many in SCRIPT_WORDS
    }
