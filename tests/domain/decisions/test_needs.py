"""What a due row needs next, for every phase."""

from dataclasses import replace
from typing import Any

import pytest

from tests.domain.decisions.rows import HEALTHY, NOW
from webapp.domain.decisions.needs import Need, need_of
from webapp.domain.lifecycle import POWER_ACTIONS, Action, CloudState, Desired, Phase

GONE: dict[str, Any] = {"desired": Desired.ABSENT}
RETRY: dict[str, Any] = {"requested_action": Action.RETRY}
ASKED: dict[str, Any] = {"look_requested_at": NOW}
ENDING: dict[str, Any] = {"cloud_state": CloudState.TERMINATING}
MISSED: dict[str, Any] = {"absent_count": 1}
STOP: dict[str, Any] = {"requested_action": Action.STOP}
SENT: dict[str, Any] = {"action_sent_at": NOW}
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
    (Phase.READY, STOP | ASKED, Need.POWER),
    (Phase.READY, STOP | SENT, Need.LOOK),
    (Phase.READY, STOP | SENT | ASKED, Need.LOOK_ASKED),
]


@pytest.mark.parametrize(("phase", "facts", "need"), TABLE)
def test_what_a_due_row_needs(phase: Phase, facts: dict[str, Any], need: Need) -> None:
    assert need_of(replace(HEALTHY, phase=phase, **facts)) is need


def test_the_table_has_every_phase_and_every_need() -> None:
    assert {phase for phase, *_ in TABLE} == set(Phase)
    assert {need for *_, need in TABLE} == set(Need)


def test_a_click_comes_before_routine() -> None:
    assert sorted(Need) == [
        Need.CLOSE,
        Need.REOPEN,
        Need.TERMINATE,
        Need.POWER,
        Need.LOOK_ASKED,
        Need.CREATE,
        Need.LOOK,
        Need.FIND,
        Need.REST,
    ]
