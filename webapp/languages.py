"""The languages of pages and mails: catalogues (gettext, by Babel), and how each writes a moment.

English is the language of the sources and needs no catalogue. The others are `translations/<code>/`, compiled
in memory when they are first used, so that an installation has no step for it.
"""

from datetime import UTC, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.dates import format_date, get_timezone_name
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from webapp.domain.sentences import said_by

ENGLISH, GERMAN = "en", "de"
LANGUAGES = {ENGLISH: "English", GERMAN: "Deutsch"}
"""By their codes, each in its own words."""
CATALOGUES = Path(__file__).parent / "translations"
UTC_NAME = "UTC"
_AREAS = (
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
)


READ: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
"""The catalogues that were used, by language."""


def catalogue(language: str) -> NullTranslations:
    """What looks a message up. Raises FileNotFoundError for a language that is not here."""
    if language not in READ:
        READ[language] = _compiled(language)
    return READ[language]


def said(text: str, language: str) -> str:
    """A `Sentence` in that language; other text unchanged, because it is somebody's own."""
    found = catalogue(language)
    return said_by(text, of_one=found.gettext, of_many=found.ngettext)


def _compiled(language: str) -> NullTranslations:
    compiled = BytesIO()
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


@lru_cache
def time_zones() -> tuple[str, ...]:
    """What people can choose from, by continent and city."""
    return (UTC_NAME, *sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS))


@lru_cache
def day_names(language: str) -> tuple[str, ...]:
    """The short names of the days, from Monday on."""
    names = Locale.parse(language).days["format"]["abbreviated"]
    return tuple(str(names[number]).rstrip(".") for number in range(7))


@lru_cache(maxsize=8192)  # each look at a list says the same times again
def exact(
    at: datetime, *, language: str = ENGLISH, time_zone: str | None = None, has_seconds: bool = True
) -> str:
    """Such as “5 Mar 2026, 14:05:09 CET”: the time there, and what the zone is called there at that time."""
    local = at.astimezone(ZoneInfo(time_zone) if time_zone else UTC)
    clock, zone = f"{local:%H:%M:%S}" if has_seconds else f"{local:%H:%M}", _zone_name(local, language)
    if language == ENGLISH:
        return f"{local.day} {local:%b %Y}, {clock} {zone}"
    return f"{format_date(local, 'd. MMM yyyy', locale=language)}, {clock} {zone}"


def _zone_name(local: datetime, language: str) -> str:
    """Its usual abbreviation, or where it has none the distance from UTC."""
    name = local.tzname() or UTC_NAME
    if name == UTC_NAME:
        return name
    if language != ENGLISH:
        there = get_timezone_name(local, width="short", locale=language)
        if there.isalpha():
            return there
    if not local.utcoffset():
        return name if name.isalpha() else UTC_NAME
    return name if name.isalpha() else f"{UTC_NAME}{_with_minus(name)}"


def _with_minus(offset: str) -> str:
    """`+0530` as “+5:30”, `-03` as “−3”."""
    sign, hours, minutes = offset[0], int(offset[1:3]), offset[3:]
    return f"{'−' if sign == '-' else '+'}{hours}{':' + minutes if minutes else ''}"
