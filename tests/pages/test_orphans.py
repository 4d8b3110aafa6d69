"""Machines without a workspace, as the provider sees and decides them."""

import uuid

from tests.desk import Desk
from tests.pages.reader import Visitor
from webapp.domain.orphans import OrphanStatus

HOUR_S = 3600.0


def _find(desk: Desk, username: str, *, is_ours: bool = True) -> int:
    """A machine made by hand and found by drift detection; the number of its orphan."""
    claim = f"{desk.installation()}/{uuid.uuid4().hex}/1" if is_ours else None
    machine_id = desk.plant(username, claim=claim)
    desk.clock.pause(HOUR_S)
    desk.sweep()
    return desk.orphan(machine_id).id


def _status(desk: Desk, orphan_id: int) -> OrphanStatus:
    return next(one.status for one in desk.orphans() if one.id == orphan_id)


def test_the_list_of_workspaces_mentions_machines_that_have_none(desk: Desk, provider: Visitor) -> None:
    assert "no workspace" not in provider.read("/workspaces/").text
    _find(desk, "forgotten")

    page = provider.read("/workspaces/")

    assert "1 unmanaged desktop created by Berth" in page.text
    assert "/orphans/" in page.links()


def test_the_list_shows_what_it_is_since_when_and_what_it_costs(desk: Desk, provider: Visitor) -> None:
    _find(desk, "forgotten")
    _find(desk, "by.hand", is_ours=False)

    text = provider.read("/orphans/").text

    assert "forgotten" in text
    assert "Not in the database" in text
    assert "by.hand" in text
    assert "Not created by Berth" in text
    assert "First seen" in text
    assert "about $10.25 a month, and $0.31 an hour in use" in text
    assert "2 desktops in the directory, 0 of them managed by Berth" in text
    assert text.count("Terminate…") == 1


def test_a_machine_is_adopted_for_an_approved_person(desk: Desk, provider: Visitor) -> None:
    orphan_id = _find(desk, "by.hand", is_ours=False)
    application = desk.add_application()
    assert application.seeker.name in provider.read(f"/orphans/{orphan_id}/adopt").text

    answer = provider.post(f"/orphans/{orphan_id}/adopt", {"application_id": str(application.id)})
    desk.work()

    assert answer.status_code == 303
    assert "Available" in provider.read(answer.location).text
    assert _status(desk, orphan_id) is OrphanStatus.ADOPTED
    assert "by.hand" not in provider.read("/orphans/").text


def test_an_adoption_that_is_refused_says_why_on_the_form(desk: Desk, provider: Visitor) -> None:
    orphan_id = _find(desk, "by.hand", is_ours=False)
    waiting = desk.add_application(is_approved=False)

    answer = provider.post(f"/orphans/{orphan_id}/adopt", {"application_id": str(waiting.id)})

    assert answer.status_code == 409
    assert "Approve the application before you order" in answer.text


def test_a_machine_is_ignored_and_watched_again(desk: Desk, provider: Visitor) -> None:
    orphan_id = _find(desk, "by.hand", is_ours=False)

    provider.post(f"/orphans/{orphan_id}/ignore")
    assert "by.hand" not in provider.read("/orphans/").text
    assert "by.hand" in provider.read("/orphans/?ignored=1").text

    provider.post(f"/orphans/{orphan_id}/watch")
    assert "by.hand" in provider.read("/orphans/").text


def test_ending_needs_the_id_to_be_typed(desk: Desk, provider: Visitor) -> None:
    orphan_id = _find(desk, "forgotten")
    machine_id = desk.orphans()[0].cloud_workspace_id

    wrong = provider.post(f"/orphans/{orphan_id}/terminate", {"confirm": "ws-wrong"})
    assert wrong.status_code == 422
    assert _status(desk, orphan_id) is OrphanStatus.OPEN
    right = provider.post(f"/orphans/{orphan_id}/terminate", {"confirm": machine_id})
    desk.work()

    assert right.status_code == 303
    assert desk.writes_about(machine_id) == ["TerminateWorkspaces"]


def test_a_machine_without_our_mark_cannot_be_ended_here(desk: Desk, provider: Visitor) -> None:
    orphan_id = _find(desk, "by.hand", is_ours=False)
    machine_id = desk.orphans()[0].cloud_workspace_id

    assert "never changes it" in provider.read(f"/orphans/{orphan_id}/terminate").text
    answer = provider.post(f"/orphans/{orphan_id}/terminate", {"confirm": machine_id})
    desk.work()

    assert answer.status_code == 409
    assert desk.writes_about(machine_id) == []


def test_all_of_a_list_are_decided_at_once(desk: Desk, provider: Visitor) -> None:
    _find(desk, "one")
    _find(desk, "two", is_ours=False)
    of_credential = f"/orphans/of/{desk.credential_id}"
    desk.prove_everybody()

    assert provider.post(f"{of_credential}/terminate-all", {"confirm": "2"}).status_code == 422
    assert provider.post(f"{of_credential}/terminate-all", {"confirm": "1"}).status_code == 303
    assert provider.post(f"{of_credential}/ignore-all").status_code == 303

    assert [one.status for one in desk.orphans()] == [OrphanStatus.TERMINATING, OrphanStatus.IGNORED]


def test_another_company_sees_and_decides_nothing(desk: Desk, rival: Visitor) -> None:
    orphan_id = _find(desk, "forgotten")
    of_credential = f"/orphans/of/{desk.credential_id}"
    desk.prove_everybody()

    assert "forgotten" not in rival.read("/orphans/").text
    assert "no workspace" not in rival.read("/workspaces/").text
    for path in (
        f"/orphans/{orphan_id}/adopt",
        f"/orphans/{orphan_id}/terminate",
        f"{of_credential}/terminate-all",
        f"/orphans/?credential={desk.credential_id}",
    ):
        assert rival.get(path).status_code == 404
    answers = [
        rival.post(f"/orphans/{orphan_id}/{verb}", {"confirm": "1", "application_id": "1"}).status_code
        for verb in ("ignore", "watch", "adopt", "terminate")
    ]
    answers += [
        rival.post(path, {"confirm": "0"}).status_code
        for path in (
            f"{of_credential}/ignore-all",
            f"/credentials/{desk.credential_id}/confirm-loss",
        )
    ]
    assert set(answers) == {404}
    assert _status(desk, orphan_id) is OrphanStatus.OPEN


def test_an_alarm_stands_where_people_look_and_can_be_answered(desk: Desk, provider: Visitor) -> None:
    ids = [desk.available() for _ in range(4)]
    for one in ids:
        desk.sandbox.vanish_workspace(desk.row(one).cloud_workspace_id or "")
    desk.live(1800, step_s=120)

    assert "Confirm they are gone" in provider.read("/workspaces/").text
    answer = provider.post(f"/credentials/{desk.credential_id}/confirm-loss")
    desk.live(300)

    assert answer.status_code == 303
    assert "Confirm they are gone" not in provider.read("/workspaces/").text
    assert {desk.row(one).phase.value for one in ids} == {"lost"}
