"""indexes for what lists show, filter and sort by, inside each company"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

NEWEST = ["created_at", "id"]
INDEXES = {
    "workspaces": {
        "ix_workspaces_errors": ["company_id", "listed_state", "error_at", "id"],
        "ix_workspaces_job": ["company_id", "job_posting_id", *NEWEST],
        "ix_workspaces_account": ["company_id", "credential_id", *NEWEST],
        "ix_workspaces_cloud": ["company_id", "cloud_provider", *NEWEST],
        "ix_workspaces_person": ["company_id", "person_key", "id"],
        "ix_workspaces_job_key": ["company_id", "job_key", "id"],
        "ix_workspaces_account_key": ["company_id", "account_key", "id"],
        "ix_workspaces_username": ["company_id", "username_key", "id"],
        "ix_workspaces_bundle": ["company_id", "bundle_key", "id"],
        "ix_workspaces_available": ["company_id", "available_at", "id"],
        "ix_workspaces_waits": ["company_id", "bundle_id", "available_at", "id"],
        "ix_workspaces_ended": ["company_id", "terminated_at", "id"],
    },
    "applications": {
        "ix_applications_status": ["company_id", "status", *NEWEST],
        "ix_applications_unserved": ["company_id", "status", "desktop", "decided_at", "id"],
        "ix_applications_job_unserved": ["company_id", "job_posting_id", "status", "desktop", "id"],
        "ix_applications_job": ["company_id", "job_posting_id", "status", *NEWEST],
    },
    "job_postings": {"ix_job_postings_company_created": ["company_id", *NEWEST]},
    "orphans": {"ix_orphans_company_status": ["company_id", "status", "id"]},
    "webhook_deliveries": {
        "ix_webhook_deliveries_endpoint_id_id": ["endpoint_id", "id"],
        "ix_webhook_deliveries_status": ["endpoint_id", "status", "id"],
    },
}
CURRENT = "listed_state != 'TERMINATED'"
KEYS = {
    "username_key": ("VARCHAR(128)", "username"),
    "bundle_key": ("VARCHAR(160)", "bundle_name"),
    "search_text": (
        "TEXT",
        "coalesce(person_key, '') || ' ' || coalesce(person_email, '') || ' ' || username || ' ' ||"
        " bundle_name || ' ' || coalesce(cloud_workspace_id, '')",
    ),
}
"""In small letters, for order and search: no index over an expression can be compared with the models."""
COPIES = {
    "job_posting_id": "a.job_posting_id",
    "person_key": "lower(u.name)",
    "person_email": "lower(u.email)",
    "job_key": "lower(p.title)",
    "account_key": "lower(c.name)",
}
"""What lists need of a workspace's application and person."""
OF_ROW = (
    "FROM applications a JOIN users u ON u.id = a.seeker_id JOIN job_postings p ON p.id = a.job_posting_id"
    " JOIN cloud_credentials c ON c.id = {0}.credential_id WHERE a.id = {0}.application_id"
)
FILL = "UPDATE workspaces SET " + ", ".join(
    f"{column} = (SELECT {value} {OF_ROW.format('workspaces')})" for column, value in COPIES.items()
)
RENAMED = {
    "users": (
        "name, email",
        "UPDATE workspaces SET person_key = lower(NEW.name), person_email = lower(NEW.email)"
        " WHERE application_id IN (SELECT id FROM applications WHERE seeker_id = NEW.id);",
    ),
    "job_postings": (
        "title",
        "UPDATE workspaces SET job_key = lower(NEW.title)"
        " WHERE company_id = NEW.company_id AND job_posting_id = NEW.id;",
    ),
    "cloud_credentials": (
        "name",
        "UPDATE workspaces SET account_key = lower(NEW.name)"
        " WHERE company_id = NEW.company_id AND credential_id = NEW.id;",
    ),
}


def upgrade() -> None:
    op.add_column("workspaces", sa.Column("job_posting_id", sa.Integer(), nullable=True))
    op.add_column("workspaces", sa.Column("person_key", sa.String(length=120), nullable=True))
    op.add_column("workspaces", sa.Column("person_email", sa.String(length=254), nullable=True))
    op.add_column("workspaces", sa.Column("job_key", sa.String(length=120), nullable=True))
    op.add_column("workspaces", sa.Column("account_key", sa.String(length=80), nullable=True))
    op.execute(FILL)
    kind = "VIRTUAL" if op.get_bind().dialect.name == "sqlite" else "STORED"
    for key, (of_type, text) in KEYS.items():
        op.execute(
            f"ALTER TABLE workspaces ADD COLUMN {key} {of_type} GENERATED ALWAYS AS (lower({text})) {kind}"
        )
    for table, indexes in INDEXES.items():
        for name, columns in indexes.items():
            op.create_index(name, table, columns)
    op.create_index(
        "ix_workspaces_current",
        "workspaces",
        ["company_id", *NEWEST],
        sqlite_where=sa.text(CURRENT),
        postgresql_where=sa.text(CURRENT),
    )
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER copy_person AFTER INSERT ON workspaces BEGIN {FILL} WHERE id = NEW.id; END"
        )
        for table, (columns, statement) in RENAMED.items():
            op.execute(
                f"CREATE TRIGGER renamed_{table} AFTER UPDATE OF {columns} ON {table} BEGIN {statement} END"
            )
        return
    into = f"SELECT {', '.join(COPIES.values())} INTO {', '.join(f'NEW.{one}' for one in COPIES)}"
    _function("copy_person", f"{into} {OF_ROW.format('NEW')}; RETURN NEW;")
    op.execute(
        "CREATE TRIGGER copy_person BEFORE INSERT ON workspaces FOR EACH ROW EXECUTE FUNCTION copy_person()"
    )
    for table, (columns, statement) in RENAMED.items():
        name = f"renamed_{table}"
        _function(name, f"{statement} RETURN NULL;")
        op.execute(
            f"CREATE TRIGGER {name} AFTER UPDATE OF {columns} ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


def _function(name: str, body: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    triggers = [("copy_person", "workspaces"), *((f"renamed_{table}", table) for table in RENAMED)]
    for name, table in triggers:
        op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP TRIGGER {name} ON {table}")
        if not is_sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_index("ix_workspaces_current", "workspaces")
    for table, indexes in INDEXES.items():
        for name in indexes:
            op.drop_index(name, table)
    for key in KEYS:
        op.drop_column("workspaces", key)
    for column in COPIES:
        op.drop_column("workspaces", column)
