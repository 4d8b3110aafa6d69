"""A language of the tests: every message of the catalogue in brackets; what has none is in no catalogue."""

from gettext import NullTranslations
from html.parser import HTMLParser

from tests.languages.extraction import messages

OPENS, CLOSES = "⟦", "⟧"
READABLE = ("title", "alt", "aria-label", "placeholder", "data-label", "data-announce", "data-word")
"""Attributes that somebody sees or hears."""


class Marked(NullTranslations):
    def __init__(self) -> None:
        super().__init__()
        self._known = set(messages())

    def gettext(self, message: str) -> str:
        return f"{OPENS}{message}{CLOSES}" if message in self._known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"{OPENS}{super().ngettext(msgid1, msgid2, n)}{CLOSES}" if msgid1 in self._known else msgid1


class _Words(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.attributes: list[str] = []
        self._is_hidden = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_hidden = tag in ("script", "style")
        self.attributes += [value for name, value in attrs if name in READABLE and value]

    def handle_endtag(self, tag: str) -> None:
        self._is_hidden = False

    def handle_data(self, data: str) -> None:
        if not self._is_hidden:
            self.parts.append(data)


def unmarked(page: str, *, data: list[str]) -> list[str]:
    """Words of an HTML page or a plain text that stand in no brackets and are no `data`."""
    read = _Words(page)
    found: list[str] = []
    for text in (" \x00 ".join(read.parts), *read.attributes):
        for part in _outside(text).split("\x00"):
            for one in sorted(data, key=len, reverse=True):
                part = part.replace(one, "")
            if any(letter.isalpha() for letter in part):
                found.append(" ".join(part.split()))
    return found


def _outside(text: str) -> str:
    kept, depth = [], 0
    for letter in text:
        depth += (letter == OPENS) - (letter == CLOSES)
        if (depth == 0 and letter != CLOSES) or letter == "\x00":
            kept.append(letter)
    assert depth == 0, "brackets that do not close"
    return "".join(kept)
