"""A desktop of Azure that stays off loses its registration: said while there is time, and afterwards."""

from collections.abc import Iterator

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.conftest import postgres_first
from tests.desk import Desk, RecordingNotifier, StoryClock, make_settings
from webapp.domain.findings import Finding, RemedyAction, Severity
from webapp.domain.lifecycle import Action, State
from webapp.queries import workspaces
from webapp.services.troubleshooting import diagnose

pytestmark = postgres_first
DAY_S = 86400.0


@pytest.fixture
def desk(database_url: str, azure_stage: AzureStage, notifier: RecordingNotifier) -> Iterator[Desk]:
    settings = make_settings(database_url, azure_stage)
    made = Desk(
        settings=settings,
        clock=StoryClock(azure_stage.control),
        notifier=notifier,
        sandbox=azure_stage.control,
        stage=azure_stage,
    )
    yield made
    made.close()


def stopped(desk: Desk) -> int:
    workspace_id = desk.available()
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)
    return workspace_id


def wait(desk: Desk, *, days: float) -> None:
    """A quiet time, and a look at its end."""
    desk.clock.pause(days * DAY_S)
    desk.sweep()


def findings(desk: Desk, workspace_id: int) -> list[Finding]:
    company_id = desk.provider.company_id or 0
    found = diagnose(
        desk.context, workspaces.get_workspace(desk.session, workspace_id, company_id=company_id)
    )
    desk.session.commit()  # the workers write next
    return found


def finding(desk: Desk, workspace_id: int) -> Finding:
    (found,) = findings(desk, workspace_id)
    return found


def test_a_desktop_that_is_off_for_75_days_is_warned_of_with_the_day_on_which_it_is_lost(desk: Desk) -> None:
    workspace_id = stopped(desk)
    off_since = desk.events(workspace_id)[-1].at
    wait(desk, days=74.9)
    assert finding(desk, workspace_id).code == "no_trouble"

    wait(desk, days=0.1)

    found = finding(desk, workspace_id)
    assert (found.code, found.severity) == ("off_for_long", Severity.WARNING)
    assert found.evidence["off_since"] == off_since
    assert [one.action for one in found.remedies] == [RemedyAction.START]


def test_after_90_days_it_says_that_the_registration_has_run_out(desk: Desk) -> None:
    workspace_id = stopped(desk)

    wait(desk, days=91)

    found = finding(desk, workspace_id)
    assert found.code == "off_too_long"
    assert [one.action for one in found.remedies] == [RemedyAction.START, RemedyAction.ORDER_AGAIN]


def test_a_start_in_between_begins_the_count_again(desk: Desk) -> None:
    workspace_id = stopped(desk)
    wait(desk, days=60)
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.AVAILABLE)
    desk.press(workspace_id, Action.STOP)
    desk.live_until(workspace_id, State.STOPPED)

    wait(desk, days=60)

    assert finding(desk, workspace_id).code == "no_trouble"


def test_a_start_that_failed_does_not(desk: Desk) -> None:
    workspace_id = stopped(desk)
    wait(desk, days=60)
    desk.sandbox.add_fault("operation_error", operation="virtualMachines.start", code="AllocationFailed")
    desk.press(workspace_id, Action.START)
    desk.live_until(workspace_id, State.STOPPED)

    wait(desk, days=20)

    assert "off_for_long" in [one.code for one in findings(desk, workspace_id)]
