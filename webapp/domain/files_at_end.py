"""What becomes of the files on a desktop that has an end, and until when its person can copy them out.

Amazon exports nothing, so there the time before the end is the only way out. Why so:
docs/decisions/disk_snapshots.md.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class FilesAtEnd:
    copied_out_until: datetime | None
    """Until then its person can sign in; None: not any more."""
    deleted_at: datetime
    """With the desktop, unless somebody deletes it sooner or moves the end."""
    kept_until: datetime | None
    """So long the company has the last snapshot of the disk; None: nothing is left."""


def files_at_end(
    now: datetime,
    *,
    ends_at: datetime | None,
    destroy_at: datetime | None,
    grace: timedelta,
    days_kept: int,
) -> FilesAtEnd | None:
    """Of a desktop that may have files; None while it has no end.

    `destroy_at`: the end of a grace that has begun. `grace`: after a contract. `days_kept`: of the last
    snapshot, after the desktop's end; 0 where there is none.
    """
    if destroy_at is not None:
        until, deleted_at = None, destroy_at
    elif ends_at is not None:
        until, deleted_at = (ends_at if ends_at > now else None), ends_at + grace
    else:
        return None
    kept_until = deleted_at + timedelta(days=days_kept) if days_kept else None
    return FilesAtEnd(until, deleted_at, kept_until)
