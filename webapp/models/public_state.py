"""The public state in SQL, from the tables of `domain.lifecycle`; a test compares the two for every row."""

from types import SimpleNamespace
from typing import Any

from sqlalchemy import ColumnElement, String, case, column, literal

from webapp.domain.lifecycle import (
    FAILED_PHASES,
    OF_ACTION,
    OF_CLOUD,
    SETTLED_WITHOUT_MACHINE,
    Action,
    CloudState,
    Desired,
    Phase,
    State,
)


def state_of(row: Any) -> ColumnElement[str]:
    """`lifecycle.public_state` in SQL; `row` has the columns of a workspace (a class, or a table's `c`)."""
    has_failed = row.error_code.is_not(None)
    return case(
        (row.phase == Phase.GONE, State.TERMINATED.value),
        (row.desired == Desired.ABSENT, State.TERMINATING.value),
        (row.requested_action == Action.RETRY, State.PENDING.value),
        (row.phase.in_(sorted(FAILED_PHASES)), State.ERROR.value),
        (
            row.phase == Phase.TERMINATING,
            case((has_failed, State.ERROR.value), else_=State.TERMINATING.value),
        ),
        (row.phase != Phase.READY, case((has_failed, State.ERROR.value), else_=State.PENDING.value)),
        *[(row.requested_action == action, state.value) for action, state in OF_ACTION.items()],
        *[(row.cloud_state == word, state.value) for word, state in _by_frequency()],
        else_=literal(State.PENDING.value),
    )


def _by_frequency() -> list[tuple[CloudState, State]]:
    """AVAILABLE first: a CASE is tried in order, for every row."""
    return sorted(OF_CLOUD.items(), key=lambda pair: pair[0] is not CloudState.AVAILABLE)


def _listed_state() -> str:
    names = ("phase", "desired", "requested_action", "cloud_state", "error_code")
    row = SimpleNamespace(**{name: column(name, String) for name in names})
    state = str(state_of(row).compile(compile_kwargs={"literal_binds": True}))
    over = ", ".join(f"'{phase}'" for phase in sorted(SETTLED_WITHOUT_MACHINE))
    return f"CASE WHEN is_deleted AND phase IN ({over}) THEN NULL ELSE {state} END"


LISTED_STATE = _listed_state()
"""The expression of `workspaces.listed_state`. A change of the lifecycle needs a migration of the column."""
