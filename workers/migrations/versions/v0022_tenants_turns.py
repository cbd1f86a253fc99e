"""When each tenant had its last turn, so that tenants take turns whatever the length of their queues."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "turns",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("at", sa.Double, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("turns")
