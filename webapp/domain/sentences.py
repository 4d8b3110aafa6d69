"""Sentences for people, in English, with what is needed to say them in another language.

Whoever writes one need not know who will read it: it is English text like any other, for the API too, and the
pages and mails look its message up in the catalogue of their reader's language (`webapp/languages.py`).
"""

from collections.abc import Callable, Iterable, Mapping


class Sentence(str):
    """`say` and `say_many` make it."""

    one: str
    """The message under which the catalogue has it, with `%(name)s` for each value."""
    many: str | None
    """The message for any count but one; None without a count."""
    number: int
    """Which of the two forms is right."""
    values: Mapping[str, object]


def say(message: str, /, **values: object) -> Sentence:
    """A sentence, or a word, that the catalogue has: the message must be a literal."""
    return _made(message, None, 1, values)


def say_many(one: str, many: str, /, *, count: int, **values: object) -> Sentence:
    """The same for a number of things; both messages may contain `%(count)s`."""
    return _made(one, many, count, {"count": count, **values})


def listed(texts: Iterable[str]) -> str:
    """“a and b and c”; empty without any."""
    whole = ""
    for text in texts:
        whole = say("%(these)s and %(this)s", these=whole, this=text) if whole else text
    return whole


def said_by(text: str, *, of_one: Callable[[str], str], of_many: Callable[[str, str, int], str]) -> str:
    """In the language of these functions, values that are sentences included; other text unchanged."""
    if not isinstance(text, Sentence):
        return text
    message = of_one(text.one) if text.many is None else of_many(text.one, text.many, text.number)
    return message % _spoken(text.values, of_one, of_many) if text.values else message


def _spoken(
    values: Mapping[str, object], of_one: Callable[[str], str], of_many: Callable[[str, str, int], str]
) -> dict[str, object]:
    return {
        name: said_by(value, of_one=of_one, of_many=of_many) if isinstance(value, Sentence) else value
        for name, value in values.items()
    }


def _made(one: str, many: str | None, count: int, values: Mapping[str, object]) -> Sentence:
    message = one if many is None or count == 1 else many
    made = Sentence(message % values if values else message)
    made.one, made.many, made.number, made.values = one, many, count, values
    return made
