"""an index for searching inside words on PostgreSQL, where its extension may be installed"""

from alembic import op
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INDEX = "ix_workspaces_search"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        return
    try:
        # Part of PostgreSQL, but a package of its own in places, and not everybody may add it.
        with connection.begin_nested():
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError:
        return  # a search reads the company's rows then
    op.execute(f"CREATE INDEX {INDEX} ON workspaces USING gin (search_text gin_trgm_ops)")


def downgrade() -> None:
    # The extension stays: somebody else may use it.
    op.execute(f"DROP INDEX IF EXISTS {INDEX}")
