"""What may be done about a machine without a workspace, and what it costs."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cases import each_case
from webapp.domain.orphans import OrphanKind, is_confirmed, parse_claim

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@each_case("text", [None, "", "a/b", "a/b/c", "a//1", "/b/1", "a/b/1/2", "a/b/-1", "a/b/" + "9" * 10])
def test_a_mark_that_no_berth_wrote_is_no_claim(text: str | None) -> None:
    assert parse_claim(text) is None


def test_a_claim_is_taken_apart_and_written_again() -> None:
    assert str(parse_claim("installation/row/12")) == "installation/row/12"


def test_only_machines_with_our_mark_are_ours_to_end() -> None:
    assert {kind for kind in OrphanKind if not kind.is_ours} == {
        OrphanKind.UNMARKED,
        OrphanKind.OTHER_INSTALLATION,
    }


@pytest.mark.parametrize(
    ("observations", "minutes", "is_enough"), [(1, 60, False), (2, 9, False), (2, 10, True)]
)
def test_two_observations_ten_minutes_apart_confirm(observations: int, minutes: int, is_enough: bool) -> None:
    later = NOW + timedelta(minutes=minutes)

    assert is_confirmed(observations=observations, first_seen_at=NOW, last_seen_at=later) is is_enough
