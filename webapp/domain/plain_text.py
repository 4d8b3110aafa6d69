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


def _plain_character(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category == "Zs" else character
