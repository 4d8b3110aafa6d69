"""how a desktop's newest stop by its hours goes"""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

HIBERNATION = """
ALTER TABLE workspaces ADD COLUMN hibernation VARCHAR(24)
CONSTRAINT ck_workspaces_hibernation CHECK (hibernation IN ('asked', 'failed'))
"""
"""A plain column with its check: batch mode would make the table again, without its triggers."""


def upgrade() -> None:
    op.execute(HIBERNATION)


def downgrade() -> None:
    op.drop_column("workspaces", "hibernation")
