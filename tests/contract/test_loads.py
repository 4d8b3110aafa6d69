"""How busy desktops were, on each cloud that measures them: the busiest hours, and nothing unknown."""

from datetime import UTC, datetime

import pytest

from tests.contract.play import Play
from webapp.clouds.loads import ReadsLoads
from webapp.domain.errors import CloudError
from webapp.domain.loads import SPAN, Load


@pytest.fixture
def loads(play: Play) -> ReadsLoads:
    if play.driver.loads is None:
        pytest.skip("this cloud does not measure its desktops")
    return play.driver.loads


def read(play: Play, loads: ReadsLoads, *machines: str) -> dict[str, Load]:
    now = datetime.fromtimestamp(play.stage.control.now(), UTC)
    return loads.read_loads(machines, since=now - SPAN, until=now)


def test_the_busiest_hours_of_each_desktop_are_read(play: Play, loads: ReadsLoads) -> None:
    one, other = (play.usable()[1] for _ in range(2))
    play.stage.measure(one, cpu=22.5, memory=40, days=12)
    play.stage.measure(other, cpu=81, memory=62.5, days=10)

    assert read(play, loads, one) == {one: Load(12, 22.5, 40)}
    assert read(play, loads, other) == {other: Load(10, 81, 62.5)}


@pytest.mark.parametrize("measured", [(None, None), (20.0, None), (None, 40.0)])
def test_what_was_not_measured_is_unknown_and_not_0(
    play: Play, loads: ReadsLoads, measured: tuple[float | None, float | None]
) -> None:
    _, machine = play.usable()
    play.stage.measure(machine, cpu=measured[0], memory=measured[1])

    assert read(play, loads, machine) == {}


def test_a_desktop_that_is_not_there_has_no_load(play: Play, loads: ReadsLoads) -> None:
    _, machine = play.usable()
    play.stage.vanish(machine)

    assert read(play, loads, machine) == {}


def test_who_may_not_see_loads_is_refused(play: Play, loads: ReadsLoads) -> None:
    _, machine = play.usable()
    play.stage.deny_loads()

    with pytest.raises(CloudError) as refused:
        read(play, loads, machine)

    assert refused.value.failure.code == "access_denied"
