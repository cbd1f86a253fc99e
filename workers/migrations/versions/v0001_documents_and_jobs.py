"""Documents, their jobs, the jobs' finished pages, the workers, and who owns which blob."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("pages", sa.String(255)),
        sa.Column("tags", sa.JSON, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("upload_key", sa.String(255), nullable=False),
        sa.Column("idempotency_key", sa.String(255)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.UniqueConstraint("tenant", "idempotency_key", name="uq_documents_idempotency"),
    )
    op.create_index("ix_documents_list", "documents", ["tenant", "id"])
    op.create_index("ix_documents_fingerprint", "documents", ["tenant", "fingerprint"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("document_id", sa.String(32), sa.ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("lease", sa.String(32)),
        sa.Column("lease_until", sa.Double),
        sa.Column("not_before", sa.Double, nullable=False),
        sa.Column("queued", sa.Double, nullable=False),
        sa.Column("started", sa.Double),
        sa.Column("ended", sa.Double),
        sa.Column("worked", sa.Double, nullable=False),
        sa.Column("n_pages", sa.Integer),
        sa.Column("pages_total", sa.Integer),
        sa.Column("pages_done", sa.Integer, nullable=False),
        sa.Column("error_code", sa.String(32)),
        sa.Column("error_detail", sa.String(500)),
        sa.Column("password", sa.LargeBinary),
        sa.Column("result_key", sa.String(255)),
        sa.UniqueConstraint("document_id", "version", name="uq_jobs_version"),
    )
    op.create_index("ix_jobs_claim", "jobs", ["state", "lease_until"])
    op.create_index("ix_jobs_tenant", "jobs", ["tenant", "state"])
    op.create_table(
        "checkpoints",
        sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("error_code", sa.String(32)),
    )
    op.create_table(
        "beats",
        sa.Column("worker", sa.String(32), primary_key=True),
        sa.Column("seen", sa.Double, nullable=False),
        sa.Column("processes", sa.Integer, nullable=False),
    )
    op.create_table(
        "blobs",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("owners", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    for table in ("blobs", "beats", "checkpoints", "jobs", "documents"):
        op.drop_table(table)
