"""Batches of documents and what lies in them."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("filename", sa.String(255)),
        sa.Column("sha256", sa.String(64)),
        sa.Column("size", sa.BigInteger),
        sa.Column("upload_key", sa.String(255)),
        sa.Column("options", sa.JSON, nullable=False),
        sa.Column("password", sa.LargeBinary),
        sa.Column("callback_url", sa.String(2000)),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("entries", sa.Integer, nullable=False),
        sa.Column("unpacked", sa.Double),
        sa.Column("cancelled", sa.Double),
        sa.Column("deleted", sa.Double),
        sa.Column("takes_documents", sa.Boolean, nullable=False),
        sa.Column("ended", sa.Double),
        sa.Column("error_code", sa.String(32)),
        sa.Column("error_detail", sa.String(500)),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("not_before", sa.Double, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_batches_idempotency"),
    )
    op.create_index("ix_batches_list", "batches", ["tenant", "id"])
    op.create_index("ix_batches_open", "batches", ["ended", "deleted"])
    op.create_table(
        "batch_members",
        sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(1000), nullable=False),
        sa.Column("document_id", sa.String(32), sa.ForeignKey("documents.id", ondelete="SET NULL")),
        sa.Column("error_code", sa.String(32)),
        sa.Column("error_detail", sa.String(500)),
    )
    op.create_index("ix_batch_members_document", "batch_members", ["document_id"])


def downgrade() -> None:
    for table in ("batch_members", "batches"):
        op.drop_table(table)
