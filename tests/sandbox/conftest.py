"""One sandbox for the whole folder, made new before each test; good answers are checked against the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox import demo
from sandbox.aws.server import Handle, start
from sandbox.control import Sandbox
from tests.sandbox.billing import Biller, at
from tests.sandbox.strict import check_answer

ClientMaker = Callable[..., Any]


@pytest.fixture(scope="session")
def server() -> Iterator[Handle]:
    with start(speed=0) as handle:
        yield handle


@pytest.fixture(scope="session")
def checked() -> set[tuple[str, str]]:
    """(service, operation) of every answer that was checked so far."""
    return set()


@pytest.fixture(scope="session")
def make_client(server: Handle, checked: set[tuple[str, str]]) -> ClientMaker:
    """Real boto3, one attempt, pointed at the sandbox. Clients are slow to make and kept."""
    clients: dict[tuple[Any, ...], Any] = {}

    def check(operation_model: Any, response_dict: dict[str, Any], **_: Any) -> None:
        if check_answer(operation_model, response_dict):
            checked.add((operation_model.service_model.signing_name, operation_model.name))

    def make(
        service: str = "workspaces",
        *,
        key: str = demo.DEMO_ACCESS_KEY_ID,
        secret: str = demo.DEMO_SECRET_ACCESS_KEY,
        token: str | None = None,
        region: str = demo.DEMO_REGION,
        read_timeout_s: float = 5,
        url: str | None = None,
        strict: bool = True,
    ) -> Any:
        spec = (service, key, secret, token, region, read_timeout_s, url or server.url)
        if spec not in clients:
            retries: Any = {"mode": "standard", "total_max_attempts": 1}
            clients[spec] = boto3.client(
                service,
                region_name=region,
                endpoint_url=spec[-1],
                aws_access_key_id=key,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=Config(retries=retries, read_timeout=read_timeout_s, connect_timeout=5, proxies={}),
            )
            if strict:
                clients[spec].meta.events.register("before-parse", check)
        return clients[spec]

    return make


@pytest.fixture
def control(server: Handle) -> Sandbox:
    """A new demo world whose clock stands still, without a rate limit."""
    server.control.reset()
    server.control.set_users(demo.DEMO_DIRECTORY_ID, None)
    server.control.set_speed(0)
    server.control.set_settings(calls_per_s=0, first_snapshot_s=0)
    return server.control


@pytest.fixture
def workspaces(control: Sandbox, make_client: ClientMaker) -> Any:
    """The demo account's WorkSpaces client."""
    return make_client()


@pytest.fixture
def order(workspaces: Any) -> Callable[..., Any]:
    """Order desktops for users by name; the whole answer."""

    def send(
        *users: str, bundle: str = demo.DEMO_UBUNTU_BUNDLE_ID, mode: str = "AUTO_STOP", **more: Any
    ) -> Any:
        one = {
            "DirectoryId": demo.DEMO_DIRECTORY_ID,
            "BundleId": bundle,
            "WorkspaceProperties": {"RunningMode": mode},
            **more,
        }
        return workspaces.create_workspaces(
            Workspaces=[
                {**one, "UserName": user, "Tags": [{"Key": "berth-claim", "Value": f"claim/{user}"}]}
                for user in users
            ]
        )

    return send


@pytest.fixture
def desk(order: Callable[..., Any], control: Sandbox) -> Callable[..., str]:
    """A desktop that is ready; its id."""

    def make(user: str = "anna", **more: Any) -> str:
        made: str = order(user, **more)["PendingRequests"][0]["WorkspaceId"]
        control.advance(1500)
        return made

    return make


@pytest.fixture
def state_of(workspaces: Any) -> Callable[[str], str | None]:
    """What a listing shows of one desktop; None when it is absent."""

    def look(workspace_id: str) -> str | None:
        found = workspaces.describe_workspaces(WorkspaceIds=[workspace_id])["Workspaces"]
        return found[0]["State"] if found else None

    return look


@pytest.fixture
def biller(control: Sandbox, workspaces: Any, make_client: ClientMaker) -> Biller:
    """The demo's account on a day whose past months have no cost."""
    control.set_now(at("2027-03-01"))
    return Biller(control, make_client("ce", region="us-east-1"), workspaces)
