"""the look of a company's name, so that no other looks like it; links with which a company is founded"""

import sqlalchemy as sa
from alembic import op

from webapp.domain.company_names import LOOK_LENGTH, look_of

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "companies", sa.Column("look", sa.String(length=LOOK_LENGTH), nullable=False, server_default="")
    )
    _fill(op.get_bind())
    # Not unique: companies of before may look alike.
    op.create_index("ix_companies_look", "companies", ["look"])
    op.create_table(
        "set_up_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name="fk_set_up_links_company_id_companies", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_set_up_links"),
        sa.UniqueConstraint("token_hash", name="uq_set_up_links_token_hash"),
    )


def downgrade() -> None:
    op.drop_table("set_up_links")
    op.drop_index("ix_companies_look", table_name="companies")
    op.drop_column("companies", "look")


def _fill(connection: sa.Connection) -> None:
    companies = sa.table("companies", sa.column("id"), sa.column("name"), sa.column("look"))
    for company_id, name in connection.execute(sa.select(companies.c.id, companies.c.name)).all():
        connection.execute(
            sa.update(companies).where(companies.c.id == company_id).values(look=look_of(name))
        )
