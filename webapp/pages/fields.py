"""What all our forms share: one style of errors, and the services' errors shown on the form."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import g
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, TextAreaField
from wtforms.fields.choices import SelectChoice  # pyright: ignore[reportAttributeAccessIssue]
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.domain.errors import AppError
from webapp.domain.ids import LARGEST_ID
from webapp.domain.sentences import say
from webapp.domain.zones import is_zone
from webapp.languages import time_zones
from webapp.trail import note_refusal

MOST_LISTED = 50
"""A form lists so many people; others are searched for."""
_LANDS_ON_FORM = (409, 422, 429, 503)
_UNSTORABLE = ("Cc", "Cs")
"""Control characters and lone surrogates: PostgreSQL rejects some, and nobody means to type them."""
_INVISIBLE = ("Cc", "Cf", "Zs", "Zl", "Zp")


class BerthForm(FlaskForm):
    """A form that shows errors, its own and the services', beside the fields."""

    status = 422
    """The HTTP status of the page if the form has errors."""
    aliases: dict[str, str] = {}
    """Fields of the services that have another name here."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.general: list[str] = []
        """Messages that belong to no field."""
        self.extra: dict[str, object] = {}
        """Further values from the service's error, such as the id of the conflicting object."""

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Also rejects what can be neither stored nor seen, in any field."""
        is_valid = bool(super().validate(extra_validators))
        for field in self:
            if isinstance(field.data, str) and (problem := _text_problem(field)) and not field.errors:
                field.errors = [problem]
                is_valid = False
        return is_valid

    @contextmanager
    def landing(self) -> Iterator[None]:
        """Inside, a service's error is shown on this form instead of ending the request."""
        try:
            yield
        except AppError as error:
            if error.http_status not in _LANDS_ON_FORM and error.field is None:
                raise
            self.status, self.extra = error.http_status, error.extra
            if error.retry_after_s:
                g.retry_after_s = error.retry_after_s  # `blueprint.settle_limit_headers` sends it
            note_refusal(error.code)
            self._put(error.message, field=error.field)

    def problems(self) -> list[tuple[Field | None, str]]:
        """Every message with its field, for the summary at the top."""
        found: list[tuple[Field | None, str]] = [(None, message) for message in self.general]
        return found + [(field, message) for field in self for message in field.errors]

    def _put(self, message: str, *, field: str | None) -> None:
        name = self.aliases.get(field or "", field or "")
        if name in self and name != "csrf_token":
            self[name].errors = [*self[name].errors, message]
        else:
            self.general.append(message)


def is_id(text: str) -> bool:
    """Digits, and no more than a database's number can hold."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def ids_in(texts: Iterable[str]) -> list[int]:
    """Each once, in order; what no row can have is left out."""
    numbers = {int(one) for one in texts if is_id(one)}
    return sorted(number for number in numbers if 0 < number <= LARGEST_ID)


def chosen_id(value: Any) -> int:  # what wtforms reads from a form, or is given
    """Of a row that is chosen from a list. Raises ValueError for a number that no row can have."""
    number = int(value)
    if abs(number) > LARGEST_ID:
        raise ValueError("no row has this number")
    return number


def is_storable(text: str, *, has_lines: bool = False) -> bool:
    """No control characters; line breaks and tabs only in multi-line text."""
    allowed = "\r\n\t" if has_lines else ""
    return not any(unicodedata.category(one) in _UNSTORABLE for one in text if one not in allowed)


def searched_for(values: "MultiDict[str, str]", name: str = "who") -> str:
    """What a form's search field says, cleaned."""
    return "".join(filter(is_storable, values.get(name, ""))).strip()[:100]


def _text_problem(field: Field) -> str | None:
    if not is_storable(field.data, has_lines=isinstance(field, TextAreaField)):
        return say("Contains characters that cannot be used here.")
    if field.data and field.flags.required and all(_is_invisible(one) for one in field.data):
        return say("This contains only invisible characters. Type it again.")
    return None


def _is_invisible(character: str) -> bool:
    return unicodedata.category(character) in _INVISIBLE


def choice(value: object, label: str) -> Any:  # wtforms' own class, which its type stubs do not know yet
    """One line of a list to choose from."""
    return SelectChoice(value, label)


def zone_choices(own: str) -> list[tuple[str, str]]:
    """Also the one that is set, such as an older name that a program has sent.

    A browser sends the first of a list in which nothing is selected, and the contract would move there.
    """
    offered = time_zones()
    more = () if own in offered or not is_zone(own) else (own,)
    return [(name, name) for name in (*offered, *more)]


class _AtMost(Length):
    """The message as it is: the library's own class would make plain text of it."""

    def __call__(self, form: object, field: Field) -> None:
        if len(field.data or "") > self.max:
            raise ValidationError(self.message or "")


def needed(message: str) -> DataRequired:
    return DataRequired(message)


def at_most(count: int) -> Length:
    return _AtMost(max=count, message=say("Use at most %(count)s characters.", count=count))
