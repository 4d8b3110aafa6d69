"""users that Berth makes in directories, orders that ask for one, and why an order waits"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

STATES = ("none", "intent", "made", "found", "failed")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Plain columns: batch mode would make the table again, and other tables refer to it.
    op.add_column(
        "workspaces", sa.Column("creates_user", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("workspaces", sa.Column("waiting_code", sa.String(length=64), nullable=True))
    op.create_table(
        "directory_users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("slot", sa.String(length=400), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("mark", sa.String(length=120), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES,
                name=op.f("ck_directory_users_directoryuserstate"),
                native_enum=False,
                length=24,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("cloud_user_id", sa.String(length=200), nullable=True),
        sa.Column("intent_at", MOMENT, nullable=True),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("sealed_password", sa.Text(), nullable=True),
        sa.Column("password_asked_at", MOMENT, nullable=True),
        sa.Column("password_set_at", MOMENT, nullable=True),
        sa.Column("password_failure", sa.String(length=64), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('intent', 'made') OR intent_at IS NOT NULL",
            name=op.f("ck_directory_users_what_was_made_was_intended"),
        ),
        sa.CheckConstraint(
            "(state = 'made') = (made_at IS NOT NULL)", name=op.f("ck_directory_users_made_has_a_time")
        ),
        *_references(),
        sa.PrimaryKeyConstraint("id", name="pk_directory_users"),
        sa.UniqueConstraint("slot", name="uq_directory_users_slot"),
        sa.UniqueConstraint("mark", name="uq_directory_users_mark"),
    )
    on_its_way = sa.text("sealed_password IS NOT NULL")
    op.create_index(
        "ix_directory_users_sealed",
        "directory_users",
        ["id"],
        sqlite_where=on_its_way,
        postgresql_where=on_its_way,
    )
    for column in ("company_id", "workspace_id", "person_id"):
        op.create_index(f"ix_directory_users_{column}", "directory_users", [column])


def _references() -> list[sa.ForeignKeyConstraint]:
    wanted = (
        ("company_id", "companies", "RESTRICT"),
        ("credential_id", "cloud_credentials", "RESTRICT"),
        ("workspace_id", "workspaces", "RESTRICT"),
        ("person_id", "users", "SET NULL"),
    )
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{table}.id"], name=f"fk_directory_users_{column}_{table}", ondelete=then
        )
        for column, table, then in wanted
    ]


def downgrade() -> None:
    op.drop_table("directory_users")
    op.drop_column("workspaces", "waiting_code")
    op.drop_column("workspaces", "creates_user")
