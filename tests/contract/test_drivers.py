"""What the engine believes of every driver (`webapp/clouds/base.py`), on every cloud alike."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.contract.play import TODAY, Play, is_usable
from webapp.clouds.base import Acted
from webapp.domain.endpoints import Endpoint
from webapp.domain.errors import CloudError, Trouble
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import MachineRef

NOWHERE = "ws-nothere01"
"""The id of a machine that no cloud has."""
POWER = {
    "stop": (Action.STOP, CloudState.STOPPED),
    "start": (Action.START, CloudState.AVAILABLE),
    "restart": (Action.RESTART, CloudState.AVAILABLE),
}


def test_the_key_shows_whose_account_it_is(play: Play) -> None:
    assert play.driver.prove_account()


def test_a_batch_of_orders_is_accepted_each_under_its_claim(play: Play) -> None:
    orders = [play.order() for _ in range(play.driver.batch_size)]

    created = play.driver.create(orders)

    assert set(created.accepted) == {one.claim for one in orders}
    assert not created.refused and not created.unsent
    ids = {one.cloud_workspace_id for one in created.accepted.values()}
    assert len(ids) == len(orders)


def test_a_new_machine_is_pending_until_it_can_be_used(play: Play) -> None:
    order, machine_id = play.make()

    passed = play.until(machine_id, order, CloudState.AVAILABLE, was_usable=False)

    assert set(passed[:-1]) == {CloudState.PENDING}


def test_a_machine_carries_the_claim_of_its_order(play: Play) -> None:
    order, machine_id = play.usable()

    assert play.driver.claim_of(machine_id) == order.claim
    assert play.driver.claims()[machine_id] == order.claim


def test_a_slot_shows_its_machine_from_the_order_on_and_other_slots_do_not(play: Play) -> None:
    order, machine_id = play.make()
    other = play.order()
    play.stage.control.advance(60)

    [seen] = play.driver.look_in_slot(MachineRef("", order.username))

    assert seen.cloud_workspace_id == machine_id
    assert play.driver.look_in_slot(MachineRef("", other.username)) == []


def test_names_of_people_are_the_same_in_capitals(play: Play) -> None:
    order, machine_id = play.usable()

    found = play.driver.look_in_slot(MachineRef("", order.username.upper()))

    assert [one.cloud_workspace_id for one in found] == [machine_id]


def test_the_directory_shows_every_machine_also_those_made_by_hand(play: Play) -> None:
    made = {play.make()[1] for _ in range(4)}
    by_hand = play.stage.plant(play.stage.username(99))
    play.stage.control.advance(60)

    listed = {one.cloud_workspace_id for one in play.driver.list_directory()}

    assert listed == {*made, by_hand}
    assert by_hand not in play.driver.claims()
    assert play.driver.claim_of(by_hand) is None


def test_many_machines_are_looked_at_together(play: Play) -> None:
    pairs = [play.make() for _ in range(6)]
    asked = [MachineRef(machine_id, order.username) for order, machine_id in pairs]
    play.stage.control.advance(60)
    before = len(play.gate.operations)

    seen = play.driver.look([*asked, MachineRef(NOWHERE, "nobody")])

    assert set(seen) == {machine_id for _, machine_id in pairs}
    assert len(play.gate.operations) - before < 2 * len(pairs)


@pytest.mark.parametrize("steps", [("stop", "start"), ("restart",)])
def test_power_actions_come_to_their_end(play: Play, steps: tuple[str, ...]) -> None:
    order, machine_id = play.usable()

    for step in steps:
        action, state = POWER[step]
        assert play.driver.act(action, [machine_id]) == Acted({})
        play.stage.control.advance(30)
        play.until(machine_id, order, state)


@pytest.mark.parametrize("step", ["stop", "terminate"])
def test_asking_twice_does_no_harm(play: Play, step: str) -> None:
    order, machine_id = play.usable()
    action = {"stop": Action.STOP, "terminate": Action.TERMINATE}[step]

    for _ in range(2):
        refused = play.driver.act(action, [machine_id]).refused
        assert all(
            one.trouble in (Trouble.TRANSIENT, Trouble.ABSENT, Trouble.PERMANENT) for one in refused.values()
        )
    play.stage.control.advance(3600)

    seen = play.look(machine_id, order)
    assert seen is None or seen.state is CloudState.STOPPED or step == "terminate"


def test_a_terminated_machine_leaves_nothing_behind(play: Play) -> None:
    order, machine_id = play.usable()

    play.end(machine_id, order)

    assert machine_id not in play.living()
    assert play.look(machine_id, order) is None
    assert machine_id not in {one.cloud_workspace_id for one in play.driver.list_directory()}


def test_a_machine_that_is_still_being_made_can_be_ended(play: Play) -> None:
    order, machine_id = play.make()

    play.end(machine_id, order)

    assert play.living() == set()


def test_ending_what_is_not_there_is_no_trouble(play: Play) -> None:
    _, machine_id = play.usable()
    play.stage.vanish(machine_id)

    refused = play.driver.act(Action.TERMINATE, [machine_id]).refused

    assert all(one.trouble is Trouble.ABSENT for one in refused.values())


def test_one_bad_machine_does_not_spoil_the_batch(play: Play) -> None:
    order, machine_id = play.usable()

    refused = play.driver.act(Action.STOP, [machine_id, NOWHERE]).refused

    assert set(refused) == {NOWHERE}
    play.until(machine_id, order, CloudState.STOPPED)


# Trouble


def test_an_answer_that_was_lost_after_the_effect_leaves_the_outcome_open(play: Play) -> None:
    order = play.order()
    play.fault("drop_after", "create")

    outcome: object = None
    try:
        outcome = play.driver.create([order])
    except CloudError as error:
        assert error.failure.trouble is Trouble.UNKNOWN
    else:
        assert outcome.accepted == {} and outcome.refused == {} and outcome.unsent == set()  # type: ignore[attr-defined]
    play.stage.control.advance(60)

    [found] = play.driver.look_in_slot(MachineRef("", order.username))
    assert play.driver.claim_of(found.cloud_workspace_id) == order.claim


def test_a_create_is_sent_once_whatever_comes_back(play: Play) -> None:
    for kind in ("drop_after", "http_500", "http_503", "throttle"):
        play.fault(kind, "create")
        sent = len(play.stage.control.ledger(operation=play.stage.operations["create"]))
        with suppress(CloudError):  # whether it raises is the driver's business
            play.driver.create([play.order()])
        assert len(play.stage.control.ledger(operation=play.stage.operations["create"])) == sent + 1


def test_a_throttled_create_makes_nothing(play: Play) -> None:
    play.fault("throttle", "create")

    with pytest.raises(CloudError) as raised:
        play.driver.create([play.order()])

    assert raised.value.failure.trouble is Trouble.THROTTLED
    assert play.living() == set()


def test_a_listing_that_fails_is_an_error_and_no_empty_list(play: Play) -> None:
    play.make()
    play.stage.control.advance(60)
    for kind in ("http_500", "truncated", "garbage", "drop_before"):
        play.fault(kind, "list", times=20)
        with pytest.raises(CloudError):
            list(play.driver.list_directory())
        play.stage.control.clear_faults()

    assert len(list(play.driver.list_directory())) == 1


def test_a_key_that_was_revoked_is_the_accounts_trouble(play: Play, enter: Callable[..., Play]) -> None:
    play.stage.revoke()

    with pytest.raises(CloudError) as raised:
        list(enter().driver.list_directory())

    assert raised.value.failure.trouble is Trouble.CREDENTIAL
    assert raised.value.failure.code in ("invalid_key", "expired_key")


def test_a_cloud_that_cannot_be_reached_is_nobodys_fault(enter: Callable[..., Play]) -> None:
    nowhere = enter(endpoint=Endpoint("https://127.0.0.1:9"))

    with pytest.raises(CloudError) as raised:
        nowhere.driver.prove_account()

    assert (raised.value.failure.code, raised.value.failure.trouble) == (
        "cloud_unreachable",
        Trouble.TRANSIENT,
    )


def test_every_request_passes_the_gate(play: Play) -> None:
    play.driver.prove_account()
    before = len(play.gate.operations)
    seen = len(play.stage.control.ledger())

    list(play.driver.list_directory())

    assert len(play.gate.operations) - before == len(play.stage.control.ledger()) - seen


# What people read


def test_bundles_have_a_size_a_system_and_a_stable_order(play: Play) -> None:
    first, second = play.driver.list_bundles(today=TODAY), play.driver.list_bundles(today=TODAY)

    assert first == second
    chosen = next(one for one in first if one.bundle_id == play.stage.bundle_id)
    assert chosen.unavailable_reason is None
    assert chosen.workspace_type == play.stage.workspace_type
    assert chosen.vcpus and chosen.memory_gib and chosen.root_storage_gib


def test_a_good_credential_passes_every_essential_check(play: Play) -> None:
    report = play.driver.test()

    assert [check for check in report.checks if check.is_essential and not check.is_ok] == []
    assert report.is_ok and report.failure is None
    assert report.account_id == play.driver.prove_account()
    assert report.directory is not None
    assert len({check.name for check in report.checks}) == len(report.checks)


def test_the_test_makes_and_changes_nothing(play: Play) -> None:
    _, machine_id = play.usable()
    before = play.stage.machines()

    play.driver.test()

    assert play.stage.machines() == before
    assert is_usable(play.driver.look([MachineRef(machine_id, was_usable=True)])[machine_id])


def test_a_key_of_another_account_than_before_is_refused(enter: Callable[..., Play]) -> None:
    report = enter(account_id="another-account").driver.test()

    assert not report.is_ok
    assert report.failure is not None and report.failure.code == "account_mismatch"


def test_a_refused_key_ends_the_test_with_its_reason(play: Play, enter: Callable[..., Play]) -> None:
    play.stage.revoke()

    report = enter().driver.test()

    assert not report.is_ok and report.account_id is None
    assert report.failure is not None and report.failure.code in ("invalid_key", "expired_key")
    assert report.checks[-1].is_ok is False and report.checks[-1].remedy
