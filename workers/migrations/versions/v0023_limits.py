"""Limits of API keys, and the pages read for each of them a day."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("rate", "pages_a_day", "max_waiting"):
        op.add_column("api_keys", sa.Column(name, sa.Integer))
    op.add_column("documents", sa.Column("key_id", sa.String(8)))
    op.create_table(
        "usage",
        sa.Column("key_id", sa.String(8), primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("pages", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("usage")
    op.drop_column("documents", "key_id")
    for name in ("max_waiting", "pages_a_day", "rate"):
        op.drop_column("api_keys", name)
