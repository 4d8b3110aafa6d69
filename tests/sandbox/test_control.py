"""The control API: console users, the ledger, the journal, the clock."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import demo
from sandbox.aws.server import Handle, start
from sandbox.aws.store import open_store
from sandbox.clock import Clock
from sandbox.control import Sandbox, SandboxError

Order = Callable[..., Any]


def test_someone_at_the_console_makes_and_ends_desktops(
    order: Order, workspaces: Any, control: Sandbox
) -> None:
    made = control.make_workspace(
        directory_id=demo.DEMO_DIRECTORY_ID,
        user_name="anna",
        bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID,
        tags={"who": "console"},
    )
    listed = workspaces.describe_workspaces()["Workspaces"]
    taken = order("anna")["FailedRequests"][0]["ErrorCode"]
    control.terminate_workspace(made["workspace_id"])
    control.advance(400)

    assert [(one["UserName"], one["State"]) for one in listed] == [("anna", "AVAILABLE")]
    assert taken == "ResourceExists.WorkSpace"
    assert workspaces.describe_workspaces()["Workspaces"] == []


def test_a_desktop_may_vanish_at_once(desk: Callable[..., str], workspaces: Any, control: Sandbox) -> None:
    control.vanish_workspace(desk())

    assert workspaces.describe_workspaces()["Workspaces"] == []


def test_the_ledger_shows_who_asked_for_what(order: Order, workspaces: Any, control: Sandbox) -> None:
    order("anna", "ghost1")
    workspaces.describe_workspaces(WorkspaceIds=["ws-000000000"])

    made, looked = control.ledger()

    assert (made["operation"], made["users"], made["claims"]) == (
        "CreateWorkspaces",
        ["anna", "ghost1"],
        ["claim/anna", "claim/ghost1"],
    )
    assert (made["accepted"], made["failed"], made["outcome"], made["status"]) == (1, 1, "ok", 200)
    assert (made["account_id"], made["region"], made["access_key_id"]) == (
        demo.DEMO_ACCOUNT_ID,
        demo.DEMO_REGION,
        demo.DEMO_ACCESS_KEY_ID,
    )
    assert (looked["ids"], looked["accepted"]) == (["ws-000000000"], 0)
    assert control.ledger(since=made["seq"]) == [looked]
    assert control.ledger(operation="CreateWorkspaces") == [made]


def test_the_journal_proves_that_there_were_never_two(
    order: Order, workspaces: Any, control: Sandbox
) -> None:
    first = order("anna")["PendingRequests"][0]["WorkspaceId"]
    workspaces.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": first}])
    control.advance(300)
    order("anna")

    dead, alive = control.journal()

    assert (dead["workspace_id"], dead["claim"]) == (first, "claim/anna")
    assert dead["gone_at"] - dead["terminate_asked_at"] == pytest.approx(300)
    assert alive["born_at"] >= dead["gone_at"] and alive["gone_at"] is None


def test_nonsense_is_refused_in_words(control: Sandbox) -> None:
    with pytest.raises(SandboxError, match="no such workspace"):
        control.set_workspace("ws-000000000", state="ERROR")
    with pytest.raises(SandboxError, match="no such setting"):
        control.set_settings(colour=1)
    with pytest.raises(SandboxError, match="negative"):
        control.set_speed(-1)


def test_no_secret_leaves_by_the_control_api(control: Sandbox) -> None:
    assert demo.DEMO_SECRET_ACCESS_KEY not in str(control.state())


def test_a_page_in_a_browser_cannot_reach_the_control_api_by_another_name(server: Handle) -> None:
    request = urllib.request.Request(f"{server.url}/_sandbox/state", headers={"Host": "evil.example"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    with pytest.raises(urllib.error.HTTPError) as refusal:
        opener.open(request, timeout=5)

    with refusal.value:
        assert refusal.value.code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain", "X-Sandbox-Control": "1"},
        {"Content-Type": "application/x-www-form-urlencoded", "X-Sandbox-Control": "1"},
        {"Content-Type": "application/json"},
    ],
)
def test_a_page_in_a_browser_cannot_reset_the_demo(
    server: Handle, control: Sandbox, headers: dict[str, str]
) -> None:
    """A foreign page may send forms and plain text to this machine, and no header of its own."""
    before = control.state()["accounts"]
    request = urllib.request.Request(
        f"{server.url}/_sandbox/reset", data=b'{"demo": false}', headers=headers, method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    with pytest.raises(urllib.error.HTTPError) as refusal:
        opener.open(request, timeout=5)

    with refusal.value:
        assert refusal.value.code == 403
    assert control.state()["accounts"] == before != []


def test_time_runs_at_its_speed_and_keeps_what_has_passed() -> None:
    real = [1000.0]
    store = open_store(None)
    clock = Clock(store, speed=60, real=lambda: real[0])
    seen = [clock.now()]

    real[0] += 10
    seen.append(clock.now())
    clock.set_speed(0)
    real[0] += 10
    seen.append(clock.now())
    clock.advance(5)
    seen.append(clock.now())
    clock.set_speed(1)
    real[0] += 10
    seen.append(Clock(store, speed=None, real=lambda: real[0]).now())
    store.close()

    assert [one - 1000 for one in seen] == [0, 600, 600, 605, 615]


def test_rate_limits_follow_real_time_unless_time_stands_still() -> None:
    store = open_store(None)
    clock = Clock(store, speed=60, real=lambda: 1000.0)
    clock.advance(500)
    running = clock.throttle_now()
    clock.set_speed(0)

    assert (running, clock.throttle_now()) == (1000.0, 1500.0)
    store.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::"])
def test_only_loopback_is_listened_on(host: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.0/8"):
        start(host=host)
