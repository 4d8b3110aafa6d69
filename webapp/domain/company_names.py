"""The look of a company's name: two names that people would take for each other have the same.

By Unicode's table of confusable letters (UTS 39), without case, blanks and signs.
"""

import unicodedata
from functools import cache

from webapp.domain.plain_text import plain

LOOK_LENGTH = 240
"""A letter may look like two."""
_ALIKE = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


def look_of(name: str) -> str:
    """“Quayside”, “QUAYSIDE.” and “Quауsіdе” with Cyrillic letters look the same."""  # noqa: RUF002
    one_form = unicodedata.normalize("NFKD", plain(name))
    written = "".join(_latin(one) for one in one_form if not unicodedata.combining(one))
    look = "".join(one for one in written.casefold() if one.isalnum() or one == "|").translate(_ALIKE)
    for pair, single in _PAIRS:
        look = look.replace(pair, single)
    return (look or one_form)[:LOOK_LENGTH]


def _latin(character: str) -> str:
    if character.isascii():
        return character
    return next((one for one in _lookalikes(character) if one.isascii()), character)


@cache
def _lookalikes(character: str) -> tuple[str, ...]:
    # Imported where it is needed: its table takes a tenth of a second and some memory.
    from confusable_homoglyphs.confusables import confusables_data  # noqa: PLC0415

    return tuple(one["c"] for one in confusables_data.get(character, ()))
