"""What a due row needs next, for every phase."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.cases import each_case
from tests.domain.decisions.rows import HEALTHY, NOW
from webapp.domain.decisions.needs import Need, need_at, need_of
from webapp.domain.lifecycle import POWER_ACTIONS, Action, CloudState, Desired, Phase
from webapp.domain.resizes import ResizeKind

GONE: dict[str, Any] = {"desired": Desired.ABSENT}
RETRY: dict[str, Any] = {"requested_action": Action.RETRY}
ASKED: dict[str, Any] = {"look_requested_at": NOW}
ENDING: dict[str, Any] = {"cloud_state": CloudState.TERMINATING}
MISSED: dict[str, Any] = {"absent_count": 1}
STOP: dict[str, Any] = {"requested_action": Action.STOP}
SENT: dict[str, Any] = {"action_sent_at": NOW}
SIZE: dict[str, Any] = {"resize_kind": ResizeKind.SIZE, "resize_to": "POWER", "resize_requested_at": NOW}
MOVE: dict[str, Any] = {"move": {"bundle_id": "wsb-new"}}
WITH_MACHINE = (Phase.CREATING, Phase.READY, Phase.STALLED, Phase.LOST)
TABLE: list[tuple[Phase, dict[str, Any], Need]] = [
    (Phase.GONE, {}, Need.REST),
    (Phase.GONE, GONE | RETRY, Need.REST),
    (Phase.REQUESTED, {}, Need.CREATE),
    (Phase.REQUESTED, GONE, Need.CLOSE),
    *[
        (phase, facts, need)
        for phase in (Phase.CREATE_FAILED, Phase.CONFLICT)
        for facts, need in [
            ({}, Need.REST),
            (RETRY, Need.REOPEN),
            (GONE, Need.CLOSE),
            (GONE | RETRY, Need.CLOSE),
        ]
    ],
    (Phase.CREATE_INTENT, {}, Need.FIND),
    (Phase.CREATE_INTENT, GONE, Need.FIND),
    (Phase.CREATE_INTENT, RETRY, Need.REOPEN),
    (Phase.TERMINATING, {}, Need.TERMINATE),
    (Phase.TERMINATING, ASKED, Need.TERMINATE),
    (Phase.TERMINATING, ENDING, Need.LOOK),
    (Phase.TERMINATING, ENDING | ASKED, Need.LOOK_ASKED),
    (Phase.TERMINATING, MISSED, Need.LOOK),
    *[
        (phase, facts, need)
        for phase in WITH_MACHINE
        for facts, need in [
            ({}, Need.LOOK),
            (ASKED, Need.LOOK_ASKED),
            (GONE, Need.TERMINATE),
            (GONE | ASKED | STOP, Need.TERMINATE),
            (RETRY, Need.LOOK),
        ]
    ],
    *[(phase, STOP, Need.LOOK) for phase in WITH_MACHINE if phase is not Phase.READY],
    *[(Phase.READY, {"requested_action": action}, Need.POWER) for action in POWER_ACTIONS],
    *[(phase, MOVE, Need.LOOK) for phase in WITH_MACHINE if phase is not Phase.READY],
    (Phase.READY, MOVE | ASKED, Need.MOVE),
    (Phase.READY, MOVE | GONE, Need.TERMINATE),
    (Phase.READY, STOP | ASKED, Need.POWER),
    (Phase.READY, STOP | SENT, Need.LOOK),
    (Phase.READY, STOP | SENT | ASKED, Need.LOOK_ASKED),
    (Phase.READY, SIZE, Need.RESIZE),
    (Phase.READY, SIZE | ASKED, Need.LOOK_ASKED),  # it is looked at first
    (Phase.READY, SIZE | {"cloud_state": CloudState.STARTING}, Need.LOOK),
    (Phase.READY, SIZE | {"resize_sent_at": NOW}, Need.LOOK),
    (Phase.READY, SIZE | GONE, Need.TERMINATE),
    (Phase.LOST, SIZE, Need.LOOK),
]


@each_case(("phase", "facts", "need"), TABLE)
def test_what_a_due_row_needs(phase: Phase, facts: dict[str, Any], need: Need) -> None:
    assert need_of(replace(HEALTHY, phase=phase, **facts)) is need


def test_the_table_has_every_phase_and_every_need() -> None:
    assert {phase for phase, *_ in TABLE} == set(Phase)
    assert {need for *_, need in TABLE} == set(Need) - {Need.TURN}


def test_a_click_comes_before_routine() -> None:
    assert sorted(Need) == [
        Need.CLOSE,
        Need.REOPEN,
        Need.TURN,
        Need.TERMINATE,
        Need.POWER,
        Need.RESIZE,
        Need.MOVE,
        Need.LOOK_ASKED,
        Need.CREATE,
        Need.LOOK,
        Need.FIND,
        Need.REST,
    ]


ENDED = {"ends_at": NOW - timedelta(seconds=1)}
SUSPENDED = {"suspended_at": NOW - timedelta(days=1), "destroy_at": NOW + timedelta(seconds=1)}


@each_case("phase", sorted(set(Phase) - {Phase.GONE, Phase.TERMINATING}))
def test_the_end_of_the_contract_and_of_the_grace_are_a_turn_in_every_phase_that_goes_on(
    phase: Phase,
) -> None:
    row = replace(HEALTHY, phase=phase)

    assert need_at(replace(row, **ENDED), NOW) is Need.TURN
    assert need_at(replace(row, **(SUSPENDED | {"destroy_at": NOW})), NOW) is Need.TURN
    assert need_at(replace(row, **SUSPENDED), NOW) is not Need.TURN
    assert need_at(row, NOW) is need_of(row)


@pytest.mark.parametrize("phase", [Phase.GONE, Phase.TERMINATING])
def test_time_changes_nothing_for_what_is_ending_already(phase: Phase) -> None:
    row = replace(HEALTHY, phase=phase, **ENDED)

    assert need_at(row, NOW) is need_of(row)
    assert need_at(replace(HEALTHY, **(ENDED | GONE)), NOW) is Need.TERMINATE


def test_nothing_new_is_made_for_a_contract_that_has_ended() -> None:
    for phase, facts in ((Phase.REQUESTED, {}), (Phase.CREATE_FAILED, RETRY)):
        row = replace(HEALTHY, phase=phase, **SUSPENDED, **facts)

        assert need_at(row, NOW) is Need.REST
