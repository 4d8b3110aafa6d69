"""The columns of a workspace by which lists find, sort and search: the database itself writes them."""

from sqlalchemy import Computed, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.public_state import LISTED_STATE

SEARCH_TEXT = (
    "lower(coalesce(person_key, '') || ' ' || coalesce(person_email, '') || ' ' || username || ' ' ||"
    " bundle_name || ' ' || coalesce(cloud_workspace_id, ''))"
)
"""What a search looks at."""


class Listable:
    """A part of `Workspace`."""

    listed_state: Mapped[str | None] = mapped_column(
        String(16), Computed(LISTED_STATE, persisted=True), deferred=True
    )
    """`state`, derived by the database so that lists can search for it; NULL when no list shows the row."""
    job_posting_id: Mapped[int | None] = mapped_column(deferred=True)
    """The application's; below, person, job and account in small letters. The database copies them."""
    person_key: Mapped[str | None] = mapped_column(String(120), deferred=True)
    person_email: Mapped[str | None] = mapped_column(String(254), deferred=True)
    job_key: Mapped[str | None] = mapped_column(String(120), deferred=True)
    account_key: Mapped[str | None] = mapped_column(String(80), deferred=True)
    username_key: Mapped[str | None] = mapped_column(
        String(128), Computed("lower(username)", persisted=True), deferred=True
    )
    bundle_key: Mapped[str | None] = mapped_column(
        String(160), Computed("lower(bundle_name)", persisted=True), deferred=True
    )
    search_text: Mapped[str | None] = mapped_column(
        Text, Computed(SEARCH_TEXT, persisted=True), deferred=True
    )
