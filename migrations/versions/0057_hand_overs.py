"""a desktop that takes over from another one; one that moves to another contract of its person"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

LINKS = ("replaces_id", "replaced_by_id")
MOVED = "moved_workspaces"
COPIES = {
    "job_posting_id": "a.job_posting_id",
    "person_key": "lower(u.name)",
    "person_email": "lower(u.email)",
    "job_key": "lower(p.title)",
}
"""As `copy_person` writes them for a new row (0018)."""
OF_ROW = (
    "FROM applications a JOIN users u ON u.id = a.seeker_id JOIN job_postings p ON p.id = a.job_posting_id"
    " WHERE a.id = NEW.application_id"
)
LIVE = "(w.phase NOT IN ('gone', 'create_failed') OR w.requested_action = 'retry')"
OWN = "SELECT 1 FROM workspaces w WHERE w.application_id = applications.id"
DESKTOP = f"""CASE
 WHEN EXISTS ({OWN} AND {LIVE}) THEN 'live'
 WHEN EXISTS ({OWN} AND w.phase = 'create_failed' AND w.listed_state IS NOT NULL) THEN 'failed'
 ELSE 'none' END"""
"""As in 0017."""
STATEMENTS = (
    "UPDATE workspaces SET "
    + ", ".join(f"{column} = (SELECT {value} {OF_ROW})" for column, value in COPIES.items())
    + " WHERE id = NEW.id;"
    f" UPDATE applications SET desktop = {DESKTOP}"
    f" WHERE applications.id IN (OLD.application_id, NEW.application_id) AND desktop <> {DESKTOP};"
    " INSERT INTO company_tallies (company_id, subject, number, is_base)"
    " VALUES (NEW.company_id, 'version', 1, false);"
)


def upgrade() -> None:
    for column in LINKS:
        op.add_column("workspaces", sa.Column(column, sa.Integer(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {MOVED} AFTER UPDATE OF application_id ON workspaces"
            f" WHEN OLD.application_id <> NEW.application_id BEGIN {STATEMENTS} END"
        )
        return
    op.execute(
        f"CREATE FUNCTION {MOVED}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {STATEMENTS} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {MOVED} AFTER UPDATE OF application_id ON workspaces FOR EACH ROW"
        f" WHEN (OLD.application_id <> NEW.application_id) EXECUTE FUNCTION {MOVED}()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {MOVED}" + ("" if is_sqlite else " ON workspaces"))
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {MOVED}()")
    for column in LINKS:
        op.drop_column("workspaces", column)
