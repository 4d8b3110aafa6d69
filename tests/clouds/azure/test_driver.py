"""What the driver of Azure asks and does: how often, in which order, and what it refuses to touch."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.clouds.azure.stage import AzureStage
from tests.contract.play import OpenGate
from webapp.clouds.azure_avd import client as azure_client
from webapp.clouds.azure_avd import pool
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.names import vm_name
from webapp.clouds.base import Acted, Order
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action
from webapp.domain.observation import FollowUp, MachineRef

Orders = Callable[..., Order]
NAMED = (
    "deployments.get",
    "virtualMachines.get",
    "networkInterfaces.get",
    "disks.get",
    "sessionHosts.get",
)
"""The reads by which a name is found to be free before it is used."""
POOLS = {"hp-berth-demo": 167, "hp-second": 167, "hp-third": 166}


def test_500_settled_desktops_in_3_pools_are_observed_with_at_most_25_reads(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage, gate: OpenGate
) -> None:
    """Page size 100 (the sandbox's). Two reads for each would be 1,000."""
    seen, known = 0, {}
    for name, count in POOLS.items():
        if name != "hp-berth-demo":
            azure_stage.control.add_host_pool(name)
        known[name] = [MachineRef(f"{name[3:6]}{number:04d}", "", was_usable=True) for number in range(count)]
        for one in known[name]:
            azure_stage.control.make_machine(one.cloud_workspace_id, pool=name)
    gate.operations.clear()

    for name in POOLS:
        seen += len(enter(host_pool=name).look(known[name]))

    assert seen == 500
    assert len(gate.operations) <= 25, Counter(gate.operations)


def test_up_to_three_machines_are_asked_for_one_by_one(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate
) -> None:
    for number in range(150):
        azure_stage.control.make_machine(f"vm{number}")
    gate.operations.clear()

    driver.look([MachineRef("vm1", was_usable=True), MachineRef("vm2", was_usable=True)])

    assert Counter(gate.operations) == {"virtualMachines.get": 2, "sessionHosts.get": 2}


SUBSCRIPTION_ONLY = f"/subscriptions/{AzureStage.fields['subscription_id']}/providers"


def test_a_role_on_the_group_alone_shows_the_same_in_few_reads(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate
) -> None:
    """Machines that people can connect to are known to run; only the others are asked for one by one."""
    for number in range(20):
        azure_stage.control.make_machine(f"vm{number}")
    azure_stage.control.shut_down_in_guest("vm1")
    azure_stage.control.set_session_host("vm2", heartbeat_age_s=3600)
    azure_stage.control.advance(600)
    known = [MachineRef(f"vm{number}", was_usable=True) for number in range(20)]
    looked, listed = driver.look(known), list(driver.list_directory())
    azure_stage.control.deny(["Microsoft.Compute/virtualMachines/read"], scope=SUBSCRIPTION_ONLY)
    gate.operations.clear()

    states = {name: (one.state, one.word) for name, one in driver.look(known).items()}

    assert states == {name: (one.state, one.word) for name, one in looked.items()}
    assert states["vm1"][1] == "Stopped" and states["vm0"][1] == "Available"
    assert Counter(gate.operations) == {
        "virtualMachines.listAll": 1,
        "sessionHosts.list": 1,
        "virtualMachines.list": 1,
        "virtualMachines.get": 1,
    }
    assert [one.word for one in driver.list_directory()] == [one.word for one in listed]


def test_the_pool_is_verified_and_its_token_fetched_once_for_a_batch(
    driver: AzureAvd, gate: OpenGate, order: Orders
) -> None:
    driver.create([order(1)])
    gate.operations.clear()

    driver.create([order(number) for number in range(2, 12)])

    assert Counter(gate.operations) == {
        "hostPools.get": 1,
        "hostPools.retrieveRegistrationToken": 1,
        **dict.fromkeys(NAMED, 10),
        "deployments.createOrUpdate": 10,
    }


def test_a_token_is_renewed_under_a_lock_and_only_when_it_is_needed(
    driver: AzureAvd, gate: OpenGate, order: Orders, azure_stage: AzureStage
) -> None:
    driver.create([order(1)])
    assert gate.inside == ["registration:rg-berth-demo/hp-berth-demo"]
    azure_stage.control.advance((pool.TOKEN_LASTS - pool.RENEW_BELOW - timedelta(minutes=5)).total_seconds())
    driver.create([order(2)])
    assert len(gate.inside) == 1

    azure_stage.control.advance(3600)  # the deployments are over, and the token has less than two hours
    driver.create([order(3)])

    assert len(gate.inside) == 2
    assert gate.operations.count("hostPools.update") == 2


def test_a_token_is_not_renewed_while_a_deployment_may_still_need_it(
    driver: AzureAvd, gate: OpenGate, order: Orders, azure_stage: AzureStage
) -> None:
    driver.create([order(1)])
    azure_stage.control.advance((pool.TOKEN_LASTS - pool.RENEW_BELOW - timedelta(minutes=1)).total_seconds())
    driver.create([order(2)])
    azure_stage.control.advance(90)  # the second is still under way

    driver.create([order(3)])

    assert gate.operations.count("hostPools.update") == 1


def test_a_pool_that_is_shared_is_refused_before_anything_is_made(
    driver: AzureAvd, gate: OpenGate, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_host_pool(type="Pooled")

    with pytest.raises(CloudError) as raised:
        driver.create([order()])

    assert raised.value.failure.code == "host_pool_unsuitable"
    assert gate.operations == ["hostPools.get"]


def test_a_refusal_that_asks_for_a_wait_is_handed_on_with_it(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault(
        "error", operation="deployments.createOrUpdate", code="Conflict", status=409, retry_after_s=90
    )

    created = driver.create([order(1), order(2)])

    assert (len(created.refused), len(created.accepted), created.retry_after_s) == (1, 1, 90)


def test_the_same_order_sent_again_is_the_same_deployment(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage
) -> None:
    first, second = driver.create([order()]), driver.create([order()])
    azure_stage.control.advance(3600)

    assert first.accepted == second.accepted
    assert [one["kind"] for one in azure_stage.control.journal()].count("vm") == 1


def test_trouble_of_all_keeps_the_rest_of_a_batch_from_being_sent(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault(
        "throttle", operation="deployments.createOrUpdate", resource_name=vm_name("install/row3/1")
    )

    created = driver.create([order(number) for number in range(1, 6)])

    assert len(created.accepted) == 2
    assert created.unsent == {f"install/row{number}/1" for number in (3, 4, 5)}
    assert created.refused == {}


def test_an_order_that_is_wrong_does_not_keep_the_others_from_being_sent(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault(
        "error",
        operation="deployments.createOrUpdate",
        code="RequestDisallowedByPolicy",
        status=403,
        resource_name=vm_name("install/row2/1"),
    )

    created = driver.create([order(1), order(2), order(3)])

    assert len(created.accepted) == 2
    assert created.refused["install/row2/1"].code == "policy_forbids"


def test_after_a_silence_nothing_more_is_sent(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("drop_after", operation="deployments.createOrUpdate")

    created = driver.create([order(1), order(2)])

    assert created.accepted == {} and created.refused == {}
    assert created.unsent == {"install/row2/1"}


# No call may hold a worker


@pytest.mark.parametrize("kind", ["throttle", "http_503"])
@pytest.mark.parametrize("operation", ["sessionHosts.list", "deployments.createOrUpdate", "hostPools.get"])
def test_a_retry_after_of_ten_minutes_is_handed_on_and_not_waited_for(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage, operation: str, kind: str
) -> None:
    azure_stage.control.add_fault(kind, operation=operation, times=-1, retry_after_s=600)

    found = None
    try:
        found = driver.create([order()])
        list(driver.list_directory())
    except CloudError as error:
        assert error.failure.trouble.is_transient
        assert error.retry_after_s == 600

    sent = azure_stage.control.ledger(operation=operation)
    assert len(sent) == 1 or found is not None


@pytest.mark.parametrize("operation", ["sessionHosts.list", "virtualMachines.listAll"])
def test_a_good_answer_without_its_list_is_no_empty_list(
    driver: AzureAvd, azure_stage: AzureStage, operation: str
) -> None:
    azure_stage.control.make_machine("vm1")
    azure_stage.control.add_fault("error", operation=operation, code="Strange", status=200, times=-1)

    with pytest.raises(CloudError) as raised:
        list(driver.list_directory())

    assert raised.value.failure.trouble is Trouble.UNKNOWN


def test_a_token_service_that_asks_for_ten_minutes_is_not_waited_for(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("throttle", operation="token", times=-1, retry_after_s=600)

    with pytest.raises(CloudError) as raised:
        driver.prove_account()

    assert raised.value.failure.trouble.is_transient
    assert len(azure_stage.control.ledger(operation="token")) == 1


def test_a_silent_cloud_is_left_after_the_bound(
    driver: AzureAvd, azure_stage: AzureStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azure_client, "READ_TIMEOUT_S", 0.2)
    azure_stage.control.add_fault("hang", operation="hostPools.get", seconds=20)

    with pytest.raises(CloudError) as raised:
        driver.prove_account()

    assert raised.value.failure.trouble is Trouble.UNKNOWN
    assert len(azure_stage.control.ledger(operation="hostPools.get")) == 1, "what hangs is not tried again"
    assert azure_client.CONNECT_TIMEOUT_S + 40 < 60


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("token", "drop_after"),
        ("token", "garbage"),
        *(
            (operation, kind)
            for operation in ("hostPools.get", "sessionHosts.list")
            for kind in ("http_500", "drop_after", "garbage")
        ),
    ],
)
def test_a_read_that_fails_passingly_is_tried_again_at_once(
    driver: AzureAvd, azure_stage: AzureStage, operation: str, kind: str
) -> None:
    azure_stage.control.make_machine("vm1")
    azure_stage.control.add_fault(kind, operation=operation, times=3)

    driver.prove_account()

    assert len(list(driver.list_directory())) == 1


def test_a_read_that_goes_on_failing_is_given_up(driver: AzureAvd, azure_stage: AzureStage) -> None:
    azure_stage.control.add_fault("http_500", operation="hostPools.get", times=-1)

    with pytest.raises(CloudError):
        driver.prove_account()

    assert len(azure_stage.control.ledger(operation="hostPools.get")) == azure_client.READ_TRIES


def test_a_provider_that_is_not_registered_is_reported_and_not_registered_by_us(
    driver: AzureAvd, order: Orders, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_provider("Microsoft.Compute", "NotRegistered")

    created: dict[str, str] = {}
    try:
        created = {claim: one.code for claim, one in driver.create([order()]).refused.items()}
    except CloudError as error:
        created = {"": error.failure.code}

    assert set(created.values()) == {"provider_not_registered"}
    assert [
        line
        for line in azure_stage.control.ledger()
        if "register" in str(line["operation"]).lower() and "Registration" not in str(line["operation"])
    ] == []


# Ending


def test_a_machine_whose_claim_does_not_make_its_name_is_not_ended(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    name = vm_name("install/somebody/1")
    azure_stage.control.make_machine(name, tags={"berth-claim": "install/somebody-else/1"})

    refused = driver.act(Action.TERMINATE, [name]).refused

    assert refused[name].code == "not_ours"
    assert all(one["gone_at"] is None for one in azure_stage.control.journal())


def test_a_desktop_ends_in_the_safe_order(driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate) -> None:
    claim = "install/row1/1"
    azure_stage.control.make_machine(vm_name(claim), username="sam@example.com", tags={"berth-claim": claim})
    azure_stage.control.open_session(vm_name(claim), "sam@example.com")
    gate.operations.clear()

    assert driver.act(Action.TERMINATE, [vm_name(claim)]) == Acted({})

    writes = [one for one in gate.operations if one.rpartition(".")[2] == "delete"]
    assert writes == ["userSessions.delete", "sessionHosts.delete", "virtualMachines.delete"]


def test_a_leftover_disk_without_tags_is_found_by_its_name_and_ended(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    claim = "install/row1/1"
    name = vm_name(claim)
    azure_stage.control.make_machine(name, tags={"berth-claim": claim, "berth-pool": "hp-berth-demo"})
    azure_stage.control.delete_by_hand(name, parts=("vm", "nic", "host"))
    [left] = driver.look_in_slot(MachineRef(name, "sam@example.com"))
    assert (left.cloud_workspace_id, left.word) == (name, "MachineMissing")

    driver.act(Action.TERMINATE, [name])
    azure_stage.control.advance(300)

    assert driver.look_in_slot(MachineRef(name, "sam@example.com")) == []


def test_a_disk_of_a_machine_of_another_pool_is_nobodys_leftover(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    azure_stage.control.add_host_pool("hp-second")
    claim = "install/row1/1"
    azure_stage.control.make_machine(
        vm_name(claim), pool="hp-second", tags={"berth-claim": claim, "berth-pool": "hp-second"}
    )

    assert list(enter().list_directory()) == []
    assert len(list(enter(host_pool="hp-second").list_directory())) == 1


def test_a_machine_that_came_up_meanwhile_is_not_switched_off(
    driver: AzureAvd, azure_stage: AzureStage, gate: OpenGate
) -> None:
    azure_stage.control.make_machine("vm1", username="sam@example.com")

    assert driver.do_follow_ups(MachineRef("vm1", "sam@example.com"), (FollowUp.SWITCH_OFF,)) is None

    assert "virtualMachines.deallocate" not in gate.operations


def test_a_person_who_has_a_desktop_already_is_not_given_another(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.make_machine("vm1", username="sam@example.com")
    azure_stage.control.make_machine("vm2")

    failure = driver.do_follow_ups(MachineRef("vm2", "sam@example.com"), (FollowUp.ASSIGN,))

    assert failure is not None and failure.code == "assignment_failed"


def test_a_resource_group_of_another_script_is_a_place_like_any_other(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage, order: Orders
) -> None:
    """Azure takes letters of any script in the name of a group."""
    for number, group in enumerate(("rg-büro", "ГРУППА_1", "デスクトップ")):
        azure_stage.control.add_host_pool(f"hp-{number}", resource_group=group)
        driver = enter(resource_group=group, host_pool=f"hp-{number}")

        made = driver.create([order(number)])
        azure_stage.control.advance(3600)
        seen = list(driver.list_directory())

        assert len(made.accepted) == 1, made
        assert [one.username for one in seen] == [order(number).username], seen
