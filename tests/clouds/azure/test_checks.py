"""The credential test of Azure: a line for all that would keep orders from working, with its remedy."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox import demo_azure as demo
from sandbox.azure.ids import group_id
from tests.clouds.azure.stage import AzureStage
from tests.contract.play import TODAY, OpenGate, Play
from webapp.clouds import reports
from webapp.clouds.azure_avd.actions import (
    NEEDED_ACTIONS,
    ON_SUBSCRIPTION,
    READ_OTHER_BACKUPS,
    READ_PERMISSIONS,
)
from webapp.clouds.azure_avd.driver import AzureAvd
from webapp.clouds.azure_avd.pool import Feed
from webapp.clouds.azure_avd.report import Report
from webapp.clouds.azure_avd.rights import PROVIDERS
from webapp.clouds.azure_avd.surroundings import RDP_PROPERTIES, check_feed
from webapp.clouds.base import Order
from webapp.domain.errors import CloudError
from webapp.domain.lifecycle import Action, CloudState
from webapp.domain.observation import FollowUp, MachineRef

READS = ["*/read", READ_OTHER_BACKUPS]
"""What Azure's own roles *Reader* and *Backup Reader* grant, as far as Berth needs it."""
SUBSCRIPTION = f"/subscriptions/{demo.DEMO_SUBSCRIPTION_ID}"
GROUP = group_id(demo.DEMO_SUBSCRIPTION_ID, demo.DEMO_RESOURCE_GROUP)


def line(report: reports.TestReport, name: str) -> reports.Check:
    return next(one for one in report.checks if one.name == name)


