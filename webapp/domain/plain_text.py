"""Text as people mean it: without what cannot be seen, each letter in one form."""

import re
import unicodedata

_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What Unicode calls default ignorable, beside the format characters (category Cf)."""


def plain(text: str) -> str:
    """Without invisible characters such as a byte order mark, composed (NFC), blanks as plain spaces.

    Line breaks, tabs and control characters stay: a form refuses them where they cannot be.
    """
    seen = "".join(_plain_character(one) for one in _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", seen).strip()


_MISLEADING = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
"""What turns the order of letters or hides between them; no joiners, which some alphabets and emoji need."""


def honest_name(text: str) -> str:
    """A name that looks like what it is, wherever it is shown: `\u202eevil\u202c Bob` is not “live Bob”."""
    return unicodedata.normalize("NFC", _MISLEADING.sub("", text)).strip()


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category == "Zs" else character
