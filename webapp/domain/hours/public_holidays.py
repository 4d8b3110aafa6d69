"""Public holidays of a country or one of its parts, as the library `holidays` knows them.

A place is an ISO 3166 code, such as `FR` or `DE-BY`. Only days off for the whole place count.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

import holidays

LONGEST_PLACE = 16


@lru_cache
def list_places() -> Sequence[str]:
    """Every place whose holidays are known, once, sorted: each country before its parts."""
    return _places(has_aliases=False)


def _places(*, has_aliases: bool) -> Sequence[str]:
    """Aliases are codes of three letters and names of parts, such as `DEU-BY` and `DE-Bayern`."""
    known = holidays.list_supported_countries(include_aliases=has_aliases)
    places: list[str] = []
    for country, parts in sorted(known.items()):
        places += [country, *(f"{country}-{part}" for part in sorted(parts))]
    return [place for place in places if len(place) <= LONGEST_PLACE]


def is_place(place: str) -> bool:
    return place in _place_set()


def name_of_holiday(place: str | None, day: date) -> str | None:
    """The holiday's name in the country's own language; None on every other day, and without a place."""
    return None if place is None else _year(place, day.year).get(day)


@lru_cache
def _place_set() -> frozenset[str]:
    return frozenset(_places(has_aliases=True))


@lru_cache(maxsize=512)
def _year(place: str, year: int) -> Mapping[date, str]:
    country, _, part = place.partition("-")
    return dict(holidays.country_holidays(country, subdiv=part or None, years=year))
