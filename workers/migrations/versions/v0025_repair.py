"""Whether sums may correct a document's doubtful numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("documents", sa.Column("repair", sa.Boolean))


def downgrade() -> None:
    op.drop_column("documents", "repair")
