"""when a person's account was removed; who caused an event, as a person whose address may change"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

PEOPLE = sa.text("actor_id IS NOT NULL")
INDEXES = {
    "ix_mails_address": ("mails", ["address"]),
    "ix_invitations_email": ("invitations", ["email"]),
    "ix_invitations_accepted_by_id": ("invitations", ["accepted_by_id"]),
    "ix_cohort_rows_application_id": ("cohort_rows", ["application_id"]),
}
# Once, so in one statement: the labels of everybody, and each event once.
FILL = """
UPDATE events SET actor_id = known.user_id FROM (
  SELECT email AS label, id AS user_id FROM users
  UNION
  SELECT substr('token:' || t.name || ' (' || u.email || ')', 1, 160), u.id
  FROM api_tokens t JOIN users u ON u.id = t.user_id
) AS known WHERE known.label = events.actor
"""


def upgrade() -> None:
    op.add_column("users", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("events", sa.Column("actor_id", sa.Integer(), nullable=True))
    op.execute(FILL)
    op.create_index(
        "ix_events_actor", "events", ["actor_id", "id"], sqlite_where=PEOPLE, postgresql_where=PEOPLE
    )
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
    op.drop_index("ix_events_actor", table_name="events")
    op.drop_column("events", "actor_id")
    op.drop_column("users", "removed_at")
