"""A change of a row: what it names is written, what it does not name is left alone."""

import pytest

from tests.domain.decisions.rows import NOW
from webapp.domain.decisions.change import (
    NO_ACTION,
    NO_CHANGE,
    UNCHANGED,
    RowChange,
    after,
    error_columns,
    looked,
)
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import Phase


def test_only_what_is_named_is_written_and_none_is_a_value() -> None:
    assert RowChange(phase=Phase.GONE, due_at=None).columns() == {"phase": Phase.GONE, "due_at": None}
    assert NO_CHANGE.columns() == {}


def test_of_two_changes_both_are_written_and_the_later_wins() -> None:
    both = RowChange(due_at=NOW, attempt=2) | RowChange(due_at=None) | NO_CHANGE

    assert both == RowChange(due_at=None, attempt=2)
    assert RowChange(due_at=None) | RowChange(due_at=NOW, attempt=2) == RowChange(due_at=NOW, attempt=2)


@pytest.mark.parametrize(("before", "changed", "result"), [(1, UNCHANGED, 1), (1, 2, 2), (1, None, None)])
def test_a_column_says_afterwards_what_was_written_or_what_it_said(
    before: int, changed: object, result: object
) -> None:
    assert after(before, changed) == result  # type: ignore[type-var]  # any column's


@pytest.mark.parametrize(
    ("cloud_code", "detail", "text"),
    [
        ("Busy", "try later", "Busy: try later"),
        ("Busy", "", "Busy"),
        ("", "", None),
        ("", "x" * 400, "x" * 300),
    ],
)
def test_an_error_keeps_code_and_text_of_the_cloud_and_its_time(
    cloud_code: str, detail: str, text: str | None
) -> None:
    failure = Failure("throttled", Trouble.THROTTLED, cloud_code, detail)

    assert error_columns(failure, NOW) == RowChange(error_code="throttled", error_detail=text, error_at=NOW)


def test_whoever_waits_for_a_look_has_it_and_an_action_that_is_over_leaves_nothing() -> None:
    assert looked(NOW).columns() == {"observed_at": NOW, "look_requested_at": None}
    assert set(NO_ACTION.columns()) == {"requested_action", "action_requested_at", "action_sent_at"}
