"""How Alembic reaches the database: through the app's engine, in batch mode so that SQLite can alter."""

from alembic import context
from flask import current_app

from webapp.models import Base

engine = current_app.extensions["migrate"].db.engine


def run() -> None:
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            compare_type=True,
            user_module_prefix="webapp.database.",
            # Where searches have an index it is in no model: PostgreSQL's needs an extension, and SQLite's
            # is tables of its own.
            include_name=lambda name, _kind, _parents: (
                not (name or "").startswith(("ix_workspaces_search", "workspace_search"))
            ),
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Berth's migrations run against a database, not into a script.")
run()
