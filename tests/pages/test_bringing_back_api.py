"""Bringing files back by programs: the answer is the new workspace, which then says what becomes of them."""

from datetime import timedelta

from tests.desk import Desk
from tests.kept_files import KEPT_DAYS, bring_back, change, gone
from tests.pages.reader import Program
from tests.windows import HOUR, have_window
from webapp.domain.file_returns import ReturnState
from webapp.models import FileReturn, Workspace


def test_a_program_gets_the_new_workspace_and_reads_what_becomes_of_the_files(
    desk: Desk, program: Program
) -> None:
    former = gone(desk)

    answer = program.call("POST", f"workspaces/{former}/bring-back/")

    assert answer.status_code == 201 and answer.json is not None
    made = answer.json["id"]
    assert answer.headers["Location"].endswith(f"/workspaces/{made}/")
    assert (answer.json["state"], answer.json["username"]) == ("PENDING", desk.row(former).username)
    found = program.read(f"workspaces/{made}/disk-snapshots/")["file_return"]
    assert (found["state"], found["former_workspace_id"]) == ("waiting", former)
    assert (found["copied_at"], found["error_code"]) == (None, None) and found["taken_at"]
    assert program.read(f"workspaces/{former}/disk-snapshots/")["file_return"] is None


def test_the_same_call_again_names_the_workspace_that_it_made(desk: Desk, program: Program) -> None:
    former = gone(desk)
    made = bring_back(desk, former)

    again = program.call("POST", f"workspaces/{former}/bring-back/")

    assert again.json is not None
    assert (again.status_code, again.json["code"], again.json["workspace_id"]) == (
        409,
        "workspace_exists",
        made,
    )


def test_what_refuses_an_order_refuses_this_and_after_the_retention_all_is_refused(
    desk: Desk, program: Program
) -> None:
    former = gone(desk)
    have_window(desk, desk.row(former).application_id, ends=-HOUR)
    of_contract = program.call("POST", f"workspaces/{former}/bring-back/").json
    change(desk, Workspace, terminated_at=desk.clock.now() - timedelta(days=KEPT_DAYS))
    late = program.call("POST", f"workspaces/{former}/bring-back/").json

    assert of_contract is not None and of_contract["code"] == "contract_ended"
    assert late is not None and late["code"] == "no_snapshot_kept"
    with desk.sessions() as session:
        assert session.query(FileReturn).count() == 0


def test_a_program_reads_that_files_are_there_or_why_they_do_not_come(desk: Desk, program: Program) -> None:
    made, now = bring_back(desk, gone(desk)), desk.clock.now()
    here = f"workspaces/{made}/disk-snapshots/"
    change(desk, FileReturn, state=ReturnState.DONE, ended_at=now, error_code="files_no_space", error_at=now)
    failed = program.read(here)["file_return"]
    change(desk, FileReturn, copied_at=now, error_code=None, error_at=None)

    there = program.read(here)["file_return"]

    assert (failed["state"], failed["error_code"], failed["copied_at"]) == ("done", "files_no_space", None)
    assert there["copied_at"] and there["error_code"] is None
