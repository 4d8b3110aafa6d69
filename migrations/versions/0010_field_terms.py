"""field terms for the columns of orphans"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

RENAMED = {"sightings": "observations", "told_at": "end_sent_at"}


def upgrade() -> None:
    for old, new in RENAMED.items():
        op.alter_column("orphans", old, new_column_name=new)


def downgrade() -> None:
    for old, new in RENAMED.items():
        op.alter_column("orphans", new, new_column_name=old)
