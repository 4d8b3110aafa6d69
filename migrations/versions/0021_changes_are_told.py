"""PostgreSQL tells the process `live` of changes, in their transaction; on SQLite it reads them"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

TRIGGERS = {
    "tell_events": (
        "events",
        "true",
        """PERFORM pg_notify('berth_live', NEW.company_id || ' ' || NEW.workspace_id || ' ' || a.seeker_id)
           FROM workspaces w JOIN applications a ON a.id = w.application_id WHERE w.id = NEW.workspace_id""",
    ),
    "tell_company_tallies": (
        "company_tallies",
        "NEW.subject = 'version' AND NOT NEW.is_base",
        "PERFORM pg_notify('berth_live', NEW.company_id::text)",
    ),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, (table, condition, statement) in TRIGGERS.items():
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN {statement}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER INSERT ON {table} FOR EACH ROW WHEN ({condition})"
            f" EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for name, (table, *_) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
