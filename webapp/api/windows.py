"""The window and hours of a contract in a request, and those that a job or a profile gives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from webapp.domain.contract_defaults import ContractDefaults
from webapp.domain.decisions.change import UNCHANGED, Unchanged
from webapp.domain.errors import AppError
from webapp.domain.hours.reading import hours_from
from webapp.domain.hours.week import Hours
from webapp.domain.windows import Window, window_between

OF_WINDOW = "window_invalid time_zone_unknown"
OF_DEFAULTS = f"{OF_WINDOW} hours_invalid"
FIELDS = {"first_day": "starts_at", "last_day": "ends_at"}
"""By their names on the page."""


def window_of(given: Mapping[str, Any]) -> Window:
    """Raises Invalid."""
    return window_between(given["starts_at"], given["ends_at"], given["window_zone"])


def hours_of(given: Mapping[str, Any]) -> Hours | None | Unchanged:
    """Raises Invalid."""
    sent = given.get("hours", UNCHANGED)
    return sent if sent is None or sent is UNCHANGED else hours_from(sent)


def given_window(given: Mapping[str, Any]) -> Window | None:
    """None if neither end is there: nothing is said about the contract then. Raises Invalid."""
    is_given = given["starts_at"] is not None or given["ends_at"] is not None
    return window_of(given) if is_given else None


def defaults_of(given: Mapping[str, Any]) -> ContractDefaults:
    """Raises Invalid."""
    sent = given["default_hours"]
    try:
        hours = None if sent is None else hours_from(sent)
    except AppError as refused:
        refused.field = f"default_{refused.field}"
        raise
    return ContractDefaults(
        given["default_zone"],
        given["default_starts_at"],
        given["default_ends_at"],
        given["default_days"],
        hours,
        given["default_hours_in_own_zone"],
    )


@contextmanager
def fields_as_sent() -> Iterator[None]:
    """What a service refuses names the field of the request."""
    try:
        yield
    except AppError as refused:
        refused.field = FIELDS.get(refused.field or "", refused.field)
        raise
