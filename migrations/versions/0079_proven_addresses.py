"""when a person has proven the e-mail address; whoever has an account today has"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("email_proven_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE users SET email_proven_at = created_at WHERE removed_at IS NULL")


def downgrade() -> None:
    op.drop_column("users", "email_proven_at")
