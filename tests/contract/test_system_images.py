"""Images of desktops' systems, on each cloud that creates them."""

import pytest

from tests.contract.play import Play
from webapp.clouds.system_images import CreatesSystemImages
from webapp.domain.errors import Failure, Trouble
from webapp.domain.lifecycle import CloudState
from webapp.providers.registry import get_provider

NAME, CLAIM = "berth-w1-20261101T1200", "contract/row9/1"
LONGEST_S = 45 * 60


@pytest.fixture
def images(play: Play) -> CreatesSystemImages:
    if play.driver.system_images is None:
        pytest.skip("this cloud creates no images")
    return play.driver.system_images


def created(play: Play, images: CreatesSystemImages) -> tuple[str, str]:
    """The machine, and its image, complete."""
    order, machine = play.usable()
    image = images.create_system_image(machine, name=NAME, claim=CLAIM)
    assert isinstance(image, str) and image
    play.until(machine, order, CloudState.AVAILABLE)
    return machine, image


def test_the_rules_say_whether_a_cloud_creates_them(play: Play) -> None:
    rules = get_provider(play.driver.key).desktops

    assert (play.driver.system_images is not None) is rules.creates_system_images


def test_nobody_can_use_the_desktop_until_its_image_is_complete(
    play: Play, images: CreatesSystemImages
) -> None:
    order, machine = play.usable()

    image = images.create_system_image(machine, name=NAME, claim=CLAIM)

    seen = play.look(machine, order)
    assert seen is not None and seen.state is CloudState.SUSPENDED
    [found] = images.list_system_images()
    assert (found.cloud_id, found.name, found.is_ready, found.has_failed) == (image, NAME, False, False)
    play.stage.control.advance(LONGEST_S)
    seen = play.look(machine, order)
    assert seen is not None and seen.state is CloudState.AVAILABLE
    [found] = images.list_system_images()
    assert found.is_ready and found.created_at is not None and found.created_at.tzinfo is not None
    assert images.find_system_image(found.cloud_id) == found


def test_its_claim_is_ours(play: Play, images: CreatesSystemImages) -> None:
    _, image = created(play, images)

    assert images.claim_of_image(image) == CLAIM
    assert images.claim_of_image("wsi-000000000") is None


def test_a_repeat_under_the_same_name_is_the_same_image(play: Play, images: CreatesSystemImages) -> None:
    machine, _ = created(play, images)
    before = images.list_system_images()

    assert images.create_system_image(machine, name=NAME, claim=CLAIM) == ""

    assert images.list_system_images() == before


def test_a_desktop_that_does_not_run_gives_none(play: Play, images: CreatesSystemImages) -> None:
    machine, _ = created(play, images)
    images.create_system_image(machine, name=f"{NAME}b", claim=CLAIM)

    refused = images.create_system_image(machine, name=f"{NAME}c", claim=CLAIM)

    assert isinstance(refused, Failure)
    assert (refused.code, refused.trouble) == ("image_needs_running", Trouble.PERMANENT)
    assert [one.name for one in images.list_system_images()] == [NAME, f"{NAME}b"]


def test_without_our_claim_none_is_deleted(play: Play, images: CreatesSystemImages) -> None:
    _, image = created(play, images)

    refused = images.end_system_image(image, claim="contract/row1/7")

    assert refused is not None and refused.code == "not_ours"
    assert [one.cloud_id for one in images.list_system_images()] == [image]


def test_one_that_is_deleted_is_neither_listed_nor_found(play: Play, images: CreatesSystemImages) -> None:
    _, image = created(play, images)

    assert images.end_system_image(image, claim=CLAIM) is None

    assert (images.list_system_images(), images.find_system_image(image)) == ([], None)
    again = images.end_system_image(image, claim=CLAIM)
    assert again is not None and again.trouble is Trouble.ABSENT
