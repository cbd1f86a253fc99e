"""The tables of the database. A change here needs a migration in workers/migrations/versions.

Times are seconds since 1970 (UTC) as the hosts' clocks have them; hosts of one service keep their
clocks in step.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # UUID version 7: sorts by time of arrival
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("filename", sa.String(255), nullable=False),
    sa.Column("pages", sa.String(255)),
    sa.Column("tags", sa.JSON, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("upload_key", sa.String(255), nullable=False),
    sa.Column("idempotency_key", sa.String(255)),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # of content and options
    sa.Column("callback_url", sa.String(2000)),
    sa.Column("repair", sa.Boolean),  # whether sums may correct doubtful numbers; None: yes
    sa.Column("key_id", sa.String(8)),  # whose quotas its pages count for
    sa.Column("formats", sa.String(64)),  # in which the result is stored ahead of time, beside JSON
    sa.UniqueConstraint("tenant", "idempotency_key", name="uq_documents_idempotency"),
    sa.Index("ix_documents_list", "tenant", "id"),
    sa.Index("ix_documents_fingerprint", "tenant", "fingerprint"),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("document_id", sa.String(32), sa.ForeignKey("documents.id", ondelete="CASCADE"), nullable=False),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("engine", sa.String(64), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("stage", sa.String(16), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),  # times a worker began it, or began again after a loss
    sa.Column("losses", sa.Integer, nullable=False),  # workers lost while they held it
    sa.Column("lease", sa.String(32)),  # who may write about it; None between turns
    sa.Column("lease_until", sa.Double),
    sa.Column("not_before", sa.Double, nullable=False),
    sa.Column("queued", sa.Double, nullable=False),
    sa.Column("started", sa.Double),
    sa.Column("ended", sa.Double),
    sa.Column("worked", sa.Double, nullable=False),  # seconds of turns so far
    sa.Column("n_pages", sa.Integer),  # of the whole document
    sa.Column("pages_total", sa.Integer),  # asked for
    sa.Column("pages_done", sa.Integer, nullable=False),
    sa.Column("error_code", sa.String(32)),
    sa.Column("error_detail", sa.String(500)),
    sa.Column("password", sa.LargeBinary),  # encrypted, gone when the job ends
    sa.Column("result_key", sa.String(255)),
    sa.UniqueConstraint("document_id", "version", name="uq_jobs_version"),
    sa.Index("ix_jobs_claim", "state", "lease_until"),
    sa.Index("ix_jobs_tenant", "tenant", "state"),
)

# Finished pages of unfinished jobs, so that a job that lost its worker goes on where it stopped.
checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("error_code", sa.String(32)),  # why the page was given up
)

# Pages as they are shown, as PNGs.
page_pictures = sa.Table(
    "page_pictures",
    metadata,
    sa.Column("document_id", sa.String(32), sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(255), nullable=False),
)

# Results stored in further formats.
exports = sa.Table(
    "exports",
    metadata,
    sa.Column("job_id", sa.String(32), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("format", sa.String(8), primary_key=True),
    sa.Column("key", sa.String(255), nullable=False),
)

# What has happened since the database was made; workers.counters says what.
counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("label", sa.String(64), primary_key=True),
    sa.Column("value", sa.Double, nullable=False),
)

# The outbox: what is still to be told to callback addresses, written with the state that it tells.
deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # the same at every attempt
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(16), nullable=False),  # document or batch
    sa.Column("subject_id", sa.String(32), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Double, nullable=False),
    sa.Column("lease", sa.String(32)),  # whose attempt is under way
    sa.Column("lease_until", sa.Double),
    sa.Column("status", sa.Integer),  # the last answer's
    sa.Column("error_code", sa.String(32)),  # why the last attempt failed
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("ended", sa.Double),
    sa.UniqueConstraint("subject", "subject_id", "version", name="uq_deliveries_version"),
    sa.Index("ix_deliveries_due", "state", "next_at"),
)

# Workers that have loaded their models, and when each was last heard of.
beats = sa.Table(
    "beats",
    metadata,
    sa.Column("worker", sa.String(32), primary_key=True),
    sa.Column("seen", sa.Double, nullable=False),
    sa.Column("processes", sa.Integer, nullable=False),
)

api_keys = sa.Table(
    "api_keys",
    metadata,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("revoked", sa.Double),
    sa.Column("rate", sa.Integer),  # requests a minute; this and what follows: None for no limit
    sa.Column("pages_a_day", sa.Integer),
    sa.Column("max_waiting", sa.Integer),  # documents that wait or run at once
)

# Pages that were read for each key on each day (since 1970, UTC).
usage = sa.Table(
    "usage",
    metadata,
    sa.Column("key_id", sa.String(8), primary_key=True),
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("pages", sa.Integer, nullable=False),
)

# When what any worker may do was last done.
chores = sa.Table(
    "chores",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
)

# When each tenant had its last turn.
turns = sa.Table(
    "turns",
    metadata,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
)

# Archives and lists of documents that are watched, fetched and erased as one.
batches = sa.Table(
    "batches",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),  # archive, list or reprocess
    sa.Column("filename", sa.String(255)),  # the archive's
    sa.Column("sha256", sa.String(64)),
    sa.Column("size", sa.BigInteger),
    sa.Column("upload_key", sa.String(255)),  # the archive, until it is unpacked
    sa.Column("options", sa.JSON, nullable=False),  # of each member's document
    sa.Column("password", sa.LargeBinary),  # encrypted, gone when the archive is unpacked
    sa.Column("callback_url", sa.String(2000)),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("entries", sa.Integer, nullable=False),  # of the archive that were dealt with
    sa.Column("unpacked", sa.Double),  # when all of them were
    sa.Column("cancelled", sa.Double),
    sa.Column("deleted", sa.Double),  # it is being erased
    sa.Column("takes_documents", sa.Boolean, nullable=False),  # whether its documents are erased with it
    sa.Column("ended", sa.Double),  # its end was announced
    sa.Column("error_code", sa.String(32)),  # why unpacking was given up
    sa.Column("error_detail", sa.String(500)),
    sa.Column("lease", sa.String(32)),  # of the worker that unpacks
    sa.Column("lease_until", sa.Double),
    sa.Column("not_before", sa.Double, nullable=False),
    sa.Column("losses", sa.Integer, nullable=False),
    sa.Column("idempotency_key", sa.String(255)),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.UniqueConstraint("tenant", "idempotency_key", name="uq_batches_idempotency"),
    sa.Index("ix_batches_list", "tenant", "id"),
    sa.Index("ix_batches_open", "ended", "deleted"),
)

# What lies in a batch, in its own order: a document, or something that was left out with the reason.
batch_members = sa.Table(
    "batch_members",
    metadata,
    sa.Column("batch_id", sa.String(32), sa.ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(1000), nullable=False),  # its path in the archive
    sa.Column("document_id", sa.String(32), sa.ForeignKey("documents.id", ondelete="SET NULL")),
    sa.Column("error_code", sa.String(32)),  # why it was left out
    sa.Column("error_detail", sa.String(500)),
    sa.Index("ix_batch_members_document", "document_id"),
)

# How many documents and results own a blob; the last one to go takes the blob along.
blobs = sa.Table(
    "blobs",
    metadata,
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("owners", sa.Integer, nullable=False),
)
