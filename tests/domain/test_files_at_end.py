"""Until when a person can copy files out, when they are deleted, and how long a last copy is kept."""

from datetime import UTC, datetime, timedelta

from webapp.domain.access import is_end_near
from webapp.domain.files_at_end import FilesAtEnd, files_at_end

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def files(
    *, ends_at: datetime | None = None, destroy_at: datetime | None = None, days_kept: int = 0
) -> FilesAtEnd | None:
    return files_at_end(NOW, ends_at=ends_at, destroy_at=destroy_at, grace=7 * DAY, days_kept=days_kept)


def test_before_an_end_they_can_be_copied_out_and_the_grace_comes_after_it() -> None:
    assert files(ends_at=NOW + DAY) == FilesAtEnd(NOW + DAY, NOW + 8 * DAY, None)


def test_after_the_end_nobody_copies_them_out_although_no_worker_has_come_yet() -> None:
    assert files(ends_at=NOW) == FilesAtEnd(None, NOW + 7 * DAY, None)


def test_a_grace_that_has_begun_says_when_and_a_snapshot_is_kept_from_then_on() -> None:
    found = files(ends_at=NOW + 30 * DAY, destroy_at=NOW + 2 * DAY, days_kept=14)

    assert found == FilesAtEnd(None, NOW + 2 * DAY, NOW + 16 * DAY)


def test_without_an_end_nothing_is_said() -> None:
    assert files(days_kept=14) is None


def test_an_end_is_near_from_the_first_notice_on() -> None:
    near = [is_end_near(NOW, ends_at=NOW + days * DAY) for days in (15, 14, 0, -1)]

    assert near == [False, True, True, True] and not is_end_near(NOW, ends_at=None)
