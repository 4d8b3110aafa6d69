"""What the AWS driver makes of good, bad and mangled answers."""

from collections.abc import Callable

import pytest

from sandbox import demo
from sandbox.control import Sandbox
from tests.contract.play import TODAY
from webapp.clouds.aws_workspaces.driver import AwsWorkspaces
from webapp.clouds.base import Access, Order
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.observation import MachineRef
from webapp.vault.box import Secret


class OpenGate:
    """No rate limit; writes down what passes, and lets a test act before the call of a number (from 1)."""

    def __init__(self) -> None:
        self.operations: list[str] = []
        self.before: dict[int, Callable[[], object]] = {}

    def __call__(self, operation: str) -> None:
        self.operations.append(operation)
        self.before.get(len(self.operations), lambda: None)()

    def know_account(self, account_id: str) -> None: ...


@pytest.fixture
def gate() -> OpenGate:
    return OpenGate()


@pytest.fixture
def driver(sandbox: Sandbox, gate: OpenGate) -> AwsWorkspaces:
    sandbox.set_settings(calls_per_s=0)
    return AwsWorkspaces(
        Access(
            public_fields={
                "region": demo.DEMO_REGION,
                "directory_id": demo.DEMO_DIRECTORY_ID,
                "access_key_id": demo.DEMO_ACCESS_KEY_ID,
            },
            secret=Secret(demo.DEMO_SECRET_ACCESS_KEY),
            endpoint=Endpoint(sandbox.url),
        ),
        gate,
    )


def order(username: str) -> Order:
    return Order(f"install/{username}/1", username, demo.DEMO_UBUNTU_BUNDLE_ID, "AUTO_STOP")


@pytest.mark.parametrize("kind", ["throttle", "drop_after", "http_500"])
def test_a_page_that_fails_does_not_spoil_the_listing_that_has_begun(
    driver: AwsWorkspaces, sandbox: Sandbox, gate: OpenGate, kind: str
) -> None:
    driver.create([order(f"u{number}") for number in range(25)])
    driver.create([order(f"v{number}") for number in range(5)])
    second_page = len(gate.operations) + 2
    gate.before[second_page] = lambda: sandbox.add_fault(kind, operation="DescribeWorkspaces", times=2)

    found = list(driver.list_directory())

    assert len({observation.cloud_workspace_id for observation in found}) == len(found) == 30


def test_a_page_that_never_comes_is_an_error_and_not_the_end(
    driver: AwsWorkspaces, sandbox: Sandbox, gate: OpenGate
) -> None:
    driver.create([order(f"u{number}") for number in range(25)])
    driver.create([order("v")])
    second_page = len(gate.operations) + 2
    gate.before[second_page] = lambda: sandbox.add_fault("http_500", times=-1)

    with pytest.raises(CloudError):
        list(driver.list_directory())


@pytest.mark.parametrize("kind", ["garbage", "truncated", "drop_before", "drop_after", "http_500"])
def test_a_mangled_listing_is_an_error_and_not_an_empty_one(
    driver: AwsWorkspaces, sandbox: Sandbox, kind: str
) -> None:
    driver.create([order("mina")])
    sandbox.add_fault(kind, operation="DescribeWorkspaces", times=1)

    with pytest.raises(CloudError) as caught:
        driver.look_in_slot(MachineRef("", "mina"))

    assert caught.value.failure.trouble is Trouble.UNKNOWN
    assert len(driver.look_in_slot(MachineRef("", "mina"))) == 1


def test_an_empty_listing_is_an_answer(driver: AwsWorkspaces) -> None:
    assert driver.look_in_slot(MachineRef("", "nobody.yet")) == []


@pytest.mark.parametrize("kind", ["garbage", "truncated", "drop_after", "http_500"])
def test_a_create_is_sent_once_whatever_happens_to_the_answer(
    driver: AwsWorkspaces, sandbox: Sandbox, kind: str
) -> None:
    sandbox.add_fault(kind, operation="CreateWorkspaces", times=1)

    with pytest.raises(CloudError) as caught:
        driver.create([order("mina")])

    assert caught.value.failure.trouble is Trouble.UNKNOWN
    assert len(sandbox.ledger(operation="CreateWorkspaces")) == 1


def test_a_batch_separates_accepted_from_refused_by_claim(driver: AwsWorkspaces) -> None:
    created = driver.create([order("mina"), order("ghost.one"), order("leo")])

    assert set(created.accepted) == {"install/mina/1", "install/leo/1"}
    assert {claim: failure.code for claim, failure in created.refused.items()} == {
        "install/ghost.one/1": "user_not_found"
    }


def test_the_claim_is_written_with_the_create_and_read_back(driver: AwsWorkspaces) -> None:
    created = driver.create([order("mina")])

    machine = created.accepted["install/mina/1"]
    assert driver.claim_of(machine.cloud_workspace_id) == "install/mina/1"


