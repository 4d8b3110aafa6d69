"""what changes in a group order counts in its company's version"""

from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None

TRIGGER = "tally_cohort_rows_changed"
STATEMENT = (
    "INSERT INTO company_tallies (company_id, subject, number, is_base)"
    " SELECT c.company_id, 'version', 1, false FROM cohorts c WHERE c.id = NEW.cohort_id;"
)


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {TRIGGER} AFTER UPDATE ON cohort_rows BEGIN {STATEMENT} END")
        return
    op.execute(
        f"CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {STATEMENT} RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {TRIGGER} AFTER UPDATE ON cohort_rows FOR EACH ROW EXECUTE FUNCTION {TRIGGER}()"
    )


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {TRIGGER}" + ("" if is_sqlite else " ON cohort_rows"))
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {TRIGGER}()")
