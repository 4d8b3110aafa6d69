"""A person's name in plain letters: the words of a user name, and the form in which two names are the same.

anyascii writes other alphabets in Latin letters. It goes letter by letter, which works for alphabets that
write all their vowels. Names in others (Han, Arabic, Hebrew, Thai …) cannot be read off their letters: “محمد”
becomes “mhmd”, which is nobody's user name. There the mailbox of the person's address is the better guess.
"""

import re
import unicodedata
from dataclasses import dataclass

from anyascii import anyascii

from webapp.domain.plain_text import plain

_READ_BY_LETTER = frozenset(
    {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HANGUL", "HIRAGANA", "KATAKANA"}
)
_APOSTROPHES = re.compile("['’‘`´ʹʻʼʾʿ′＇]")  # noqa: RUF001
_GREEK_PAIRS = (("ο[υύ]", "ou"), ("α[υύ]", "av"), ("ε[υύ]", "ev"), ("γγ", "ng"))  # noqa: RUF001
"""Two letters that are read as one sound: anyascii does not look at a letter's neighbours."""
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "herr", "frau", "dipl-ing"})
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "mba", "esq"})


@dataclass(frozen=True, slots=True)
class NameWords:
    """A name in small plain letters; a word may have hyphens. A single name is `first`."""

    first: str = ""
    middle: tuple[str, ...] = ()
    """Between the first name and the last."""
    last: tuple[str, ...] = ()
    """The last name with what belongs to it, such as `van`, `der`."""


def words_of(name: str, *, email: str = "") -> NameWords:
    """The words of a name; of the address's mailbox where the name has none that can be read."""
    words = _without_titles(_written(name))
    readable = [word for word in words if _is_readable(word)]
    if not readable:
        mailbox = email.partition("@")[0].partition("+")[0]
        readable = re.split(r"[._\s]+", _one_form(mailbox).lower())  # small: nothing in it is a particle
        readable = [word for word in readable if any(map(str.isalnum, word))] or words
    return _parts(readable)


def name_parts(name: str, *, email: str = "") -> tuple[str, str]:
    """First and last names as they are written, for a directory; of the mailbox where there is no name."""
    written = _without_titles(_written(name))
    if not written:
        mailbox = email.partition("@")[0].partition("+")[0]
        return " ".join(re.split(r"[._\s]+", mailbox)).strip().title(), ""
    start = _last_name_at(written)
    return " ".join(written[:start]), " ".join(written[start:])


def name_key(name: str) -> str:
    """The form in which two spellings are one name: “ŞAHIN YILDIZ” and “Şahin Yıldız”."""
    return " ".join(filter(None, (_latin(word) for word in _written(name))))


def _parts(words: list[str]) -> NameWords:
    latin = [(made, word[:1].islower()) for word in words if (made := _latin(word))]
    if len(latin) < 2:
        return NameWords(first=latin[0][0]) if latin else NameWords()
    start = _start_of_last([is_small for _, is_small in latin])
    made = [word for word, _ in latin]
    return NameWords(made[0], tuple(made[1:start]), tuple(made[start:]))


def _last_name_at(words: list[str]) -> int:
    return len(words) if len(words) < 2 else _start_of_last([word[:1].islower() for word in words])


def _start_of_last(are_small: list[bool]) -> int:
    start = len(are_small) - 1
    if not all(are_small):
        # “Ludwig van Beethoven”: what is written small among capitals belongs to the last name.
        while start > 1 and are_small[start - 1]:
            start -= 1
    return start


def _written(name: str) -> list[str]:
    """The words as written, the given name first, without signs and pictures."""
    parts = _one_form(name).split(",")
    if len(parts) > 1 and _bare(parts[-1]) in _SUFFIXES:
        parts.pop()
    written = " ".join(reversed(parts) if len(parts) == 2 else parts)  # “Byron, Ada”
    return [word for word in re.split(r"[\s._]+", written) if any(map(str.isalnum, word))]


def _without_titles(words: list[str]) -> list[str]:
    """“Dr. Ada Byron Jr.” without what is no name; never without any name."""
    while len(words) > 2 and _bare(words[0]) in _TITLES:
        words = words[1:]
    while len(words) > 2 and _bare(words[-1]) in _SUFFIXES:
        words = words[:-1]
    return words


def _one_form(text: str) -> str:
    """One form for wide and narrow letters; apostrophes gone, hyphens plain, other signs blanks."""
    text = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", plain(text)))
    return "".join(_sign(one) for one in text)


def _sign(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Pd":
        return "-"
    return character if category[0] in "LM" or category == "Nd" or character in ".,_" else " "


def _bare(word: str) -> str:
    return re.sub(r"[^a-z-]", "", word.lower())


def _is_readable(word: str) -> bool:
    letters = [one for one in word if one.isalpha()]
    return all(unicodedata.name(one, "").partition(" ")[0] in _READ_BY_LETTER for one in letters)


def _latin(word: str) -> str:
    word = word.lower()
    for pair, sound in _GREEK_PAIRS:
        word = re.sub(pair, sound, word)
    return re.sub(r"[^a-z0-9-]", "", anyascii(word).lower()).strip("-")
