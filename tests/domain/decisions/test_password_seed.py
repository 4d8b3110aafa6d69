"""The random part of a machine's password: drawn once, kept while a create may be sent again, then erased."""

from collections.abc import Callable
from dataclasses import replace

from tests.domain.decisions.rows import NEW, NOW, PACE, ago, columns, seen
from webapp.domain.absence import Evidence
from webapp.domain.decisions import absences, creates, ends, slots
from webapp.domain.decisions.change import RowChange
from webapp.domain.decisions.observations import observed
from webapp.domain.decisions.row import RowState
from webapp.domain.lifecycle import CloudState, Desired, Phase

FRESH = replace(NEW, phase=Phase.REQUESTED, issued_at=None)
REFUSED = replace(NEW, phase=Phase.REQUESTED, password_seed="old")
IN_DOUBT = replace(NEW, phase=Phase.CREATE_INTENT, has_unknown_outcome=True, password_seed="old")
MAKING = replace(NEW, password_seed="old")
UNWANTED = replace(MAKING, desired=Desired.ABSENT)
DRAWN, ERASED, UNCHANGED = "new", None, "unchanged"


def intended(row: RowState) -> RowChange:
    return creates.intended(row, seed="new", deadline=PACE.rest, pace=PACE, now=NOW).change


def reopened(row: RowState) -> RowChange:
    return ends.reopened(row, deadline=PACE.rest, now=NOW).change


def look(state: CloudState) -> Callable[[RowState], RowChange]:
    return lambda row: observed(row, seen(state), pace=PACE, now=NOW).change


def proven_gone(row: RowState) -> RowChange:
    return absences.absent(row, Evidence(9, ago(hours=2), NOW), pace=PACE, now=NOW).change


TABLE: list[tuple[str, RowState, Callable[[RowState], RowChange], str | None]] = [
    ("first create", FRESH, intended, DRAWN),
    ("again after a refusal", REFUSED, intended, UNCHANGED),
    ("again after a lost answer", IN_DOUBT, intended, UNCHANGED),
    ("again, first sent by a release without", replace(IN_DOUBT, password_seed=None), intended, UNCHANGED),
    ("being made", MAKING, look(CloudState.PENDING), UNCHANGED),
    ("failed", MAKING, look(CloudState.ERROR), UNCHANGED),
    ("usable", MAKING, look(CloudState.AVAILABLE), ERASED),
    ("usable late", replace(MAKING, phase=Phase.STALLED), look(CloudState.STOPPED), ERASED),
    ("found again", replace(MAKING, phase=Phase.LOST), look(CloudState.AVAILABLE), ERASED),
    ("usable for long", replace(NEW, phase=Phase.READY), look(CloudState.AVAILABLE), UNCHANGED),
    ("next generation", replace(MAKING, phase=Phase.CREATE_FAILED), reopened, ERASED),
    ("same generation", replace(IN_DOUBT, error_code="answer_lost"), reopened, UNCHANGED),
    ("terminated", replace(UNWANTED, phase=Phase.TERMINATING), proven_gone, ERASED),
    ("cancelled before it was made", UNWANTED, lambda _row: slots.closed_unmade(NOW).change, ERASED),
    ("closed", UNWANTED, lambda _row: ends.closed(NOW).change, ERASED),
    (
        "closed without a key",
        replace(UNWANTED, phase=Phase.CREATE_FAILED),
        lambda row: ends.settled_without_key(row, NOW).change,
        ERASED,
    ),
]


def test_a_machine_has_one_seed_until_it_is_usable_or_over() -> None:
    outcomes = {name: columns(decide(row), "password_seed") for name, row, decide, _ in TABLE}

    assert {name: one.get("password_seed", UNCHANGED) for name, one in outcomes.items()} == {
        name: expected for name, _, _, expected in TABLE
    }


def test_no_value_of_the_decisions_shows_the_seed() -> None:
    assert "old" not in repr(replace(MAKING, password_seed="old-seed"))
    assert repr(RowChange(password_seed="new-seed", attempt=2)) == "RowChange(attempt=2)"
