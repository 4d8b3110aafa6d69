"""The rights of Berth's database users on PostgreSQL, as statements: the web's may not read sealed secrets.

What a fault in the web server can reach then does not include them. PostgreSQL has no right to all columns
but one, so the others are named; they are those of this release.
"""

from collections.abc import Iterator

from sqlalchemy.dialects import postgresql

from webapp.models.base import Base

SEALED = {
    "cloud_credentials": "sealed_secret",
    "webhook_endpoints": "sealed_secret",
    "mails": "sealed_link",
    "directory_users": "sealed_password",
}
"""The column of each table that has one."""
CLOSED_TO_THE_WEB = tuple(SEALED)
CLOSED_TO_BACKGROUND = ("cloud_credentials", "directory_users")
"""Its workers open the signing keys of webhooks and the links of mails, and no secret of a cloud account."""

_quote = postgresql.dialect().identifier_preparer.quote_identifier


READ_BY_LIVE = {
    "user_sessions": ("id", "user_id", "token_hash", "last_seen_at", "expires_at"),
    "users": ("id", "role", "company_id", "is_active"),
}
"""Who listens. What changes, PostgreSQL reports to it by itself."""


def rights(*, web: str, worker: str, background: str, live: str, backup: str) -> Iterator[str]:
    """For the owner of the tables. Safe to repeat; needed again when an upgrade has added a table."""
    for user in (web, worker, background):
        yield f"GRANT USAGE ON SCHEMA public TO {_quote(user)}"
        yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {_quote(user)}"
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_quote(user)}"
    for user, tables in ((web, CLOSED_TO_THE_WEB), (background, CLOSED_TO_BACKGROUND)):
        for table in tables:
            columns = Base.metadata.tables[table].columns
            names = [_quote(one.name) for one in columns if one.name != SEALED[table]]
            yield f"REVOKE SELECT ON {_quote(table)} FROM {_quote(user)}"
            yield f"GRANT SELECT ({', '.join(names)}) ON {_quote(table)} TO {_quote(user)}"
    for user in (web, worker, background):
        # What happened is added to, and never changed; the chain is the background workers' alone.
        yield f"REVOKE UPDATE, DELETE ON trail_entries, trail_links FROM {_quote(user)}"
        # Not under a number of one's own choice: new ones are looked for behind the highest.
        names = [
            _quote(one.name) for one in Base.metadata.tables["trail_entries"].columns if one.name != "id"
        ]
        yield f"REVOKE INSERT ON trail_entries FROM {_quote(user)}"
        yield f"GRANT INSERT ({', '.join(names)}) ON trail_entries TO {_quote(user)}"
    for user in (web, worker):
        yield f"REVOKE INSERT ON trail_links FROM {_quote(user)}"
    yield f"GRANT USAGE ON SCHEMA public TO {_quote(live)}"
    for table, names in READ_BY_LIVE.items():
        yield f"GRANT SELECT ({', '.join(map(_quote, names))}) ON {_quote(table)} TO {_quote(live)}"
    # Reads everything, sealed as it is; writes when it was here.
    yield f"GRANT USAGE ON SCHEMA public TO {_quote(backup)}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {_quote(backup)}"
    yield f"GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {_quote(backup)}"
    yield f"GRANT UPDATE (backed_up_at) ON installation TO {_quote(backup)}"
