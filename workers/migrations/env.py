"""Alembic's entry: runs inside the connection that `workers.database` hands over, in its transaction."""

from alembic import context

from workers.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
