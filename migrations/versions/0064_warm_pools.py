"""warm pools, and their desktops"""

import sqlalchemy as sa
from alembic import op

import webapp.database

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

POOLS, DESKTOPS = "warm_pools", "pool_desktops"
STATES = ("intent", "making", "ready", "claimed", "taken", "ending", "gone")
CLOUD_STATES = (
    *("pending", "available", "starting", "stopping", "stopped", "restarting", "unhealthy", "maintenance"),
    *("suspended", "error", "terminating", "unknown"),
)


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, webapp.database.UtcDateTime(timezone=True), nullable=nullable)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def upgrade() -> None:
    op.create_table(
        POOLS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("bundle_id", sa.String(120), nullable=False),
        sa.Column("bundle_name", sa.String(160), nullable=False),
        sa.Column("floor", sa.Integer(), nullable=False),
        sa.Column("ceiling", sa.Integer(), nullable=False),
        sa.Column("waits_running", sa.Boolean(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=True),
        sa.Column("budget_minor", sa.BigInteger(), nullable=True),
        sa.Column("month_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("price_currency", sa.String(3), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        _moment("kept_at"),
        sa.Column("failures", sa.Integer(), nullable=False),
        _moment("failed_at"),
        sa.Column("stopped_code", sa.String(64), nullable=True),
        sa.Column("stopped_detail", sa.String(300), nullable=True),
        _moment("stopped_at"),
        _moment("created_at", nullable=False),
        _moment("updated_at", nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("floor >= 0 AND ceiling >= floor", name=op.f(f"ck_{POOLS}_floor_below_ceiling")),
        sa.CheckConstraint(
            "(stopped_code IS NULL) = (stopped_at IS NULL)", name=op.f(f"ck_{POOLS}_stop_pair")
        ),
        sa.CheckConstraint("(failures = 0) = (failed_at IS NULL)", name=op.f(f"ck_{POOLS}_failures_dated")),
        _key(POOLS, "company_id", "companies"),
        _key(POOLS, "credential_id", "cloud_credentials"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{POOLS}")),
        sa.UniqueConstraint("credential_id", "bundle_id", name=op.f(f"uq_{POOLS}_credential_id_bundle_id")),
    )
    op.create_index(op.f(f"ix_{POOLS}_company_id"), POOLS, ["company_id"])
    _create_desktops()


def _create_desktops() -> None:
    op.create_table(
        DESKTOPS,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(32), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(64), nullable=False),
        sa.Column("bundle_id", sa.String(120), nullable=False),
        sa.Column("cloud_workspace_id", sa.String(120), nullable=False),
        sa.Column("image", sa.String(200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                *STATES,
                name=op.f("ck_pool_desktops_poolstate"),
                native_enum=False,
                length=24,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("workspace_id", sa.Integer(), nullable=True),
        _moment("claimed_at"),
        _moment("issued_at", nullable=False),
        sa.Column("password_seed", sa.String(64), nullable=True),
        sa.Column(
            "cloud_state",
            sa.Enum(
                *CLOUD_STATES,
                name=op.f("ck_pool_desktops_cloudstate"),
                native_enum=False,
                length=24,
                create_constraint=True,
            ),
            nullable=True,
        ),
        _moment("cloud_state_at"),
        sa.Column("cloud_word", sa.String(40), nullable=True),
        _moment("observed_at"),
        _moment("ready_at"),
        sa.Column("absent_count", sa.Integer(), nullable=False),
        _moment("absent_first_at"),
        _moment("absent_last_at"),
        sa.Column("is_surplus", sa.Boolean(), nullable=False),
        sa.Column("error_code", sa.String(64), nullable=True),
        sa.Column("error_detail", sa.String(300), nullable=True),
        _moment("error_at"),
        _moment("created_at", nullable=False),
        _moment("ended_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_checks(),
        _key(DESKTOPS, "pool_id", "warm_pools"),
        _key(DESKTOPS, "company_id", "companies"),
        _key(DESKTOPS, "credential_id", "cloud_credentials"),
        _key(DESKTOPS, "workspace_id", "workspaces"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{DESKTOPS}")),
        sa.UniqueConstraint("uid", name=op.f(f"uq_{DESKTOPS}_uid")),
        sa.UniqueConstraint("workspace_id", name=op.f(f"uq_{DESKTOPS}_workspace_id")),
        sa.UniqueConstraint(
            "account_id", "cloud_workspace_id", name=op.f(f"uq_{DESKTOPS}_account_id_cloud_workspace_id")
        ),
    )
    op.create_index(op.f(f"ix_{DESKTOPS}_company_id"), DESKTOPS, ["company_id"])
    op.create_index(f"ix_{DESKTOPS}_pool_id_state", DESKTOPS, ["pool_id", "state"])
    op.create_index(f"ix_{DESKTOPS}_credential_id_state", DESKTOPS, ["credential_id", "state"])
    ready = sa.text("state = 'ready'")
    op.create_index(
        f"ix_{DESKTOPS}_ready",
        DESKTOPS,
        ["credential_id", "bundle_id", "ready_at", "id"],
        sqlite_where=ready,
        postgresql_where=ready,
    )


def _checks() -> list[sa.CheckConstraint]:
    conditions = {
        "ready_has_a_time": "state != 'ready' OR ready_at IS NOT NULL",
        "claimed_by_a_workspace": "(state = 'claimed') = (workspace_id IS NOT NULL)",
        "claim_pair": "(workspace_id IS NULL) = (claimed_at IS NULL)",
        "error_pair": "(error_code IS NULL) = (error_at IS NULL)",
        "gone_has_a_time": "(state = 'gone') = (ended_at IS NOT NULL)",
    }
    return [sa.CheckConstraint(one, name=op.f(f"ck_{DESKTOPS}_{name}")) for name, one in conditions.items()]


def downgrade() -> None:
    op.drop_table(DESKTOPS)
    op.drop_table(POOLS)