def test_a_role_without_the_subscription_is_shown_what_that_costs_and_how_to_fix_it(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_role(NEEDED_ACTIONS, scopes=[GROUP])

    report = driver.test()

    found = line(report, "machine_list")
    assert (found.is_ok, found.is_essential) == (None, False)
    assert "Microsoft.Compute/virtualMachines/read" in found.remedy and "subscription" in found.remedy
    assert report.is_ok and report.failure is None


def test_machines_that_cannot_be_listed_at_all_fail_the_test(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    for operation in ("virtualMachines.listAll", "virtualMachines.list"):
        azure_stage.control.add_fault(
            "error", operation=operation, times=-1, code="AuthorizationFailed", status=403
        )

    report = driver.test()

    found = line(report, "machine_list")
    assert found.is_ok is False and found.is_essential
    assert "Microsoft.Compute/virtualMachines/read" in found.remedy
    assert report.failure is not None and report.failure.code == "access_denied"


def test_a_list_of_machines_that_is_not_answered_is_no_missing_right(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("http_503", operation="virtualMachines.listAll", times=-1)

    report = driver.test()

    assert line(report, "machine_list").is_ok is None
    assert report.failure is not None and report.failure.trouble.is_transient


def documented_role() -> list[str]:
    text = (Path(__file__).parents[3] / "docs" / "azure.md").read_text(encoding="utf-8")
    [role] = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", text, re.S)]
    return list(role["Actions"])


def test_with_exactly_the_documented_role_every_line_is_green(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_role(documented_role(), scopes=[GROUP])
    azure_stage.control.add_role(READS, scopes=[SUBSCRIPTION])

    report = driver.test()

    assert [one for one in report.checks if one.is_ok is not True] == []


def test_the_network_may_be_in_a_group_of_its_own(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage
) -> None:
    subnet = demo.DEMO_SUBNET_ID.replace(demo.DEMO_RESOURCE_GROUP, "rg-network")
    azure_stage.control.set_subnet(subnet_id=subnet)
    azure_stage.control.set_role(documented_role(), scopes=[GROUP, subnet])
    azure_stage.control.add_role(READS, scopes=[SUBSCRIPTION])

    report = enter(subnet_id=subnet).test()

    assert [one for one in report.checks if one.is_ok is not True] == []


def test_the_documented_role_is_enough_at_the_subscription_as_well(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_role(documented_role(), scopes=[SUBSCRIPTION])

    assert [one for one in driver.test().checks if one.is_ok is not True] == []


def test_every_action_of_the_documented_role_has_a_line_of_its_name(driver: AzureAvd) -> None:
    named = {one.name.removeprefix("permission:") for one in driver.test().checks}

    assert set(documented_role()) - named == set()


def test_a_right_that_only_lets_berth_know_more_is_named_when_it_is_missing(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.deny([*ON_SUBSCRIPTION, READ_PERMISSIONS])

    report = driver.test()

    for action in (*ON_SUBSCRIPTION, READ_PERMISSIONS):
        found = line(report, f"permission:{action}")
        assert (found.is_ok, found.is_essential) == (None, False)
        assert action in found.remedy
    assert report.is_ok


def test_nothing_in_a_desktops_life_is_refused_with_exactly_the_documented_role(
    azure_stage: AzureStage, driver: AzureAvd, gate: OpenGate
) -> None:
    azure_stage.control.set_role(documented_role(), scopes=[GROUP])
    azure_stage.control.add_role(READS, scopes=[SUBSCRIPTION])
    play = Play(azure_stage, driver, gate)

    order, name = play.usable()
    for action, state in (
        (Action.STOP, CloudState.STOPPED),
        (Action.START, CloudState.AVAILABLE),
        (Action.RESTART, CloudState.AVAILABLE),
    ):
        assert driver.act(action, [name]).refused == {}
        play.until(name, order, state)
    assert driver.do_follow_ups(MachineRef(name, order.username, was_usable=True), [FollowUp.TIDY]) is None
    driver.look([MachineRef(name, was_usable=True), *(MachineRef(f"vm{number}") for number in range(5))])
    assert (
        list(driver.list_directory())
        and driver.claims()
        and driver.list_bundles(today=TODAY)
        and driver.directory()
    )
    azure_stage.control.open_session(name, order.username)
    play.end(name, order)

    assert play.living() == set()
    assert [one for one in azure_stage.control.ledger() if one["outcome"] == "AuthorizationFailed"] == []


def test_without_the_subscription_nothing_essential_is_missing_and_each_line_says_where_to_give_the_right(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.set_role(documented_role(), scopes=[GROUP])

    report = driver.test()

    assert report.is_ok
    unknown = [one for one in report.checks if one.is_ok is not True]
    assert {f"provider:{name}" for name in PROVIDERS} < {one.name for one in unknown}
    assert [one for one in unknown if "subscription" not in one.remedy] == []


@pytest.mark.parametrize(
    ("in_days", "is_ok", "words"),
    [
        (31, True, "is valid until"),
        (30, False, "expires in 30 days"),
        (1, False, "tomorrow"),
        (0, False, "today"),
        (-1, False, "expired on"),
    ],
)
def test_the_day_of_the_secret_is_a_line_that_warns_in_time(
    enter: Callable[..., AzureAvd], azure_stage: AzureStage, in_days: int, is_ok: bool, words: str
) -> None:
    today = datetime.fromtimestamp(azure_stage.control.now(), UTC).date()

    report = enter(secret_expires_on=(today + timedelta(days=in_days)).isoformat()).test()

    found = line(report, "secret_expiry")
    assert (found.is_ok, found.is_essential) == (is_ok, False)
    assert words in found.message and bool(found.remedy) is not is_ok
    assert report.is_ok


def test_a_secret_whose_day_nobody_wrote_down_has_no_line(driver: AzureAvd) -> None:
    assert [one for one in driver.test().checks if one.name == "secret_expiry"] == []


def test_a_feed_that_gives_no_link_to_the_desktops_fails_the_test(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    azure_stage.control.add_fault("empty_listing", operation="desktops.list", times=-1)

    report = driver.test()

    found = line(report, "connection")
    assert found.is_ok is False and found.is_essential
    assert demo.DEMO_APP_GROUP in found.message and found.remedy
    assert report.directory is not None and report.directory.web_client_url is None
    assert report.failure is not None and report.failure.code == "resource_not_found"


@pytest.mark.parametrize(
    ("feed", "missing"),
    [
        (Feed("ag", "ws", "", "6f1d"), ["“ws”"]),
        (Feed("ag", "ws", "5e0c", ""), ["“ag”"]),
        (Feed("ag", "ws", "", ""), ["“ag”", "“ws”"]),
        (Feed("ag", "ws", "5e0c", "6f1d"), []),
    ],
)
def test_what_shows_no_id_for_the_link_is_named(feed: Feed, missing: list[str]) -> None:
    report = Report()

    check_feed(feed, report)

    found = next(one for one in report.checks if one.name == "connection")
    assert found.is_ok is not bool(missing)
    assert [name for name in ("“ag”", "“ws”") if name in found.message and missing] == missing


def test_a_location_that_is_not_the_networks_fails_the_test_and_names_both(
    enter: Callable[..., AzureAvd], order: Callable[..., Order]
) -> None:
    elsewhere = enter(location=demo.DEMO_OTHER_LOCATION)

    report = elsewhere.test()

    found = line(report, "location")
    assert found.is_ok is False and found.is_essential and found.remedy
    assert demo.DEMO_LOCATION in found.message and demo.DEMO_OTHER_LOCATION in found.message
    with pytest.raises(CloudError) as refused:
        elsewhere.create([order()])
    assert refused.value.failure.cloud_code == "InvalidResourceReference"


@pytest.mark.parametrize(
    ("image", "is_ok"),
    [
        ("MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:latest", True),
        ("MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:26100.4946.250810", True),
        ("MicrosoftWindowsDesktop:windows-11:win11-24h2-ent:1.0.0", False),
        ("MicrosoftWindowsDesktop:windows-11:no-such-sku:latest", False),
        ("Nobody:windows-11:win11-24h2-ent:latest", False),
    ],
)
def test_an_image_that_azure_does_not_offer_fails_the_test(
    enter: Callable[..., AzureAvd], image: str, is_ok: bool
) -> None:
    report = enter(image=image).test()

    found = line(report, "image")
    assert found.is_ok is is_ok and found.is_essential
    assert image in found.message and bool(found.remedy) is not is_ok
    assert report.is_ok is is_ok


UNSUITABLE = (
    (
        "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest",
        "image_unsuitable",
        "Linux",
        "BadRequest",
    ),
    (
        "MicrosoftWindowsDesktop:windows-10:win10-22h2-ent:latest",
        "image_unsuitable",
        "generation 1",
        "BadRequest",
    ),
    ("soldimages:tuned-desktops:win11-tuned:latest", "image_needs_plan", "plan", "VMMarketplaceInvalidInput"),
)


def test_an_image_that_no_desktop_can_be_made_from_fails_the_test_and_is_named(
    enter: Callable[..., AzureAvd], order: Callable[..., Order]
) -> None:
    for number, (image, code, words, cloud_code) in enumerate(UNSUITABLE):
        elsewhere = enter(image=image)

        report = elsewhere.test()

        found = line(report, "image")
        assert found.is_ok is False and found.is_essential
        assert image in found.message and words in found.message and "image" in found.remedy
        assert report.failure is not None and report.failure.code == code
        if words != "Linux":  # of which the simulated Azure would make a machine
            ordered = order(number)
            refused = elsewhere.create([ordered]).refused[ordered.claim]
            assert (refused.code, refused.cloud_code) == (code, cloud_code)
            assert image in refused.detail


def test_a_full_subnet_is_seen_however_azure_shows_its_prefix(
    driver: AzureAvd, azure_stage: AzureStage
) -> None:
    for shows_list in (0, 1):
        azure_stage.control.set_settings(subnet_prefixes=shows_list)
        azure_stage.control.set_subnet(free=7)
        assert "About 7 addresses are free" in line(driver.test(), "subnet").message
        azure_stage.control.set_subnet(free=0)

        report = driver.test()

        assert line(report, "subnet").is_ok is False, shows_list
        assert report.failure is not None and report.failure.code == "no_free_address"


@pytest.mark.parametrize(
    ("rdp", "missing"),
    [
        ("EnableRdsAadAuth:i:1; targetisaadjoined:i:1", []),
        ("drivestoredirect:s:*;enablerdsaadauth:i:1;", ["targetisaadjoined:i:1"]),
        ("targetisaadjoined:i:1;enablerdsaadauth:i:0;", ["enablerdsaadauth:i:1"]),
        ("", ["enablerdsaadauth:i:1", "targetisaadjoined:i:1"]),
    ],
)
def test_a_host_pool_that_does_not_let_people_sign_in_with_entra_is_warned_of(
    driver: AzureAvd, azure_stage: AzureStage, rdp: str, missing: list[str]
) -> None:
    azure_stage.control.set_host_pool(rdp=rdp)

    report = driver.test()

    found = line(report, "rdp_properties")
    assert (found.is_ok, found.is_essential) == (not missing, False)
    assert [one for one in RDP_PROPERTIES if one in found.remedy] == missing
    assert report.is_ok
