"""The record of the end on Azure: every part by name, and all machines of an order that began again."""

from sqlalchemy import select

from tests.desk import Desk
from webapp.domain.end_records import Outcome
from webapp.domain.lifecycle import Action, State
from webapp.models import EndRecord
from webapp.providers.azure_avd.fields import FIELDS


def test_the_record_names_every_part_that_was_looked_for(desk: Desk) -> None:
    workspace_id = desk.available()
    machine = desk.row(workspace_id).cloud_workspace_id
    desk.press(workspace_id, Action.TERMINATE)
    desk.live_until(workspace_id, State.TERMINATED)

    with desk.sessions.begin() as session:
        record = session.scalars(select(EndRecord)).one()
        session.expunge_all()
    outcomes = {one["part"]: one["outcome"] for one in record.details["parts"]}
    assert outcomes == {
        **dict.fromkeys(("machine", "card", "disks", "host", "deployment"), Outcome.ABSENT.value),
        "snapshots": Outcome.NONE_MADE.value,
    }
    assert [one["cloud_id"] for one in record.details["machines"]] == [machine]
    assert record.absent_count == 3
    assert set(record.place) == {*FIELDS.place, *FIELDS.scope}
