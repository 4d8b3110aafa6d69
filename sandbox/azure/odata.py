"""The filter of a price list: comparisons of text joined by `and` and `or`, brackets, three functions.

Field names and values are case-sensitive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

Row = Mapping[str, Any]
Test = Callable[[Row], bool]
_TOKEN = re.compile(r"\s*(?:'((?:[^']|'')*)'|([A-Za-z][A-Za-z0-9]*)|([(),]))")
_COMPARISONS: Mapping[str, Callable[[str, str], bool]] = {
    "eq": lambda have, wanted: have == wanted,
    "ne": lambda have, wanted: have != wanted,
}
_FUNCTIONS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda have, wanted: wanted in have,
    "startswith": lambda have, wanted: have.startswith(wanted),
    "endswith": lambda have, wanted: have.endswith(wanted),
}


def read_filter(text: str, fields: Mapping[str, str]) -> Test:
    """`fields`: the row's member by the name in the filter. Raises ValueError."""
    parser = _Parser(_tokens(text), fields)
    test = parser.any_of()
    if parser.rest:
        raise ValueError(f"unexpected {parser.rest[0][1]}")
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    """Pairs of kind (text, word, mark) and value."""
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"unexpected {text[place:]}")
        quoted, word, mark = match.groups()
        if quoted is not None:
            found.append(("text", quoted.replace("''", "'")))
        else:
            found.append(("word", word) if word else ("mark", mark))
        place = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], fields: Mapping[str, str]) -> None:
        self.rest = tokens
        self._fields = fields

    def any_of(self) -> Test:
        tests = [self._all_of()]
        while self._take_if("word", "or"):
            tests.append(self._all_of())
        return lambda row: any(test(row) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._take_if("word", "and"):
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> Test:
        if self._take_if("mark", "("):
            inner = self.any_of()
            self._take("mark", ")")
            return inner
        word = self._take("word")
        if word in _FUNCTIONS:
            self._take("mark", "(")
            field = self._field(self._take("word"))
            self._take("mark", ",")
            wanted = self._take("text")
            self._take("mark", ")")
            return _test(_FUNCTIONS[word], field, wanted)
        field, sign = self._field(word), self._take("word")
        if sign not in _COMPARISONS:
            raise ValueError(f"unknown operator {sign}")
        return _test(_COMPARISONS[sign], field, self._take("text"))

    def _field(self, name: str) -> str:
        if name not in self._fields:
            raise ValueError(f"unknown field {name}")
        return self._fields[name]

    def _take_if(self, kind: str, value: str) -> bool:
        if self.rest[:1] != [(kind, value)]:
            return False
        self.rest = self.rest[1:]
        return True

    def _take(self, kind: str, value: str | None = None) -> str:
        if not self.rest or self.rest[0][0] != kind or value not in (None, self.rest[0][1]):
            raise ValueError(f"expected {value or kind}")
        taken, *self.rest = self.rest
        return taken[1]


def _test(holds: Callable[[str, str], bool], field: str, wanted: str) -> Test:
    return lambda row: holds(str(row[field]), wanted)
