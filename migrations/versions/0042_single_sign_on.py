"""single sign-on: a company's issuer and proven domains, who is who there, and sessions that began so"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

ROLES = ("owner", "manager", "recruiter", "finance", "auditor")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _add_identity_providers()
    _add_company_domains()
    _add_identities()
    op.create_table(
        "used_sign_ons",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name="pk_used_sign_ons"),
    )
    op.create_index("ix_used_sign_ons_expires_at", "used_sign_ons", ["expires_at"])
    op.add_column(
        "user_sessions",
        sa.Column("is_by_single_sign_on", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("user_sessions", "is_by_single_sign_on")
    op.drop_table("used_sign_ons")
    op.drop_table("identities")
    op.drop_table("company_domains")
    op.drop_table("identity_providers")


def _add_identity_providers() -> None:
    op.create_table(
        "identity_providers",
        sa.Column("company_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("sealed_secret", sa.String(length=1000), nullable=True),
        sa.Column("authorization_endpoint", sa.String(length=500), nullable=False),
        sa.Column("token_endpoint", sa.String(length=500), nullable=False),
        sa.Column("jwks_uri", sa.String(length=500), nullable=False),
        sa.Column("sends_secret_in_body", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column(
            "default_role",
            sa.Enum(
                *ROLES,
                name=op.f("ck_identity_providers_companyrole"),
                native_enum=False,
                length=24,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("is_demanded", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("emergency_user_id", sa.Integer(), nullable=True),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("succeeded_at", MOMENT, nullable=True),
        sa.CheckConstraint("default_role != 'owner'", name=op.f("ck_identity_providers_no_owner_by_default")),
        sa.CheckConstraint(
            "NOT is_demanded OR emergency_user_id IS NOT NULL",
            name=op.f("ck_identity_providers_demanded_with_emergency"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name="fk_identity_providers_company_id_companies",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["emergency_user_id"],
            ["users.id"],
            name="fk_identity_providers_emergency_user_id_users",
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("company_id", name="pk_identity_providers"),
    )
    op.create_index("ix_identity_providers_emergency_user_id", "identity_providers", ["emergency_user_id"])


def _add_company_domains() -> None:
    op.create_table(
        "company_domains",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("challenge", sa.String(length=64), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("verified_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name="fk_company_domains_company_id_companies",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_company_domains"),
        sa.UniqueConstraint("company_id", "domain", name="uq_company_domains_company_id_domain"),
    )
    op.create_index("ix_company_domains_company_id", "company_domains", ["company_id"])
    op.create_index(
        "ix_company_domains_verified",
        "company_domains",
        ["domain"],
        unique=True,
        sqlite_where=sa.text("verified_at IS NOT NULL"),
        postgresql_where=sa.text("verified_at IS NOT NULL"),
    )


def _add_identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_identities_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identities_issuer_subject"),
        sa.UniqueConstraint("user_id", "issuer", name="uq_identities_user_id_issuer"),
    )