def test_a_listing_reads_every_page(driver: AwsWorkspaces, gate: OpenGate) -> None:
    for start in (0, 25, 50):
        driver.create([order(f"person.{number}") for number in range(start, start + 20)])
    gate.operations.clear()

    assert len(list(driver.list_directory())) == 60
    assert gate.operations == ["workspaces.DescribeWorkspaces"] * 3


def test_refused_items_of_an_action_are_named_by_machine(driver: AwsWorkspaces) -> None:
    machine = driver.create([order("mina")]).accepted["install/mina/1"]

    refused = driver.act(Action.STOP, [machine.cloud_workspace_id, "ws-000000000"]).refused

    assert set(refused) == {machine.cloud_workspace_id, "ws-000000000"}


def test_a_wrong_secret_is_trouble_with_the_credential(sandbox: Sandbox, gate: OpenGate) -> None:
    driver = AwsWorkspaces(
        Access(
            public_fields={
                "region": demo.DEMO_REGION,
                "directory_id": demo.DEMO_DIRECTORY_ID,
                "access_key_id": demo.DEMO_ACCESS_KEY_ID,
            },
            secret=Secret("x" * 40),
            endpoint=Endpoint(sandbox.url),
        ),
        gate,
    )

    with pytest.raises(CloudError) as caught:
        driver.prove_account()

    assert (caught.value.failure.code, caught.value.failure.trouble) == ("invalid_key", Trouble.CREDENTIAL)


def test_a_refusal_shows_neither_account_nor_resource_names(driver: AwsWorkspaces, sandbox: Sandbox) -> None:
    sandbox.set_key(demo.DEMO_ACCESS_KEY_ID, denied=["workspaces:DescribeWorkspaces"])

    with pytest.raises(CloudError) as caught:
        driver.look_in_slot(MachineRef("", "mina"))

    failure = caught.value.failure
    assert failure.code == "access_denied"
    assert "arn:" not in failure.detail
    assert demo.DEMO_ACCOUNT_ID not in failure.detail


def test_the_bundles_of_both_owners_are_listed_over_all_pages(driver: AwsWorkspaces) -> None:
    bundles = driver.list_bundles(today=TODAY)

    by_name = {bundle.name: bundle for bundle in bundles}
    ubuntu = by_name[demo.DEMO_UBUNTU_BUNDLE_NAME]
    assert (ubuntu.workspace_type, ubuntu.operating_system) == ("ubuntu", "Ubuntu 22.04")
    assert (ubuntu.vcpus, ubuntu.memory_gib, ubuntu.unavailable_reason) == (2, 4, None)
    assert {bundle.owner for bundle in bundles} == {"own", "amazon"}
    assert len(bundles) > 25


def test_the_claims_of_a_region_are_read_page_by_page(
    driver: AwsWorkspaces, sandbox: Sandbox, gate: OpenGate
) -> None:
    orders = [order(f"person.{number}") for number in range(110)]
    for start in range(0, len(orders), driver.batch_size):
        driver.create(orders[start : start + driver.batch_size])
    foreign = _make_by_hand(sandbox, "neighbour", {"team": "data"})

    claims = driver.claims()

    assert set(claims.values()) == {one.claim for one in orders}
    assert foreign not in claims
    pages = [name for name in gate.operations if name.startswith("resourcegroupstaggingapi")]
    assert len(pages) == 2
    assert not any(driver.counts(name) for name in pages)


def test_a_page_of_claims_that_fails_does_not_spoil_the_ones_before(
    driver: AwsWorkspaces, sandbox: Sandbox, gate: OpenGate
) -> None:
    orders = [order(f"person.{number}") for number in range(110)]
    for start in range(0, len(orders), driver.batch_size):
        driver.create(orders[start : start + driver.batch_size])
    second_page = len(gate.operations) + 2
    gate.before[second_page] = lambda: sandbox.add_fault("http_500", operation="GetResources", times=2)

    claims = driver.claims()

    assert set(claims.values()) == {one.claim for one in orders}


def test_claims_that_cannot_be_read_to_the_end_are_an_error(driver: AwsWorkspaces, sandbox: Sandbox) -> None:
    sandbox.add_fault("truncated", operation="GetResources", times=1)

    with pytest.raises(CloudError):
        driver.claims()


def test_an_observation_shows_what_the_machine_is_made_of(driver: AwsWorkspaces, sandbox: Sandbox) -> None:
    _make_by_hand(sandbox, "mina", {})

    seen = driver.look_in_slot(MachineRef("", "mina"))[0]

    assert (seen.bundle_id, seen.compute_type) == (demo.DEMO_UBUNTU_BUNDLE_ID, "STANDARD")
    assert (seen.running_mode, seen.operating_system) == ("AUTO_STOP", "UBUNTU_22_04")


def _make_by_hand(sandbox: Sandbox, username: str, tags: dict[str, str]) -> str:
    made = sandbox.make_workspace(
        directory_id=demo.DEMO_DIRECTORY_ID,
        user_name=username,
        bundle_id=demo.DEMO_UBUNTU_BUNDLE_ID,
        tags=tags,
    )
    return str(made["workspace_id"])
