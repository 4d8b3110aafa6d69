"""A text as records of cells: which sign separates them, and where each record begins."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.domain.plain_text import plain

SEPARATORS = ("\t", ";", "|", ",")
"""In this order where several would do: a comma may also stand inside a name."""
MOST_QUOTED_LINES = 10
"""Longer, and a quotation mark was probably never closed."""


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    text: str
    cells: list[str]


def separator_of(text: str) -> str:
    """The sign that separates the cells of most lines."""
    first, _, rest = text.lstrip("\ufeff").partition("\n")
    if named := re.fullmatch(r"sep=(.)\s*", first):  # Excel's own first line
        return named[1]
    lines = [re.sub(r'"[^"]*"', "", line) for line in text.splitlines()]
    return max(SEPARATORS, key=lambda one: (sum(one in line for line in lines), -SEPARATORS.index(one)))


def records_of(text: str, separator: str) -> Iterator[Record]:
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        end = _end_of(lines, at, separator)
        chunk = "\n".join(lines[at:end])
        if not re.fullmatch(r"\ufeff?sep=.\s*", chunk):
            yield Record(at + 1, tidy(chunk), _cells(chunk, separator))
        at = end


def _end_of(lines: list[str], at: int, separator: str) -> int:
    """The line after the record that begins here; a quoted cell may hold line breaks."""
    opens = re.compile(rf'(?:^|{re.escape(separator)})\s*"')
    chunk = ""
    for end in range(at, min(at + MOST_QUOTED_LINES, len(lines))):
        chunk += lines[end]
        if chunk.count('"') % 2 == 0 or not opens.search(chunk):
            return end + 1
    return at + 1


def _cells(chunk: str, separator: str) -> list[str]:
    """The cells of one record, without empty ones at its end."""
    if separator not in chunk:
        separator = next((one for one in SEPARATORS if one in chunk), separator)
    is_quoted = chunk.count('"') % 2 == 0
    reader = csv.reader(
        io.StringIO(chunk.strip(" \ufeff"), newline=""),
        delimiter=separator,
        skipinitialspace=True,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
    )
    cells = [tidy(cell) for row in reader for cell in row]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def tidy(cell: str) -> str:
    return " ".join(plain(cell).split())
